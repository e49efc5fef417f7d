// Leave at once: the page is replaced, not left behind the Back button. Without scripts the link is a plain link.
(() => {
  "use strict";
  const link = document.querySelector("[data-exit]");
  if (!link) return;
  const PRESSES = 3, WITHIN = 5000;
  let presses = [], alone = false;
  const leave = () => {
    document.documentElement.classList.add("left");
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && (alone || !event.repeat);
    if (event.key !== "Shift") presses = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    const now = Date.now();
    presses = presses.filter((at) => now - at < WITHIN).concat(now);
    if (presses.length >= PRESSES) leave();
  });
  document.querySelectorAll("[data-with-scripts]").forEach((part) => { part.hidden = false; });
})();
