// Serves [data-draft]: keeps what is being typed, for this user and this browser, until it is sent or given up.
// A draft belongs to the run that the page shows; signing out forgets it. Values of variables, in rows or not, are kept with
// the texts, and given to the server, which makes their fields (static/js/placeholders.js). Of pictures and files only their ids are kept:
// whether they are still there, and this user's, the server says (static/js/attachments.js).
const page = document.getElementById("playground");
const fields = [...document.querySelectorAll("[data-draft]")];
const form = document.getElementById("run-form");
const sent = document.getElementById("attachments-sent");
const variables = document.getElementById("variables");
const KEY = `draft:${page.dataset.user}`;
let timer;

function save() {
  const texts = Object.fromEntries(fields.map((field) => [field.dataset.draft, field.value]));
  const values = [...variables.querySelectorAll("[name^='variables.'], [name^='rows.']")].map(({ name, value }) => [name, value]);
  store(JSON.stringify({ execution: page.dataset.execution, ...texts, attachments: sent.value, values }));
}

function store(text) {
  // A full or forbidden storage costs the draft, not the page.
  try { text === null ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, text); } catch { /* as said */ }
}

function restore() {
  let draft = null;
  try { draft = JSON.parse(localStorage.getItem(KEY)); } catch { /* as said */ }
  if (!draft || "prefilled" in page.dataset) return;
  if (page.dataset.execution && draft.execution !== page.dataset.execution) return;
  for (const field of fields) field.value = draft[field.dataset.draft] ?? field.value;
  sent.value = draft.attachments ?? sent.value;
  if (draft.values?.length) fill(draft.values);
  document.dispatchEvent(new Event("attachments:restored"));
}

// Hidden until the server has made fields of them, which it does when the names differ from those that are shown.
function fill(values) {
  variables.replaceChildren(...values.map(([name, value]) => Object.assign(document.createElement("textarea"), { hidden: true, name, value })));
  variables.dataset.names = "?";
}

function saveSoon() {
  clearTimeout(timer);
  timer = setTimeout(save, 200);
}

document.addEventListener("input", ({ target }) => {
  // The form itself: pictures and files have changed.
  if (target.dataset?.draft || target === form || variables.contains(target)) saveSoon();
});
variables.addEventListener("htmx:afterSwap", saveSoon);
addEventListener("pagehide", () => { if (timer) save(); });
document.addEventListener("htmx:pushedIntoHistory", save);
document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) { timer = 0; store(null); } });
document.addEventListener("click", ({ target }) => { if (target.closest("[data-new]")) { timer = 0; store(null); } });

restore();
