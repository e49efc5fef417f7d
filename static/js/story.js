// The editor's comfort: what is typed is kept, the page stands beside the text, pictures are put in. Everything works
// without it. Nothing is kept in the browser.
const bar = document.querySelector("#story"), form = bar && bar.closest("form");
const TYPING = 3000, LONGEST = 30000, LOOKING = 700; // milliseconds

const start = () => {
  const say = bar.dataset, body = form.querySelector("#id_body"), token = form.querySelector("[name=csrfmiddlewaretoken]");
  const kept = document.querySelector("#kept"), unkept = document.querySelector("#unkept");
  let changed = false, sending = false, leaving = false, since = 0, keeping = 0, looking = 0;

  const send = async (address, data) => {
    const answer = await fetch(address, { method: "POST", body: data, headers: { "X-CSRFToken": token.value } });
    const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (answer.redirected || !json) throw new Error(String(answer.status));
    return [answer.ok, await answer.json()];
  };
  const warn = (text) => { unkept.textContent = text || ""; unkept.hidden = !text; };

  const began = ({ address, seen, signed_page }) => {
    form.action = address;
    window.history.replaceState(null, "", address);
    form.querySelector("[name=seen]").value = seen;
    form.querySelector("[name=signed_page]").value = signed_page;
    say.keep = address.replace("/change/", "/keep/");
    say.look = address.replace("/change/", "/look/");
  };
  const keep = async () => {
    window.clearTimeout(keeping);
    if (!changed || sending || leaving) return;
    sending = true;
    changed = false;
    try {
      if (!say.keep) {
        const [, draft] = await send(say.begin, new FormData(form));
        if (draft.wait) kept.textContent = draft.wait;
        if (!draft.address) { changed = true; return; }
        began(draft);
      }
      const [done, said] = await send(say.keep, new FormData(form));
      if (done) kept.textContent = say.kept.replace("%(time)s", said.kept) + " ·";
      else changed = true;
      warn(said.problem);
      since = Date.now();
    } catch {
      changed = true;
      warn(say.offline);
    } finally {
      sending = false;
    }
  };
  const look = async () => {
    const aside = form.querySelector(".look"), frame = aside && aside.querySelector("iframe");
    if (!say.look || !frame) return;
    const [, said] = await send(say.look, new FormData(form));
    document.querySelector("#length").textContent = said.length;
    if (!said.page || frame.srcdoc === said.page) return;
    frame.srcdoc = said.page;
    aside.hidden = false;
    form.classList.add("with-look");
  };
  const later = () => {
    changed = true;
    since = since || Date.now();
    window.clearTimeout(keeping);
    keeping = window.setTimeout(keep, Date.now() - since > LONGEST ? 0 : TYPING);
    window.clearTimeout(looking);
    looking = window.setTimeout(() => look().catch(() => {}), LOOKING);
  };

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if ((changed || sending) && !leaving) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keep(); });
  look().catch(() => {});
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
