// Serves form[data-keeps="place"]: keeps what is typed into it for this browser until it is sent, and puts it back. The
// place begins with whose it is (a person's id, or a reviewer's link). Fields come and go with the page; a field that is
// not there any more is left out. What was sent is put back only to who comes back: by Back, or by a new sign-in.
import { draftsAt, fieldsOf, putBack, sameFields } from "./draft_store.js";
import { notice } from "./notice.js";

const SOON = 200; // ms
const cameFrom = () => { try { return new URL(document.referrer).pathname; } catch { return ""; } };
const isReturn = performance.getEntriesByType("navigation")[0]?.type !== "navigate" || /^\/(login|sign-in)/.test(cameFrom());
const kept = new WeakSet();

function keep(form) {
  kept.add(form);
  const drafts = draftsAt(`form-draft:${form.dataset.keeps}`);
  const written = fieldsOf(form);
  let timer = 0;
  let isOver = false;
  let isPutting = false;
  let isSent = false;
  let told = null; // the notice that stands at the form

  function save() {
    clearTimeout(timer);
    timer = 0;
    if (isOver || !form.isConnected) return;
    drafts.keep({ at: location.pathname, sent: isSent, fields: fieldsOf(form), written });
  }

  function begin() {
    const draft = drafts.newest();
    if (!draft?.fields.length) return;
    if (draft.sent && !isReturn) return drafts.begin();
    if (sameFields(shown(draft.fields), shown(written))) return;
    // Typed into this very form; else the page came with something of its own, which stays until its reader says so.
    if (!Array.isArray(draft.written) || !sameFields(shown(draft.written), shown(written))) {
      return tell("You had typed something else here, and not sent it.", ["Restore it", () => restore(draft)], ["Forget it", () => drafts.begin()]);
    }
    restore(draft);
    tell("What you had typed and not sent is back.", ["Discard it", discard]);
  }

  // What its reader sees: hidden values are the server's.
  const shown = (fields) => fields.filter(([name]) => form.elements[name]?.type !== "hidden");

  // Something else than what the page came with.
  const isTyped = (fields) => !sameFields(shown(fields), shown(written));

  function tell(text, ...acts) {
    told?.remove();
    told = notice(text, acts);
    form.prepend(told);
    form.closest("details")?.setAttribute("open", ""); // what is back is seen
  }

  // Two tabs at the same form: the newer text is the draft, and the older one is offered it.
  function offerNewer(draft) {
    if (isOver || draft.sent || !form.isConnected || !isTyped(draft.fields)) return;
    if (sameFields(shown(draft.fields), shown(fieldsOf(form)))) return;
    tell(`Newer text from another tab: ${beginning(draft)}`, ["Take it", () => restore(draft)], ["Keep mine", () => { if (isTyped(fieldsOf(form))) save(); }]);
  }

  // What it says, beside what the page came with.
  function beginning(draft) {
    const own = new Set(written.map(([, value]) => value));
    const text = shown(draft.fields).map(([, value]) => value.trim()).find((value) => value && !own.has(value)) ?? "other values";
    return text.length > 60 ? `${text.slice(0, 60).trimEnd()}…` : text;
  }

  function restore(draft) {
    isPutting = true;
    putBack(form, shown(draft.fields));
    isPutting = false;
    save();
  }

  function discard() {
    clearTimeout(timer);
    drafts.begin();
    isPutting = true;
    putBack(form, written);
    isPutting = false;
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  }

  const typed = ({ target }) => {
    if (isPutting || target.form !== form) return; // fields of a form may stand outside it
    isSent = false;
    clearTimeout(timer);
    timer = setTimeout(save, SOON);
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  form.addEventListener("submit", (event) => {
    // Another one asks first, or htmx sends it: then its answer tells.
    if (event.defaultPrevented || form.matches("[hx-post], [data-hx-post]")) return;
    isSent = true;
    save();
  });
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt !== form || !detail.successful) return;
    clearTimeout(timer);
    timer = 0;
    drafts.begin();
  });
  addEventListener("pagehide", () => { if (timer) save(); });
  document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) isOver = true; });
  begin();
  drafts.onNewer(offerNewer);
}

function look(root = document) {
  for (const form of root.querySelectorAll("form[data-keeps]")) if (!kept.has(form)) keep(form);
  if (root.matches?.("form[data-keeps]") && !kept.has(root)) keep(root);
}

document.addEventListener("htmx:load", ({ target }) => look(target));
look();
