// Copies a box of what left, for the police's own form. Without this script, or the right to copy, there is no button,
// and a member selects the text.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) {
    const said = button.nextElementSibling;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent).then(
        () => { said.textContent = "Copied."; },
        () => { said.textContent = "Your browser did not let us copy it. Select the text and copy it yourself."; },
      );
    });
  }
})();
