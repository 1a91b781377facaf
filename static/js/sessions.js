// Serves the session pages: forms in dialogs ([data-cancels], [data-loads]) and addresses without empty filters
// ([data-tidy]).
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("[data-cancels]")?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches("[data-tidy]")) return;
  for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
});

// What was typed and not sent does not come back when the dialog is opened again: it is asked for anew.
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("close", () => {
    const body = dialog.querySelector("[data-loads]");
    if (body) body.innerHTML = '<div class="busy-line"></div>';
  });
}

// A small export is there at once: its link is followed without a click.
document.addEventListener("htmx:load", ({ detail }) => detail.elt.querySelector?.("[data-begins]")?.click());
