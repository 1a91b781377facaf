// Serves #library: a click on a card shows it beside the list, as the focus of its name does; and the search
// field follows the address.
const preview = document.getElementById("preview");
const nothing = preview.innerHTML;
const search = document.getElementById("library-search");

let isClosing = false;

// The focus goes back to the name, which must not show the preview again.
function close() {
  preview.innerHTML = nothing;
  const row = document.querySelector("[data-shown] [data-row]");
  isClosing = Boolean(row);
  row?.focus({ preventScroll: true });
}

function show(card) {
  const row = card.querySelector("[data-row]");
  row.blur();
  row.focus({ preventScroll: true });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-row]")) return;
  if (isClosing) event.preventDefault();
  isClosing = false;
});
document.addEventListener("keydown", ({ key, defaultPrevented }) => {
  if (key === "Escape" && !defaultPrevented && preview.contains(document.activeElement)) close();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-closes-preview]")) return close();
  if (target.closest("[data-clears-search]")) search.value = "";
  const card = target.closest("[data-card]");
  if (card && !target.closest("a, button, form") && !getSelection().toString()) show(card);
});

// On a narrow window the list comes first: its filters stay folded until somebody wants them.
function fold() {
  if (!matchMedia("(max-width: 720px)").matches) return;
  for (const each of document.querySelectorAll(".facet-fold")) each.open = false;
}

document.addEventListener("htmx:afterSwap", ({ target }) => { if (target.id === "found") fold(); });
fold();

document.addEventListener("focusin", ({ target }) => {
  const card = target.matches("[data-row]") && target.closest("[data-card]");
  if (!card) return;
  for (const each of document.querySelectorAll("[data-shown]")) each.removeAttribute("data-shown");
  card.setAttribute("data-shown", "");
});
