// The editor's comfort: what is typed is kept, the page stands beside the text, pictures are put in. Everything works
// without it. Nothing is kept in the browser.
const bar = document.querySelector("#story"), form = bar && bar.closest("form");
const TYPING = 1000, LONGEST = 5000, LOOKING = 700; // milliseconds
const ROOM = 60000; // bytes: what a browser still sends of a page that is left

const start = () => {
  const say = bar.dataset, body = form.querySelector("#id_body"), token = form.querySelector("[name=csrfmiddlewaretoken]");
  const kept = document.querySelector("#kept"), unkept = document.querySelector("#unkept");
  let typed = 0, safe = 0, sending = false, leaving = false, failed = false, began = 0, last = 0, keeping = 0, looking = 0;

  const send = async (address, data, keepalive = false) => {
    const headers = { "X-CSRFToken": token.value };
    const answer = await fetch(address, { method: "POST", body: data, headers, keepalive });
    const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (answer.redirected || !json) throw new Error(String(answer.status));
    return [answer.ok, await answer.json()];
  };
  const warn = (text) => { unkept.textContent = text || ""; unkept.hidden = !text; };

  const moved = ({ address, seen, signed_page }) => {
    form.action = address;
    window.history.replaceState(null, "", address);
    form.querySelector("[name=seen]").value = seen;
    form.querySelector("[name=signed_page]").value = signed_page;
    say.keep = address.replace("/change/", "/keep/");
    say.look = address.replace("/change/", "/look/");
  };
  const keep = async (left) => {
    window.clearTimeout(keeping);
    if (typed === safe || leaving || (sending && left !== true)) return;
    const now = typed;
    sending = true;
    began = 0;
    try {
      if (!say.keep) {
        const [, draft] = await send(say.begin, new FormData(form));
        if (draft.wait) kept.textContent = draft.wait;
        if (!draft.address) return;
        moved(draft);
      }
      const [done, said] = await send(say.keep, new FormData(form), left === true && !isLong());
      if (done) kept.textContent = say.kept.replace("%(time)s", said.kept) + " ·";
      if (done) safe = now;
      failed = !done;
      warn(said.problem);
    } catch {
      failed = true;
      warn(say.offline);
    } finally {
      sending = false;
      if (typed !== now) wait();
    }
  };
  const wait = () => {
    window.clearTimeout(keeping);
    keeping = window.setTimeout(keep, Math.max(0, Math.min(last + TYPING, began + LONGEST) - Date.now()));
  };
  const look = async () => {
    const frame = form.querySelector(".look iframe");
    if (!frame) return;
    const [, said] = await send(say.look, new FormData(form));
    document.querySelector("#length").textContent = said.length;
    if (said.page && frame.srcdoc !== said.page) frame.srcdoc = said.page;
  };
  const later = () => {
    typed += 1;
    last = Date.now();
    began = began || last;
    wait();
    window.clearTimeout(looking);
    looking = window.setTimeout(() => look().catch(() => {}), LOOKING);
  };
  const edited = ({ target }) => { if (target.name) later(); };
  const isLong = () => new URLSearchParams(new FormData(form)).toString().length > ROOM;
  const lost = () => typed !== safe && !leaving && (failed || !say.keep || isLong());

  form.addEventListener("input", edited);
  form.addEventListener("change", edited);
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (lost()) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  window.addEventListener("pagehide", () => keep(true));
  look().catch(() => {});
  if (form.querySelector(".errornote")) later(); // what was refused is nowhere but in the boxes
  pictures(say, body, send, later);
};

const pictures = (say, body, send, later) => {
  const tools = document.querySelector("#story-tools"), dialog = document.querySelector("#picture");
  if (!body || !tools) return;
  const around = document.createElement("file-attachment");
  body.before(around);
  around.append(tools.content.cloneNode(true), body);
  const asked = dialog.querySelector("form"), file = asked.querySelector("[type=file]");

  const open = (chosen) => {
    if (chosen) {
      const files = new DataTransfer();
      files.items.add(chosen);
      file.files = files.files;
    }
    dialog.showModal();
    asked.querySelector(chosen ? "[name=alt]" : "[type=file]").focus();
  };
  const problems = (found) => {
    for (const place of asked.querySelectorAll("[data-problem]")) {
      const texts = found[place.dataset.problem] || [];
      place.textContent = texts.join(" ");
      place.hidden = !texts.length;
    }
  };
  around.querySelector("[data-picture]").addEventListener("click", () => open());
  around.addEventListener("file-attachment-accepted", (event) => open(event.detail.attachments[0].file));
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = asked.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const [done, said] = await send(say.attach, new FormData(asked));
      problems(said.problems || {});
      if (!done) return;
      const at = body.selectionEnd, before = body.value.slice(0, at), after = body.value.slice(at);
      body.value = `${before.replace(/\n*$/, before.trim() ? "\n\n" : "")}${said.line}\n\n${after.replace(/^\n+/, "")}`;
      asked.reset();
      dialog.close();
      body.focus();
      later();
    } catch {
      problems({ __all__: [say.offline] });
    } finally {
      button.disabled = false;
    }
  });
};

if (form) start();
