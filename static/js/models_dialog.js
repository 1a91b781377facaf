// Serves #models-dialog: the searchable list of models, one for all places of a page that choose from it.
import { modelList } from "./model_list.js";

const dialog = document.getElementById("models-dialog");
const search = document.getElementById("models-search");
const list = document.getElementById("models-list");
const models = modelList({ search, list, picked: () => asked?.picked() ?? [], take });
let asked = null; // what is being chosen, as `chooseModel` was told

// `title` says for what; `picked()` gives the ids that are chosen; `pick(id)` takes one, and with `isMany` gives a chosen
// one back, while the list stays open.
export function chooseModel({ title, picked, pick, isMany = false }) {
  asked = { picked, pick, isMany };
  document.getElementById("models-title").textContent = title;
  document.getElementById("models-many").hidden = !isMany;
  list.ariaMultiSelectable = String(isMany);
  dialog.showModal();
  models.fill();
}

function take(id) {
  if (!asked.isMany) dialog.close();
  asked.pick(id);
  if (asked.isMany) search.focus();
}

// A search field would take the first Escape to empty itself.
search.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  dialog.close();
});
