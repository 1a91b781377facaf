// Serves #compare-form: keeps what is being typed, columns and all, for this user and this browser, until it is given
// up. A draft belongs to the comparison that the page shows; text only, and signing out forgets it.
const form = document.getElementById("compare-form");
const KEY = `draft:compare:${document.getElementById("compare").dataset.user}`;
const variables = document.getElementById("variables");
const FOR_THE_REQUEST = ["csrfmiddlewaretoken", "idempotency_key", "session_id"];
let timer;

function save() {
  timer = 0;
  const draft = new URLSearchParams(new FormData(form));
  for (const name of FOR_THE_REQUEST) draft.delete(name);
  store(draft.toString());
}

function store(text) {
  // A full or forbidden storage costs the draft, not the page.
  try { text === null ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, text); } catch { /* as said */ }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(save, 200);
}

// The server writes the columns of the draft, as it writes all others.
async function restore() {
  let text = null;
  try { text = localStorage.getItem(KEY); } catch { /* as said */ }
  const draft = new URLSearchParams(text ?? "");
  if (!text || location.search.length > 1) return;
  if (draft.get("comparison_id") !== form.elements.comparison_id.value) return;
  for (const name of ["system_prompt", "prompt", "attachments"]) form.elements[name].value = draft.get(name) ?? "";
  document.dispatchEvent(new Event("attachments:restored"));
  for (const box of form.querySelectorAll("[name^='tools.']")) box.checked = draft.has(box.name);
  const before = new URLSearchParams(new FormData(form));
  for (const name of FOR_THE_REQUEST) before.delete(name);
  if (before.toString() === text) return;
  fill([...draft].filter(([name]) => name.startsWith("variables.")));
  const values = { ...Object.fromEntries(draft), session_id: form.elements.session_id.value };
  await htmx.ajax("POST", location.origin + "/compare", { target: "#columns", swap: "outerHTML", values }).catch(() => {});
}

// Hidden until the server has made fields of them: whichever answer comes last, it was told of them.
function fill(values) {
  variables.replaceChildren(...values.map(([name, value]) => Object.assign(document.createElement("textarea"), { hidden: true, name, value })));
}

form.addEventListener("input", later);
document.addEventListener("htmx:afterSettle", later); // the server has written columns, or begun a comparison
addEventListener("pagehide", () => { if (timer) save(); });
document.addEventListener("submit", ({ target }) => {
  if (!("forgetsDrafts" in target.dataset)) return;
  clearTimeout(timer);
  store(null);
});
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-new]")) return;
  clearTimeout(timer);
  timer = 0;
  store(null);
});

restore();
