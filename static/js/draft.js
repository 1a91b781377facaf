// Serves [data-draft]: keeps what is being typed, for this user and this browser, until it is sent or given up.
// A draft belongs to the run that the page shows; signing out forgets it. Of pictures and files only their ids are kept:
// whether they are still there, and this user's, the server says (static/js/attachments.js).
const page = document.getElementById("playground");
const fields = [...document.querySelectorAll("[data-draft]")];
const form = document.getElementById("run-form");
const sent = document.getElementById("attachments-sent");
const KEY = `draft:${page.dataset.user}`;
let timer;

function save() {
  const texts = Object.fromEntries(fields.map((field) => [field.dataset.draft, field.value]));
  store(JSON.stringify({ execution: page.dataset.execution, ...texts, attachments: sent.value }));
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
  document.dispatchEvent(new Event("attachments:restored"));
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.draft && target !== form) return; // the form itself: pictures and files have changed
  clearTimeout(timer);
  timer = setTimeout(save, 200);
});
addEventListener("pagehide", () => { if (timer) save(); });
document.addEventListener("htmx:pushedIntoHistory", save);
document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) { timer = 0; store(null); } });
document.addEventListener("click", ({ target }) => { if (target.closest("[data-new]")) { timer = 0; store(null); } });

restore();
