// Serves #reply, the composer beneath a conversation: it follows the run that is shown, stays as it is while that one
// comes, and keeps what is typed (static/js/reply_draft.js). Continue leads to it.
import { replyDraft } from "./reply_draft.js";

const form = document.getElementById("reply");
const text = document.getElementById("reply-text");
const send = document.getElementById("reply-send");
const draft = replyDraft(form);

// What will be sent is told where it is sent, too: the words may be folded away.
function tellEdited() {
  const edited = document.querySelector("#output [data-edited-answer]");
  form.querySelector("[data-goes-along]").hidden = !edited || edited.value === edited.defaultValue;
}

function follow() {
  const article = document.querySelector("#output article[data-execution-id]");
  form.hidden = !article;
  if (!article) return;
  const { executionId, status } = article.dataset;
  const hasAnswer = article.querySelector("[data-answer]").textContent !== "";
  form.elements.reply_to.value = executionId;
  draft.follow(article.dataset.conversation);
  send.disabled = status !== "completed" || !hasAnswer;
  const isOver = !("live" in article.dataset);
  tellEdited();
  text.placeholder = send.disabled && isOver ? "There is no whole answer to go on from" : "Go on: the turns above go along";
}

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
  draft.sent();
  form.querySelector("details").open = false;
  follow();
  if (hadFocus) text.focus({ preventScroll: true });
});
document.addEventListener("htmx:load", follow);
document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-edited-answer]")) tellEdited(); });
document.addEventListener("execution:ended", follow);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-continues]") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  text.focus();
});
// An act of a turn that opens its words leads to them.
document.addEventListener("toggle", ({ target }) => {
  const words = target.matches?.(".turn-edit, .reply-written") && target.open && target.querySelector("textarea");
  if (!words || !target.contains(document.activeElement)) return;
  words.focus();
  words.setSelectionRange(words.value.length, words.value.length);
}, { capture: true });

follow();
