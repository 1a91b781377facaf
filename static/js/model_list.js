// Serves .picker-list: the searchable list of models, in the playground's picker and in the dialog of all other pages.

// `search` is the field it is searched by, `list` what holds its options; `picked()` gives the ids that are chosen,
// `take(id)` takes one. Its options are asked for when it is first filled.
export function modelList({ search, list, picked, take }) {
  let active = null;
  const shown = () => [...list.querySelectorAll(".picker-option:not([hidden])")];
  const isUsable = (option) => option.ariaDisabled !== "true";

  function fill() {
    search.value = "";
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
    const ids = picked();
    for (const option of list.querySelectorAll("[data-model]")) option.ariaSelected = String(ids.includes(option.dataset.model));
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
    take(option.dataset.model);
    mark();
    activate(option);
  }

  list.addEventListener("click", ({ target }) => pick(target.closest(".picker-option")));
  list.addEventListener("htmx:afterSwap", filter);
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => pick(active) }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  return { fill };
}
