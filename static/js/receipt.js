// Printing works only with scripts, and so does making the browser forget the page: only scripts show these buttons.
(() => {
  "use strict";
  const print = document.querySelector("[data-print]"), written = document.querySelector("[data-written-down]");
  if (!print || !written) return;
  print.hidden = written.hidden = false;
  print.addEventListener("click", () => window.print());
  written.addEventListener("click", () => {
    history.replaceState(null, "", location.href); // an entry without what was sent
    document.querySelector(".receipt-card").remove();
    print.remove();
    written.replaceWith(document.querySelector("[data-words-gone]").content);
    document.querySelector("#words-gone").focus();
  });
})();
