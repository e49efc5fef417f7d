// Printing works only with scripts, and so does making the browser forget the page: only scripts show these buttons.
(() => {
  "use strict";
  const forget = () => history.replaceState(null, "", location.href); // an entry without what was sent
  const asking = new AbortController(), stop = () => asking.abort(), stay = () => { stop(); window.stop(); };
  document.addEventListener("click", (event) => { // Back then finds the page whole, and no second entry has the words
    const link = event.target.closest("a[href]:not([target])");
    if (link?.hash && link.pathname === location.pathname) {
      event.preventDefault();
      location.replace(link.hash);
    } else if (link?.protocol.startsWith("http")) { // a number to call leads nowhere
      stop();
      forget();
    }
  });
  // Leaving forgets too, but Back from the words does not, so that Forward finds them.
  const again = document.querySelector("form[data-goes-on]"), words = () => document.querySelector(".receipt-card");
  let turns = false;
  window.addEventListener("pageswap", (event) => { turns = event.activation?.navigationType === "traverse"; });
  window.addEventListener("pagehide", () => { if (again || !turns || !words()) forget(); });

  const print = document.querySelector("[data-print]"), written = document.querySelector("[data-written-down]");
  if (print && written) { // what has been written down before shows neither
    print.hidden = written.hidden = false;
    print.addEventListener("click", () => window.print());
    written.addEventListener("click", () => {
      stay();
      forget();
      words().remove();
      for (const box of document.getElementsByName("kept")) box.value = "yes"; // pictures can follow, without the words
      print.remove();
      written.replaceWith(document.querySelector("[data-words-gone]").content);
      document.querySelector("#words-gone").focus();
    });
  }

  // The history has the whole tip, or where a picture lies, and soon the disk: go on at once to the same page in an entry
  // that has none of it, if it can be had. Whoever is quicker stays here; nobody hears the page twice.
  if (!again) return;
  const main = document.querySelector("main"), LONGEST = 5000;
  for (const act of ["submit", "pagehide"]) window.addEventListener(act, stop);
  window.addEventListener("change", stay);
  asking.signal.addEventListener("abort", () => main.removeAttribute("aria-busy"));
  main.setAttribute("aria-busy", "true");
  setTimeout(stop, LONGEST);
  fetch(again.action, { method: "POST", body: new URLSearchParams(new FormData(again)), redirect: "error", signal: asking.signal })
    .then((answer) => {
      if (answer.status !== 200 || document.documentElement.classList.contains("left")) return stop();
      forget();
      again.submit();
    }).catch(stop);
})();
