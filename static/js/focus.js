// Serves every page: a control that is gone or made anew after an htmx swap, or after the page that its form or its own
// link leads to, leaves the focus to the first that is there of itself and the ids in its `data-then`, which may stand
// at what holds it. Where none of these is: after a swap to the first control of what has come in its place, on a page
// that comes back to its own form, or to what stood around that. A page that refuses something begins with what is to be
// mended: the list of it, else the first field.
const KEY = "focus-then";
const CONTROLS = ":is(a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary):not([tabindex='-1'])";
const TYPED = ":is(input:enabled:not([type=hidden], [type=checkbox], [type=radio]), textarea:enabled):not([tabindex='-1'])";
const successors = (element) => [element.id, ...(element.closest?.("[data-then]")?.dataset.then ?? "").split(" ")].filter(Boolean);
const isLost = () => !document.activeElement || document.activeElement === document.body;
const isThere = (element) => element.checkVisibility();
const actionOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname;

function focusFirst(ids) {
  if (isLost()) ids.map((id) => document.getElementById(id)).find(Boolean)?.focus();
}

// The pages' bar of a narrow window begins where one is.
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

let swapped = null; // what has the focus and may go with a swap, and the ids that follow it
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  const focused = document.activeElement;
  if (focused !== document.body && target.contains(focused)) swapped = { focused, ids: successors(focused) };
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!swapped || swapped.focused.isConnected) return;
  focusFirst(swapped.ids);
  if (isLost()) target.querySelector?.(CONTROLS)?.focus();
  queueMicrotask(() => { swapped = null; }); // after all parts of this answer
});

function keep(control, form) {
  const kept = { path: location.pathname, ids: successors(control) };
  if (form) Object.assign(kept, { action: actionOf(form), around: form.parentElement.closest("[id]")?.id, name: nameOf(control) });
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* the page begins at its top */ }
}

const nameOf = (control) => control.getAttribute("aria-label") ?? control.textContent.trim();

document.addEventListener("submit", ({ defaultPrevented, submitter, target }) => {
  if (!defaultPrevented && submitter) keep(submitter, target);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-then]");
  if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey) keep(link);
});

// The form that was sent: its first field where that is empty again, so that one goes on typing, else its button.
function focusForm({ path, action, name, around }) {
  const forms = [...document.querySelectorAll("form[method=post]")].filter((form) => actionOf(form) === action);
  for (const form of forms) {
    const own = [...form.elements]; // also those that stand outside it
    const buttons = own.filter((each) => each.matches("[type=submit]:enabled"));
    const field = own.find((each) => each.matches(TYPED));
    const control = field?.value === "" && isThere(field) ? field : buttons.find((each) => nameOf(each) === name) ?? buttons[0];
    const shown = control && isThere(control) ? control : form.closest("details")?.querySelector("summary");
    if (shown) return shown.focus();
  }
  const place = path === location.pathname && document.getElementById(around);
  if (place) [place, ...place.querySelectorAll(CONTROLS)].find((each) => isThere(each) && each.tabIndex >= 0)?.focus();
}

const refused = [...document.querySelectorAll("#refused a, main [aria-invalid=true]")].find(isThere);
let kept = null;
try {
  kept = JSON.parse(sessionStorage.getItem(KEY));
  sessionStorage.removeItem(KEY);
} catch { /* as above */ }
if (refused) refused.focus();
else if (kept && isLost()) {
  if (kept.path === location.pathname) focusFirst(kept.ids);
  if (isLost() && kept.action) focusForm(kept);
}
// A browser that comes back to where the page was scrolled to leaves what has the focus out of sight.
if (refused || kept) addEventListener("load", () => { if (!isLost()) document.activeElement.scrollIntoView({ block: "nearest" }); });
