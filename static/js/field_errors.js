// Serves forms with .field-error messages: on "fields:mark" at a form (or the document) each refused field is marked,
// and the first of them is shown and focused.
document.addEventListener("fields:mark", ({ target }) => {
  let first = null;
  for (const message of target.querySelectorAll(".field-error")) {
    const field = target.querySelector(`[aria-describedby~="${message.id}"]`);
    if (!field) continue;
    if (message.textContent.trim()) {
      field.setAttribute("aria-invalid", "true");
      first ??= field;
    } else field.removeAttribute("aria-invalid");
  }
  if (!first) return;
  first.closest("details")?.setAttribute("open", "");
  first.focus();
});
