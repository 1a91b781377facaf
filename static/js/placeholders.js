// Serves #variables of the playground: when the names between {{ }} in the prompts change, the server gives the
// fields anew, with what was filled in. The same pattern as templates_app/rendering/placeholders.py: the third group is
// a name, of which other ways to write the same characters are one.
const PLACE = /(?<!\\)((?:\\\\)*)(?:(\\\{\{)|\{\{[ \t\r\n]{0,20}((?:\p{XID_Start}|_)\p{XID_Continue}{0,63})[ \t\r\n]{0,20}\}\}|(?<=\\)(?=\{\{))/gu;
const fields = document.getElementById("variables");
const texts = [...document.querySelectorAll("[data-draft]")];
const typed = new Map(); // while an answer is on its way, which cannot know of it
let timer;
let shown = null;

function names() {
  const found = texts.flatMap(({ value }) => [...value.matchAll(PLACE)].map((place) => place[3]?.normalize("NFKC")));
  return [...new Set(found.filter(Boolean))].join();
}

function look() {
  const now = names();
  if (now === shown) return;
  shown = now;
  htmx.trigger(fields, "placeholders");
}

document.addEventListener("input", ({ target }) => {
  if (!("draft" in (target.dataset ?? {}))) return;
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
// Before that htmx does not hear of it.
if (document.readyState === "complete") look();
else document.addEventListener("DOMContentLoaded", look);
