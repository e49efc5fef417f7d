// Once the desk is locked in one tab, or its member signs out there, the other tabs ask for their pages again: they show
// nothing of a tip any more. What was typed is a draft by then, as a tab keeps it when another comes before it.
(() => {
  "use strict";
  const desk = document.querySelector("[data-desk]"), tabs = desk && new BroadcastChannel("desk");
  if (!desk) return;
  if (desk.dataset.desk === "locked") tabs.postMessage("locked");
  else tabs.addEventListener("message", () => location.replace(location.pathname + location.search));
})();
