// Keeps what a member types as a sealed draft, a second after typing stops and when the page is left, and sends a form
// only while this site answers: the browser's own page for a lost connection would take the text away. Nothing is
// stored in the browser. Without this script the same is kept at each submit. A form of which nothing is kept
// (data-unkept) asks before it is left.
(() => {
  "use strict";
  const AFTER = 1000, AT_THE_LATEST = 5000; // milliseconds without, and with, further typing
  const WORDS = "passphrase"; // opens the desk, and is sent by its own button alone
  const PATIENCE = 8000; // milliseconds in which this site has to answer before a form is sent
  const ROOM = 60000; // bytes: what a browser still sends of a page that is left

  const tend = (form) => {
    const address = form.dataset.draft, line = form.querySelector("[data-draft-line]");
    let typed = document.querySelector("[data-unkept=typed]") ? 1 : 0; // a refused form comes back with words in it
    let kept = 0, began = 0, last = 0, timer, sending, failed = !address, submitted = false;

    const offline = form.querySelector("[data-connection]");
    let asking = false, connected = false;
    form.addEventListener("submit", async (event) => { // before every other listener, which would take it as sent
      if (!offline || connected) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asking) return;
      asking = true;
      clearTimeout(timer); // a draft that arrived after the form would be refused
      offline.textContent = "";
      try {
        const how = { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) };
        const answer = await fetch(offline.dataset.connection, how);
        connected = answer.status === 204 || answer.type === "opaqueredirect"; // who is signed out is told by the answer
      } catch { /* said below */ }
      asking = false;
      if (connected) form.requestSubmit(event.submitter);
      else offline.textContent = offline.dataset.offline;
      connected = false;
    });

    const say = (text) => { if (line) line.textContent = text; };
    const body = () => {
      const sent = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && name !== WORDS) sent.append(name, value);
      }
      return sent.toString();
    };
    const keep = async (leaving) => {
      clearTimeout(timer);
      if (!address || submitted || typed === kept || (sending && !leaving)) return;
      const now = typed, headers = { "Content-Type": "application/x-www-form-urlencoded" };
      began = 0;
      sending = new AbortController();
      try {
        const how = { method: "POST", redirect: "manual", keepalive: leaving === true, signal: sending.signal };
        const answer = await fetch(address, { ...how, headers, body: body() });
        if (answer.status !== 204) throw new Error(String(answer.status));
        kept = now;
        failed = false;
        const at = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        say(line.dataset.kept.replace("%t", at));
      } catch {
        failed = !submitted;
        if (failed) say(line.dataset.lost);
      }
      sending = null;
      if (typed !== now) later();
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(keep, Math.max(0, Math.min(last + AFTER, began + AT_THE_LATEST) - Date.now()));
    };
    const changed = (event) => {
      if (event.target.form !== form || event.target.name === WORDS) return;
      typed += 1;
      last = Date.now();
      began = began || last;
      submitted = false; // a button that sent a file left the page as it is
      if (address) later();
    };

    form.addEventListener("keydown", (event) => { // Enter presses the next button of its group, where there is one
      const group = event.target.closest(".assign, details:has(button)");
      const follows = (button) => event.target.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING;
      const button = group && [...group.querySelectorAll("button")].find(follows);
      if (event.key !== "Enter" || !button || !event.target.matches("input")) return;
      event.preventDefault();
      button.click();
    });
    document.addEventListener("input", changed);
    document.addEventListener("change", changed);
    form.addEventListener("submit", () => {
      submitted = true;
      clearTimeout(timer);
      if (sending) sending.abort();
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
    window.addEventListener("pagehide", () => keep(true));
    window.addEventListener("pageshow", () => { submitted = false; });
    window.addEventListener("beforeunload", (event) => {
      if (typed !== kept && !submitted && (failed || body().length > ROOM)) event.preventDefault();
    });
  };

  document.querySelectorAll("form[data-draft]:has([name=draft]), form[data-unkept], form:has(> [data-unkept])").forEach(tend);

  document.addEventListener("submit", (event) => { // an answer that is a file leaves the page, but not the words in it
    const words = event.target.elements.namedItem(WORDS);
    if (words) setTimeout(() => { words.value = ""; });
    const { back } = event.target.dataset, gone = `exported=; path=${location.pathname}; max-age=0`;
    if (!back) return;
    document.cookie = gone;
    setInterval(() => { // the file's answer sets it
      if (!document.cookie.includes("exported=yes")) return;
      document.cookie = gone;
      location.assign(back);
    }, 250);
  });
})();
