// Serves [data-beside]: what the model does not take beside another parameter that is set is off and says why, as long
// as that one is set; what it held stays and comes back. playground/pages/presentation/parameters.py judges the same.
import { numberOf } from "./typed_numbers.js";

const fieldOf = (box, name) => box.querySelector(`[data-name="${name}"] [name$="parameters.${name}"]`);
const rowsOf = (box) => [...box.querySelectorAll("[data-name]:not([data-unsupported])")];

function judge(box) {
  const why = {};
  const isSent = (name, value) => {
    const field = fieldOf(box, name);
    if (!field || field.value.trim() === "" || why[name] || field.closest("[data-unsupported]")) return false;
    return value === null || numberOf(field.value) === value;
  };
  for (const { parameter, beside, value, reason } of JSON.parse(box.dataset.beside)) {
    if (!why[parameter] && isSent(beside, value)) why[parameter] = reason;
  }
  for (const row of rowsOf(box)) tell(box, row, why[row.dataset.name] ?? "");
}

function tell(box, row, reason) {
  if (row.hasAttribute("data-refused") === Boolean(reason)) return;
  row.toggleAttribute("data-refused", Boolean(reason));
  fieldOf(box, row.dataset.name).disabled = Boolean(reason);
  const told = row.querySelector("[data-beside-told]");
  const slider = row.querySelector("input[type=range]");
  told.textContent = reason || (told.dataset.otherwise ?? "");
  told.hidden = !told.textContent;
  if (slider) slider.hidden = Boolean(reason);
}

function judgeAll(root = document) {
  const boxes = root.querySelectorAll?.("[data-beside]") ?? [];
  for (const box of root.matches?.("[data-beside]") ? [root, ...boxes] : boxes) judge(box);
}

document.addEventListener("input", ({ target }) => {
  const box = target.closest?.("[data-beside]");
  if (box) judge(box);
});
document.addEventListener("htmx:load", ({ target }) => judgeAll(target));
// Another model may take what this one does not: it gets what is off as well. A run is sent only what is on.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches(".picker, .column-model, [data-edits]")) return;
  for (const field of document.querySelectorAll("[data-beside] [name*='parameters.']:disabled")) {
    if (field.value !== "" && (detail.elt.id !== "picker" || field.closest("#parameters"))) detail.parameters[field.name] = field.value;
  }
});
judgeAll();
