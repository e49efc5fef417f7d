// Once the desk is locked in one tab, or its member signs out there, the other tabs ask for their pages again, and show
// nothing of a tip any more; a picture opened by itself stays. What was typed is a draft by then, as a tab keeps it when
// another comes before it; what could not be kept is asked about first.
//
// A page that answers a form becomes an entry of the history that holds nothing of it: six words, a code or a password
// would lie in the browser's files, and a reload would act with them once more.
(() => {
  "use strict";
  const forget = () => history.replaceState(history.state, "", location.href);
  forget();
  window.addEventListener("submit", forget); // or Chromium may write what comes before it once it has been replaced
  const desk = document.querySelector("[data-desk]"), tabs = desk && new BroadcastChannel("desk");
  if (!desk) return;
  if (desk.dataset.desk === "locked") tabs.postMessage("locked");
  else tabs.addEventListener("message", () => location.replace(location.pathname + location.search));
})();
