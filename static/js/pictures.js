// Looks at chosen pictures before they are sent, and says beside the field which is too large; the server looks again.
(() => {
  "use strict";
  const input = document.querySelector("input[type=file][data-largest]");
  if (!input) return;
  const say = input.dataset, field = input.closest(".field"), note = document.createElement("div");
  const megabytes = (bytes) => `${(Math.ceil(bytes / 104857.6) / 10).toFixed(1)} MB`;
  note.className = "wrong";
  note.id = `${input.id}_before`;
  note.setAttribute("role", "alert");
  input.before(note);
  const problems = () => {
    const files = [...input.files], found = files.filter((file) => file.size > Number(say.largest)).map((file) =>
      say.tooLarge.replace(/%[ns]/g, (part) => (part === "%n" ? file.name : megabytes(file.size))));
    if (files.length > Number(say.most)) found.push(say.tooMany.replace("%d", files.length));
    return found;
  };
  const look = () => {
    const found = problems(), described = (input.getAttribute("aria-describedby") || "").split(" ");
    const others = described.filter((id) => id && id !== note.id);
    note.replaceChildren(...(found.length ? [...found, say.again] : []).map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
    field.classList.toggle("field-wrong", found.length > 0);
    input.setAttribute("aria-invalid", String(found.length > 0));
    input.setAttribute("aria-describedby", [...others, ...(found.length ? [note.id] : [])].join(" "));
    return found.length === 0;
  };
  input.addEventListener("change", look);
  input.form.addEventListener("submit", (event) => {
    if (look()) return;
    event.preventDefault();
    input.focus();
  });
})();
