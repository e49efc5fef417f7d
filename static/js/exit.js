// Leave at once, and let no page before it come back. Without scripts the link is a plain link.
(() => {
  "use strict";
  // The history has all that a form sent, on disk too: keep the address alone. Errors stay, as the only copy, and the
  // receipt until it is left (receipt.js).
  const [start] = location.pathname.match(/^(?:\/[a-z]{2})?\/(?:report|mailbox)\//) || [], receipt = document.querySelector(".receipt-page");
  const forget = (event) => { if (start && !event?.defaultPrevented) history.replaceState(null, "", location.href); };
  const [answer] = performance.getEntriesByType("navigation");
  const stays = answer && answer.responseStatus >= 400 && !document.querySelector(".write");
  if (!stays && !receipt) forget();
  window.addEventListener("submit", forget);

  // All that is stored: how often this tab was left or sent something. A page from before that shows nothing.
  const MARK = "times-left", WORDS = ".receipt-page";
  const sent = { "/report/receipt/": WORDS, "/report/words/": WORDS, "/report/photos/": WORDS, "/mailbox/reply/": ".sent" }[location.pathname.replace(/^\/[a-z]{2}(?=\/)/, "")];
  const times = () => { try { return Number(sessionStorage.getItem(MARK)); } catch { return 0; } };
  const end = () => { try { sessionStorage.setItem(MARK, times() + 1); } catch { /* nothing may be stored */ } };
  if (sent && document.querySelector(sent)) end();
  const before = times();
  window.addEventListener("pageshow", (event) => {
    if (!start || !event.persisted || times() === before) return;
    document.documentElement.classList.add("left");
    location.replace(start);
  });

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
    end();
    forget();
    if (start) history.pushState(null, "", location.href); // what lies ahead goes
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    const held = event.altKey || event.ctrlKey || event.metaKey; // as they change the keyboard's language
    alone = event.key === "Shift" && !held && (alone || !event.repeat);
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
  document.querySelectorAll("[data-without-scripts]").forEach((part) => { part.hidden = true; });
})();
