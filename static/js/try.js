// Serves #run-form of a template: a template's values, kept in this browser until they are taken back or one signs out, run in place:
// one button that is Run and Stop, and the answer beneath. What the page says of its uses is asked for anew at a run's end.
const form = document.getElementById("run-form");
const button = document.getElementById("run");
const place = document.getElementById("output-section");
const key = form.dataset.kept;
const live = () => document.querySelector("#output article[data-live]");
const kept = () => [...form.elements].filter(({ name }) => name.startsWith("variables.") || name === "model_id");

function save() {
  // A full or forbidden storage costs the draft, not the page.
  try { localStorage.setItem(key, JSON.stringify(kept().map(({ name, value }) => [name, value]))); } catch { /* as said */ }
}

function restore() {
  let values = [];
  try { values = JSON.parse(localStorage.getItem(key)) ?? []; } catch { /* as said */ }
  let isOther = false;
  for (const [name, value] of values) {
    const field = kept().find((each) => each.name === name);
    if (!field || field.value === value) continue;
    field.value = value;
    isOther = true;
  }
  if (isOther) addEventListener("DOMContentLoaded", ask); // htmx listens from then on
}

// The rendering of what stands in the fields now.
const ask = () => document.getElementById("try-fields").dispatchEvent(new Event("change", { bubbles: true }));

async function stop() {
  const article = live();
  if (!article || button.dataset.state !== "stop") return;
  button.dataset.state = "stopping";
  // The stream brings the end; should the request fail, the button offers Stop again.
  await htmx.ajax("POST", article.dataset.cancel, { source: place, swap: "none" }).catch(() => {});
}

function sync() {
  const shown = document.querySelector("#output > *");
  button.dataset.state = live() ? "stop" : "run";
  place.hidden = !shown;
}

form.addEventListener("input", save);
form.addEventListener("change", save);
form.addEventListener("reset", () => {
  form.elements.was_run.value = "";
  // The fields hold their first values after this event.
  setTimeout(() => {
    ask();
    try { localStorage.removeItem(key); } catch { /* as said */ }
  });
});
button.addEventListener("click", (event) => {
  // An empty field is a mistake from then on, which no later rendering takes back.
  form.elements.was_run.value = "true";
  if (button.dataset.state === "run") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  stop();
}, { capture: true });
// By keyboard from a field: the button is clicked by static/js/shortcuts.js.
document.addEventListener("htmx:load", sync);
const tell = () => htmx.trigger(document.body, "template:tried");
document.addEventListener("execution:ended", tell);
document.addEventListener("htmx:responseError", () => { if (live()) button.dataset.state = "stop"; });
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig?.path !== button.getAttribute("formaction")) return;
  form.dispatchEvent(new Event("fields:mark", { bubbles: true }));
  if (!detail.successful) return;
  place.scrollIntoView({ block: "nearest" });
  // An answer that is there at once, as out of the cache, has no end to wait for.
  if (!live()) tell();
});

// Nobody needs the forecast to go on: what fails is asked for again with the next word.
const forecast = document.getElementById("try-forecast");
for (const failure of ["htmx:sendError", "htmx:responseError"]) forecast.addEventListener(failure, (event) => event.stopPropagation());
restore();
sync();
