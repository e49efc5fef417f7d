// Single keys for the queue and the tip page. Everything works without this script, and the keys can be turned off.
(() => {
  "use strict";
  const help = document.querySelector("[data-keys]");
  if (!help) return;
  help.hidden = false;
  if (help.dataset.keys === "off") return;

  const rows = [...document.querySelectorAll("#result_list tbody tr")];
  const link = (row) => row.querySelector(".field-reference a");
  const at = () => rows.findIndex((row) => row.contains(document.activeElement));

  const step = (by) => {
    const next = at() < 0 && by < 0 ? rows.length - 1 : at() + by;
    if (next >= 0 && next < rows.length) link(rows[next]).focus();
  };
  const tick = () => {
    const box = at() >= 0 && rows[at()].querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
  };
  const inQueue = { j: () => step(1), k: () => step(-1), x: tick };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (rows.length && inQueue[event.key]) {
      event.preventDefault();
      inQueue[event.key]();
      return;
    }
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("textarea")) wanted.focus();
    else wanted.click();
  });
})();
