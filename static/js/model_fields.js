// Serves [data-chooses="id"]: the list of models for a field that takes one as provider/model, or with [data-many]
// several with commas between them. What is chosen counts as typed.
import { chooseModel } from "./models_dialog.js";

function choose(button) {
  const field = document.getElementById(button.dataset.chooses);
  const isMany = "many" in button.dataset;
  const picked = () => field.value.split(/[,\s]+/).filter(Boolean);

  function pick(model) {
    const others = picked().filter((each) => each !== model);
    const isNew = others.length === picked().length;
    field.value = isMany ? [...others, ...(isNew ? [model] : [])].join(", ") : model;
    for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
  }

  chooseModel({ title: field.labels[0].firstChild.textContent.trim(), picked, pick, isMany });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-chooses]");
  if (button) choose(button);
});
