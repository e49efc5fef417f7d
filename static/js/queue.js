// The queue: ticks all rows that are shown without loading the page again, and counts the ticked ones.
(() => {
  "use strict";
  const all = document.querySelector("[data-tick-all]");
  const told = document.querySelector("[data-ticked]");
  const boxes = [...document.querySelectorAll("#result_list .action-select")];
  if (!all || !told) return;

  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    told.querySelector("b").textContent = ticked;
    told.hidden = !ticked;
    for (const box of boxes) box.closest("tr").classList.toggle("ticked", box.checked);
  };
  all.addEventListener("click", (event) => {
    event.preventDefault();
    const tick = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
    count();
  });
  document.querySelector("#result_list").addEventListener("change", count);
  count();
})();
