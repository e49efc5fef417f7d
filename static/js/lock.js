// Once the desk is locked in one tab, or its member signs out there, the other tabs ask for their pages again, and show
// nothing of a tip any more; a picture opened by itself stays. What was typed is a draft by then, as a tab keeps it when
// another comes before it; what could not be kept is asked about first.
//
// Once the desk's time is over, a page is covered and not loaded again, as some forms keep no draft. What it had shown
// is in no document until its member has unlocked the desk in another tab.
//
// A page that answers a form becomes an entry of the history that holds nothing of it: six words, a code or a password
// would lie in the browser's files, and a reload would act with them once more.
(() => {
  "use strict";
  const EVERY = 1000; // milliseconds from one look at the clock to the next: a timer stands still while a machine sleeps
  const forget = () => history.replaceState(history.state, "", location.href);
  forget();
  window.addEventListener("submit", forget); // or Chromium may write what comes before it once it has been replaced
  const desk = document.querySelector("[data-desk]"), tabs = desk && new BroadcastChannel("desk");
  if (!desk) return;
  const { desk: state, member, locksIn } = desk.dataset, locks = (seconds) => Date.now() + seconds * 1000;
  tabs.postMessage({ state, member, locksIn });
  if (state !== "unlocked") return;

  const cover = document.querySelector("template[data-cover]");
  let ends = locks(locksIn), covered;
  const hide = () => {
    if (covered || Date.now() < ends) return;
    covered = { page: [...document.body.childNodes], title: document.title, top: scrollY, focus: document.activeElement };
    document.body.replaceChildren(cover.content.cloneNode(true));
    document.title = document.querySelector("h1").textContent;
  };
  const show = () => {
    if (!covered) return;
    document.body.replaceChildren(...covered.page);
    document.title = covered.title;
    covered.focus.focus();
    scrollTo(0, covered.top);
    covered = undefined;
  };
  setInterval(hide, EVERY);
  for (const event of ["focus", "pageshow"]) window.addEventListener(event, hide);
  document.addEventListener("visibilitychange", hide);
  tabs.addEventListener("message", ({ data: other }) => {
    if (other.state === "unlocked" && other.member === member) {
      ends = locks(other.locksIn);
      show();
    } else if (other.state !== "locked" || !covered) location.replace(location.pathname + location.search);
  });
})();
