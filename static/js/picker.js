// Serves #picker: the playground's model. Picking asks the server for that model's facts and parameters.
import { modelList } from "./model_list.js";

const panel = document.getElementById("picker-panel");
const search = document.getElementById("picker-search");
const list = document.getElementById("picker-list");
const button = () => document.getElementById("picker-button");
const chosen = () => document.getElementById("model-id");
const models = modelList({ search, list, picked: () => [chosen().value], take });

function open() {
  panel.hidden = false;
  button().setAttribute("aria-expanded", "true");
  models.fill();
  search.focus();
}

function close({ refocus = true } = {}) {
  panel.hidden = true;
  button().setAttribute("aria-expanded", "false");
  if (refocus) button().focus();
}

function take(id) {
  chosen().value = id;
  close();
  htmx.trigger("#picker", "model:picked");
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("#picker-button")) panel.hidden ? open() : close();
  else if (!panel.hidden && !panel.contains(target)) close({ refocus: false });
});

panel.addEventListener("focusout", ({ relatedTarget }) => {
  if (relatedTarget && !panel.contains(relatedTarget) && relatedTarget !== button()) close({ refocus: false });
});

panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  close();
});
