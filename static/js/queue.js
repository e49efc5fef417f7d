// The queue: ticks all rows that are shown without loading the page again, and shows what can be done with ticked ones.
(() => {
  "use strict";
  const all = document.querySelector("[data-tick-all]");
  const bar = document.querySelector(".bulk");
  const boxes = [...document.querySelectorAll("#result_list .action-select")];
  if (!all || !bar) return;
  const told = bar.querySelector("[data-ticked]");
  told.hidden = false;

  const count = () => {
    const ticked = boxes.map((box) => box.closest("tr")).filter((row, at) => boxes[at].checked);
    const numbers = [ticked.length, ticked.filter((row) => row.querySelector(".chip-unread")).length];
    told.querySelectorAll("b").forEach((number, at) => { number.textContent = numbers[at]; });
    bar.hidden = !ticked.length;
    for (const box of boxes) box.closest("tr").classList.toggle("ticked", box.checked);
  };
  all.addEventListener("click", (event) => {
    event.preventDefault();
    const tick = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
    count();
  });
  document.querySelector("#result_list").addEventListener("change", count);
  bar.classList.add("follows");
  count();
})();
