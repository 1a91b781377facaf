// Serves #models: the searchable list of models, one for all columns; [data-picks] opens it for its own column.
// Picking asks the server for that model's facts and parameters.
const dialog = document.getElementById("models");
const search = document.getElementById("models-search");
const list = document.getElementById("models-list");
const shown = () => [...list.querySelectorAll(".picker-option:not([hidden])")];
const place = () => document.getElementById(placeId); // the server may have written it anew meanwhile
const isUsable = (option) => option.ariaDisabled !== "true";
let placeId = "";
let active = null;

function open(button) {
  placeId = button.closest(".column-model").id;
  document.getElementById("models-title").textContent = button.querySelector(".sr-only").textContent.replace(":", "");
  search.value = "";
  dialog.showModal();
  if (!list.querySelector("[data-words]")) htmx.trigger(list, "models:empty");
  filter();
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const picked = place()?.querySelector("[data-model-id]").value;
  offerTyped(search.value.trim());
  for (const option of list.querySelectorAll(".picker-option[data-words]")) {
    option.hidden = !words.every((word) => option.dataset.words.includes(word));
    option.ariaSelected = String(option.dataset.model === picked);
  }
  for (const group of list.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector(".picker-option:not([hidden])");
  }
  const none = list.querySelector("[data-none]");
  if (none) none.hidden = shown().length > 0 || !words.length;
  const selected = shown().find((option) => option.ariaSelected === "true");
  activate((!words.length && selected) || shown().find(isUsable));
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
  place().querySelector("[data-model-id]").value = option.dataset.model;
  dialog.close();
  place().querySelector("[data-picks]").focus();
  htmx.trigger(place(), "model:picked");
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-picks]");
  if (button) open(button);
  else if (list.contains(target)) pick(target.closest(".picker-option"));
});
search.addEventListener("input", filter);
list.addEventListener("htmx:afterSwap", filter);
dialog.addEventListener("keydown", (event) => {
  const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => pick(active) }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.target !== search) return;
  event.preventDefault();
  act();
});
