// Serves #reply, the composer beneath a conversation: it follows the run that is shown, stays as it is while that one
// comes, and keeps what is typed for this window. Continue leads to it.
const form = document.getElementById("reply");
const text = document.getElementById("reply-text");
const send = document.getElementById("reply-send");
const KEY = "reply";

function follow() {
  const article = document.querySelector("#output article[data-execution-id]");
  form.hidden = !article;
  if (!article) return;
  const { executionId, status } = article.dataset;
  const hasAnswer = article.querySelector("[data-answer]").textContent !== "";
  form.elements.reply_to.value = executionId;
  send.disabled = status !== "completed" || !hasAnswer;
  const isOver = !("live" in article.dataset);
  text.placeholder = send.disabled && isOver ? "There is no whole answer to go on from" : "Go on: the turns above go along";
}

function keep(typed) {
  // A full or forbidden storage costs the draft, not the page.
  try { typed ? sessionStorage.setItem(KEY, typed) : sessionStorage.removeItem(KEY); } catch { /* as said */ }
}

text.addEventListener("input", () => keep(text.value));
form.addEventListener("submit", (event) => {
  if (!send.disabled) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });
form.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== form || !detail.successful) return;
  const hadFocus = form.contains(document.activeElement);
  form.reset();
  text.value = "";
  keep("");
  form.querySelector("details").open = false;
  follow();
  if (hadFocus) text.focus({ preventScroll: true });
});
document.addEventListener("htmx:load", follow);
document.addEventListener("execution:ended", follow);
document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) keep(""); });
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-continues]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  text.focus();
});
// An act of a turn that opens its words leads to them.
document.addEventListener("toggle", ({ target }) => {
  const words = target.matches?.(".turn-edit") && target.open && target.querySelector("textarea");
  if (!words) return;
  words.focus();
  words.setSelectionRange(words.value.length, words.value.length);
}, { capture: true });

try { text.value ||= sessionStorage.getItem(KEY) ?? ""; } catch { /* as said */ }
follow();
