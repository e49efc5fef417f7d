// Hints for a receipt's words: the list is fetched once, when somebody starts to type, and nothing is sent anywhere.
(() => {
  "use strict";
  // A page that the browser kept whole, to go back to, is left again: it would show what was open.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.replace(location.pathname.match(/^.*?\/mailbox\//)[0]); });
  const room = document.querySelector("[data-words]");
  if (!room) return;
  const box = room.querySelector("textarea"), out = room.querySelector("[role=status]"), say = room.dataset;
  const total = Number(say.total);
  let list = null, asked = false;
  const split = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/\p{L}+/gu) || [];
  const near = (word) => {
    const found = new Set(), letters = "abcdefghijklmnopqrstuvwxyz";
    for (let at = 0; at <= word.length; at++) {
      const head = word.slice(0, at), tail = word.slice(at);
      const tries = tail ? [head + tail.slice(1)] : [];
      for (const letter of letters) tries.push(head + letter + tail, ...(tail ? [head + letter + tail.slice(1)] : []));
      tries.forEach((one) => { if (list.has(one)) found.add(one); });
    }
    return found.size === 1 ? [...found][0] : null;
  };
  const hint = () => {
    if (!list) return;
    const words = split(box.value), typing = /\p{L}$/u.test(box.value), notes = [];
    words.slice(0, total).forEach((word, at) => {
      if (list.has(word)) return;
      if (typing && at === words.length - 1 && [...list].some((one) => one.startsWith(word))) return;
      const meant = near(word), text = meant ? say.meant.replace("%w", meant) : say.unknown;
      notes.push(text.replace("%d", at + 1));
    });
    if (words.length > total) notes.push(say.many);
    const good = words.length === total && !notes.length && !typing;
    out.textContent = good || (words.length === total && words.every((word) => list.has(word)))
      ? say.good : [say.count.replace("%d", words.length), ...notes].join(". ").replace(/\.\. /g, ". ");
    out.hidden = !words.length;
  };
  box.addEventListener("input", () => {
    hint();
    if (asked) return;
    asked = true;
    fetch(say.words).then((answer) => answer.text()).then((text) => { list = new Set(text.split("\n")); hint(); })
      .catch(() => { asked = false; });
  });
})();
