// Serves the whole page: the keys that the dialog #shortcuts lists.
const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
let wentAt = -Infinity;

const PLAIN_KEYS = {
  "?": () => document.querySelector("[data-opens='shortcuts']")?.click(),
  "/": search,
  e: () => document.querySelector("a[data-edit]")?.click(),
  h: () => document.querySelector("[data-opens='history']")?.click(),
  j: () => move(1),
  k: () => move(-1),
};
const GOES = { p: "/", t: "/templates", s: "/sessions", e: "/evaluations", a: "/analytics" };

if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
  for (const keys of document.querySelectorAll("[data-run-keys]")) keys.textContent = "⌘ ↵";
  for (const keys of document.querySelectorAll("[data-palette-keys]")) keys.textContent = "⌘ K";
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const run = document.getElementById("run");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    // Fields of a form may stand outside it.
    const own = (event.target.form ?? event.target).closest?.("[data-own-run]");
    if (own && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      own.querySelector("[type=submit]:enabled")?.click();
      return;
    }
    if (run?.dataset.state !== "run" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    (event.shiftKey ? document.getElementById("repeat-run") ?? run : run).click();
  } else if (event.key === "Escape") {
    if (document.querySelector("dialog[open]")) return;
    if (run?.dataset.state === "stop") {
      event.preventDefault();
      run.click();
    } else if (event.target.matches?.(TYPING)) leave(event.target);
  } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest?.(TYPING)) {
    plain(event);
  }
});

// A field that was folded out is folded in again; what stands in it stays.
function leave(field) {
  const fold = field.closest("details.turn-edit[open], details.reply-written[open]");
  field.blur();
  if (!fold) return;
  fold.open = false;
  fold.querySelector("summary").focus();
}

function plain(event) {
  if (event.key === "g") {
    wentAt = event.timeStamp;
    return;
  }
  const follows = event.timeStamp - wentAt < 1000;
  wentAt = -Infinity;
  const isInDialog = document.querySelector("dialog[open]");
  if (follows && GOES[event.key]) location.assign(GOES[event.key]);
  else if (PLAIN_KEYS[event.key] && (!isInDialog || "jk".includes(event.key))) {
    event.preventDefault();
    PLAIN_KEYS[event.key]();
  }
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.select();
  else document.getElementById("picker-button")?.click();
}

function move(step) {
  const open = document.querySelector("dialog[open]") ?? document;
  const rows = [...open.querySelectorAll("[data-list] > a, [data-list] [data-row]")].filter((row) => row.checkVisibility());
  const at = rows.indexOf(document.activeElement);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}
