// The queue: ticks all rows that are shown without loading the page again, and shows what can be done with ticked ones.
(() => {
  "use strict";
  const all = document.querySelector("[data-tick-all]");
  const bar = document.querySelector(".bulk");
  const boxes = [...document.querySelectorAll("#result_list .action-select")];
  if (!all || !bar) return;
  const toggle = document.getElementById("action-toggle"); // in the table's head: Django draws it
  const told = bar.querySelector("[data-ticked]");
  told.hidden = false;

  const count = () => {
    const ticked = boxes.map((box) => box.closest("tr")).filter((row, at) => boxes[at].checked);
    const numbers = [ticked.length, ticked.filter((row) => row.querySelector(".chip-unread")).length];
    told.querySelectorAll("b").forEach((number, at) => { number.textContent = numbers[at]; });
    bar.hidden = !ticked.length;
    toggle.checked = ticked.length === boxes.length;
    for (const box of boxes) box.closest("tr").classList.toggle("ticked", box.checked);
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
