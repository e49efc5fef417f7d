// Single keys for the queue and the tip page: they move the focus, and nothing else. Saving a tip's page leaves it where
// it was scrolled to. Everything works without this script, and the keys can be turned off.
(() => {
  "use strict";
  const surface = document.querySelector(".tip-form"), PLACE = "tip-page-scrolled-to";
  if (surface) {
    const [form, top] = (sessionStorage.getItem(PLACE) || "").split(" ");
    sessionStorage.removeItem(PLACE);
    if (form === surface.action && surface.querySelector(".decision #said")) {
      window.addEventListener("load", () => requestAnimationFrame(() => window.scrollTo(0, Number(top))));
    }
    surface.addEventListener("submit", (event) => {
      if (!event.submitter || !event.submitter.hasAttribute("formaction")) {
        sessionStorage.setItem(PLACE, `${surface.action} ${window.scrollY}`);
      }
    });
  }

  const keyed = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const go = (place) => {
    const inside = place.matches("a, button, input, select, textarea") ? place : place.querySelector(":checked, input");
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const sheet = document.getElementById("work-open");
    if (sheet && place.closest(".work")) sheet.checked = true;
    if (inside) inside.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-goes]"), place = link && keyed(link.dataset.goes);
    if (!place) return;
    event.preventDefault();
    go(place);
  });

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
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const inQueue = { j: () => step(1), k: () => step(-1), x: tick };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    if (rows.length && inQueue[event.key]) {
      event.preventDefault();
      inQueue[event.key]();
      return;
    }
    const place = keyed(event.key);
    if (!place) return;
    event.preventDefault();
    go(place);
  });
})();
