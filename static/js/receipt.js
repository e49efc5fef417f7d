// Printing works only with scripts, and so does making the browser forget the page: only scripts show these buttons.
(() => {
  "use strict";
  const forget = () => history.replaceState(null, "", location.href); // an entry without what was sent
  document.addEventListener("click", (event) => { // Back then finds the page whole, and no second entry has the words
    const link = event.target.closest("a[href]:not([target])");
    if (link?.hash && link.pathname === location.pathname) {
      event.preventDefault();
      location.replace(link.hash);
    } else if (link) forget();
  });
  const print = document.querySelector("[data-print]"), written = document.querySelector("[data-written-down]");
  if (!print || !written) return;
  print.hidden = written.hidden = false;
  print.addEventListener("click", () => window.print());
  written.addEventListener("click", () => {
    forget();
    document.querySelector(".receipt-card").remove();
    for (const box of document.getElementsByName("kept")) box.value = "yes"; // pictures can follow, without the words
    print.remove();
    written.replaceWith(document.querySelector("[data-words-gone]").content);
    document.querySelector("#words-gone").focus();
  });
})();
