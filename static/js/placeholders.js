// Serves #variables of the playground: when the names between {{ }} in the prompts change, the server gives the
// fields anew, with what was filled in; and the names are marked in the texts as one types.
import { PLACES, mark, nameOf, variablesIn } from "./marks.js";

const fields = document.getElementById("variables");
const texts = [...document.querySelectorAll("[data-draft]")];
const typed = new Map(); // while an answer is on its way, which cannot know of it
let timer;
let shown = null;

function names() {
  const found = texts.flatMap(({ value }) => [...value.matchAll(PLACES)].map((place) => nameOf(place[3])));
  return [...new Set(found.filter(Boolean))].join();
}

function look() {
  const now = names();
  if (now === shown) return;
  shown = now;
  htmx.trigger(fields, "placeholders");
}

let frame;
function markSoon() {
  frame ??= requestAnimationFrame(() => {
    frame = undefined;
    for (const field of texts) if ("marked" in field.dataset) mark(field, (text) => variablesIn(text, (name) => name && "declared"));
  });
}

document.addEventListener("input", ({ target }) => {
  if (!("draft" in (target.dataset ?? {}))) return;
  markSoon();
  clearTimeout(timer);
  timer = setTimeout(look, 250);
});

function keepWhatWasTyped() {
  for (const field of fields.querySelectorAll("[name]")) {
    if (typed.has(field.name)) field.value = typed.get(field.name);
  }
}

fields.addEventListener("input", ({ target }) => typed.set(target.name, target.value));
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  // All that the page posts tells the values.
  if (detail.requestConfig.verb === "post") typed.clear();
});
fields.addEventListener("htmx:afterSwap", ({ detail }) => {
  // Buttons within move rows: a place is not the same before and after.
  if (detail.requestConfig.elt === fields) keepWhatWasTyped();
});
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => { if (detail.target === fields) keepWhatWasTyped(); });

shown = fields.dataset.names;
markSoon();
// Once a draft was put back.
addEventListener("load", markSoon);
// Before that htmx does not hear of it.
if (document.readyState === "complete") look();
else document.addEventListener("DOMContentLoaded", look);
