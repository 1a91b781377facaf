// Serves #library: a click on a card shows it beside the list, as the focus of its name does; and the search
// field follows the address.
const preview = document.getElementById("preview");
const nothing = preview.innerHTML;
const search = document.getElementById("library-search");

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-closes-preview]")) {
    preview.innerHTML = nothing;
    return;
  }
  if (target.closest("[data-clears-search]")) search.value = "";
  const card = target.closest("[data-card]");
  if (card && !target.closest("a, button, form") && !getSelection().toString()) card.querySelector("[data-row]").focus();
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
