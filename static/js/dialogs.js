// Serves [data-opens="id"] and [data-closes]: dialogs and drawers; and details.menu, which closes like one.
// A part of a dialog that loads when it is shown listens with hx-trigger="dialog:open".
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.showModal();
    for (const part of dialog.querySelectorAll("[hx-trigger*='dialog:open']")) htmx.trigger(part, "dialog:open");
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  // A click on the backdrop lands on the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && isOutside(event, event.target)) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
});

function isOutside(event, element) {
  const box = element.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
