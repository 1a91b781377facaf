// Serves [data-draft-key]: keeps the whole form, for this user, this template and this browser, until it is saved or
// given up. A draft of an older version keeps that version's number: saving it then shows both texts.
const UNKEPT = new Set(["csrfmiddlewaretoken"]);
const form = () => document.getElementById("editor");
const key = form().dataset.draftKey;
const told = () => document.getElementById("draft-told");
let timer;

const entries = () => [...new FormData(form())].filter(([name]) => !UNKEPT.has(name));

function store(text) {
  // A full or forbidden storage costs the draft, not the page.
  try { text === null ? localStorage.removeItem(key) : localStorage.setItem(key, text); } catch { /* as said */ }
}

function save() {
  timer = 0;
  store(JSON.stringify(entries()));
}

function drop() {
  clearTimeout(timer);
  timer = 0;
  store(null);
}

function restore() {
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* as said */ }
  if (!kept || JSON.stringify(kept) === JSON.stringify(entries())) return;
  const fields = new Map(kept);
  if (turnsOf(kept) !== turnsOf(entries())) {
    // As many turns as were kept: the server makes their fields.
    htmx.ajax("POST", "/templates/turns", { values: Object.fromEntries(withToken(kept)), target: "#editor", swap: "outerHTML" })
      .then(() => { told().hidden = false; });
    return;
  }
  for (const field of form().elements) {
    if (field.name && !UNKEPT.has(field.name) && !field.name.startsWith("variables.")) fill(field, fields.get(field.name));
  }
  document.dispatchEvent(new CustomEvent("draft:restored", { detail: fields }));
  told().hidden = false;
  form().querySelector("[data-marked]")?.dispatchEvent(new Event("input", { bubbles: true }));
}

const turnsOf = (pairs) => pairs.map(([name]) => name).filter((name) => /^(turns|is_conv)/.test(name)).join();

const withToken = (pairs) => [...pairs, ...[...new FormData(form())].filter(([name]) => UNKEPT.has(name))];

function fill(field, value) {
  if (value !== undefined) field.value = value;
}

document.addEventListener("input", ({ target }) => {
  if (!form().contains(target)) return;
  clearTimeout(timer);
  timer = setTimeout(save, 200);
});
addEventListener("pagehide", () => { if (timer) save(); });
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-drops-draft]");
  if (!button) return;
  drop();
  if (button.localName === "button") location.reload();
});
document.addEventListener("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
  if (elt.id === "editor" && xhr.status === 204) drop();
});
document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) forgetAll(); });

function forgetAll() {
  drop();
  for (const each of Object.keys(localStorage)) if (each.startsWith("template-draft:")) localStorage.removeItem(each);
}

restore();
