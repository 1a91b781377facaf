// Serves the columns of a comparison: [data-picks] opens the list of models for its own column. Picking asks the server
// for that model's facts and parameters.
import { chooseModel } from "./models_dialog.js";

function choose(button) {
  const id = button.closest(".column-model").id;
  const place = () => document.getElementById(id); // the server may have written it anew meanwhile
  chooseModel({
    title: button.querySelector(".sr-only").textContent.replace(":", ""),
    picked: () => [place()?.querySelector("[data-model-id]").value],
    pick(model) {
      place().querySelector("[data-model-id]").value = model;
      place().querySelector("[data-picks]").focus();
      htmx.trigger(place(), "model:picked");
    },
  });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-picks]");
  if (button) choose(button);
});
