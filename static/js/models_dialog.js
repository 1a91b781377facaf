// Serves #models-dialog: the searchable list of models, one for all places of a page that choose from it.
const dialog = document.getElementById("models-dialog");
const search = document.getElementById("models-search");
const list = document.getElementById("models-list");
const shown = () => [...list.querySelectorAll(".picker-option:not([hidden])")];
const isUsable = (option) => option.ariaDisabled !== "true";
let asked = null; // what is being chosen, as `chooseModel` was told
let active = null;

// `title` says for what; `picked()` gives the ids that are chosen; `pick(id)` takes one, and with `isMany` gives a chosen
// one back, while the list stays open.
export function chooseModel({ title, picked, pick, isMany = false }) {
  asked = { picked, pick, isMany };
  document.getElementById("models-title").textContent = title;
  document.getElementById("models-many").hidden = !isMany;
  list.ariaMultiSelectable = String(isMany);
  search.value = "";
  dialog.showModal();
  if (!list.querySelector("[data-words]")) htmx.trigger(list, "models:empty");
  filter();
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  offerTyped(search.value.trim());
  for (const option of list.querySelectorAll(".picker-option[data-words]")) {
    option.hidden = !words.every((word) => option.dataset.words.includes(word));
  }
  for (const group of list.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector(".picker-option:not([hidden])");
  }
  const none = list.querySelector("[data-none]");
  if (none) none.hidden = shown().length > 0 || !words.length;
  mark();
  const selected = shown().find((option) => option.ariaSelected === "true");
  activate((!words.length && selected) || shown().find(isUsable));
}

function mark() {
  const picked = asked?.picked() ?? [];
  for (const option of list.querySelectorAll("[data-model]")) option.ariaSelected = String(picked.includes(option.dataset.model));
}

// Providers add models daily: one that is not listed can be named in full.
function offerTyped(text) {
  const option = list.querySelector("[data-typed]");
  if (!option) return;
  option.hidden = !/^[\w-]+\/\S+$/.test(text) || Boolean(list.querySelector(`[data-words][data-model="${CSS.escape(text)}"]`));
  option.dataset.model = text;
  option.querySelector("[data-typed-name]").textContent = text;
}

function activate(option) {
  active?.removeAttribute("data-active");
  active = option ?? null;
  active?.setAttribute("data-active", "");
  active?.scrollIntoView({ block: "nearest" });
  if (active) search.setAttribute("aria-activedescendant", active.id);
  else search.removeAttribute("aria-activedescendant");
}

function step(by) {
  const usable = shown().filter(isUsable);
  activate(usable[(usable.indexOf(active) + by + usable.length) % usable.length]);
}

function pick(option) {
  if (!option || !isUsable(option)) return;
  if (!asked.isMany) dialog.close();
  asked.pick(option.dataset.model);
  if (!asked.isMany) return;
  mark();
  activate(option);
  search.focus();
}

list.addEventListener("click", ({ target }) => pick(target.closest(".picker-option")));
search.addEventListener("input", filter);
list.addEventListener("htmx:afterSwap", filter);
dialog.addEventListener("keydown", (event) => {
  // A search field would take the first Escape to empty itself.
  const acts = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => pick(active), Escape: () => dialog.close() };
  const act = acts[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.target !== search) return;
  event.preventDefault();
  act();
});
