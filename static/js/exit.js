// Leave at once: the page is replaced, not left behind the Back button. Without scripts the link is a plain link.
(() => {
  "use strict";
  const link = document.querySelector("[data-exit]");
  if (!link) return;
  const PRESSES = 3, WITHIN = 5000, said = document.querySelector("[data-exit-said]");
  const lamps = link.querySelector(".exit-lamps");
  let presses = [], alone = false, over = 0;
  const show = (count, text) => {
    lamps.hidden = count === 0;
    link.dataset.pressed = count;
    said.textContent = text;
  };
  const leave = () => {
    show(PRESSES, link.dataset.none);
    document.documentElement.classList.add("left");
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && (alone || !event.repeat);
    if (event.key === "Shift" || !presses.length) return;
    presses = [];
    show(0, "");
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    const now = Date.now();
    presses = presses.filter((at) => now - at < WITHIN).concat(now);
    if (presses.length >= PRESSES) return leave();
    show(presses.length, presses.length === 1 ? link.dataset.two : link.dataset.one);
    clearTimeout(over);
    over = setTimeout(() => {
      if (!presses.length) return;
      presses = [];
      show(0, link.dataset.over);
    }, presses[0] + WITHIN - now);
  });
  document.querySelectorAll("[data-with-scripts]").forEach((part) => { part.hidden = false; });
})();
