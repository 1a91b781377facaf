// Serves #picker: the searchable list of models. Picking asks the server for that model's facts and parameters.
const panel = document.getElementById("picker-panel");
const search = document.getElementById("picker-search");
const list = document.getElementById("picker-list");
const button = () => document.getElementById("picker-button");
const shown = () => [...list.querySelectorAll(".picker-option:not([hidden])")];
let active = null;

function open() {
  panel.hidden = false;
  button().setAttribute("aria-expanded", "true");
  search.value = "";
  if (!list.querySelector("[data-words]")) htmx.trigger(list, "picker:empty");
  filter();
  search.focus();
}

function close({ refocus = true } = {}) {
  panel.hidden = true;
  button().setAttribute("aria-expanded", "false");
  if (refocus) button().focus();
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
  const selected = shown().find((option) => option.ariaSelected === "true");
  activate(words.length ? shown().find(isUsable) : (selected ?? shown().find(isUsable)));
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
  if (active) {
    active.setAttribute("data-active", "");
    active.scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", active.id);
  } else search.removeAttribute("aria-activedescendant");
}

const isUsable = (option) => option.ariaDisabled !== "true";

function step(by) {
  const usable = shown().filter(isUsable);
  activate(usable[(usable.indexOf(active) + by + usable.length) % usable.length]);
}

function pick(option) {
  if (!option || !isUsable(option)) return;
  for (const each of list.querySelectorAll("[aria-selected=true]")) each.ariaSelected = "false";
  option.ariaSelected = "true";
  document.getElementById("model-id").value = option.dataset.model;
  close();
  htmx.trigger("#picker", "model:picked");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#picker-button")) panel.hidden ? open() : close();
  else if (list.contains(event.target)) pick(event.target.closest(".picker-option"));
  else if (!panel.hidden && !panel.contains(event.target)) close({ refocus: false });
});

search.addEventListener("input", filter);
list.addEventListener("htmx:afterSwap", filter);
panel.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !panel.contains(relatedTarget) && relatedTarget !== button()) close({ refocus: false });
});

panel.addEventListener("keydown", (event) => {
  const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Escape: close, Enter: () => pick(active) }[event.key];
  if (!act || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
});
