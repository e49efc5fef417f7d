// The queue: ticks all rows that are shown without loading the page again, and shows what can be done with ticked ones.
(() => {
  "use strict";
  const all = document.querySelector("[data-tick-all]");
  const bar = document.querySelector(".bulk");
  const boxes = [...document.querySelectorAll("#result_list .action-select")];
  if (!all || !bar) return;
  const toggle = document.getElementById("action-toggle"); // in the table's head: Django draws it
  const told = bar.querySelector("[data-ticked]"), ROW = "#result_list tr:has(.action-select:checked)";
  told.hidden = false;

  const count = () => {
    const [ticked, unread] = [ROW, `${ROW} .chip-unread`].map((rows) => document.querySelectorAll(rows).length);
    [told.firstElementChild.textContent, told.lastElementChild.textContent] = [ticked, unread];
    bar.hidden = !ticked;
    toggle.checked = ticked === boxes.length;
  };
  const tick = (event) => {
    event.preventDefault();
    const wanted = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = wanted;
    count();
  };
  all.addEventListener("click", tick);
  toggle.addEventListener("change", tick);
  document.querySelector("#result_list tbody").addEventListener("change", count);
  bar.classList.add("follows");
  count();
})();
