// Serves every page: a control that is gone or made anew after an htmx swap, or after the page that its form or its own
// link leads to, leaves the focus to the first that is there of itself and the ids in its `data-then`, which may stand
// at what holds it; where none of these is, to the first control of what has come in its place.
const KEY = "focus-then";
const CONTROLS = "a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary";
const successors = (element) => [element.id, ...(element.closest?.("[data-then]")?.dataset.then ?? "").split(" ")].filter(Boolean);
const isLost = () => !document.activeElement || document.activeElement === document.body;

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

function keep(control) {
  const kept = { path: location.pathname, ids: successors(control) };
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* the page begins at its top */ }
}

document.addEventListener("submit", ({ defaultPrevented, submitter }) => {
  if (!defaultPrevented && submitter?.closest("[data-then]")) keep(submitter);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-then]");
  if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey) keep(link);
});
try {
  const kept = JSON.parse(sessionStorage.getItem(KEY));
  sessionStorage.removeItem(KEY);
  if (kept?.path === location.pathname) focusFirst(kept.ids);
} catch { /* as above */ }
