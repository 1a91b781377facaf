// Serves every page: a control that is gone or made anew after an htmx swap, or after the page that its form leads back
// to, leaves the focus to the first that is there of itself and the ids in its `data-then`.
const KEY = "focus-then";
const successors = (element) => [element.id, ...(element.dataset?.then ?? "").split(" ")].filter(Boolean);
const isLost = () => !document.activeElement || document.activeElement === document.body;

function focusFirst(ids) {
  if (isLost()) ids.map((id) => document.getElementById(id)).find(Boolean)?.focus();
}

// The pages' bar of a narrow window begins where one is.
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

let waiting = [];
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  const focused = document.activeElement;
  if (focused !== document.body && target.contains(focused)) waiting = successors(focused);
});
document.addEventListener("htmx:afterSettle", () => {
  focusFirst(waiting);
  waiting = [];
});

document.addEventListener("submit", ({ defaultPrevented, submitter }) => {
  if (defaultPrevented || !submitter?.dataset.then) return;
  const kept = { path: location.pathname, ids: successors(submitter) };
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* the page begins at its top */ }
});
try {
  const kept = JSON.parse(sessionStorage.getItem(KEY));
  sessionStorage.removeItem(KEY);
  if (kept?.path === location.pathname) focusFirst(kept.ids);
} catch { /* as above */ }
