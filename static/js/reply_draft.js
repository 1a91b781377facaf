// Keeps for static/js/reply.js what is typed for the next turn, by person and conversation: back after a reload, in
// another tab, and when the browser is opened again. Newer text from another tab is offered, not put over this one's.
import { draftsAt, fieldsOf, putBack, sameFields } from "./draft_store.js";
import { notice } from "./notice.js";

const NAMES = ["reply", "written_prompt", "written_answer"];
const EDITED = /^edited_answer\./; // of a run by its id, which has the model's text until somebody changes it
const SHOWN = 60; // characters of an offered text

export function replyDraft(form) {
  const isChanged = (name, value) => EDITED.test(name) && form.elements[name] && form.elements[name].defaultValue !== value;
  const held = () => fieldsOf(form).filter(([name, value]) => NAMES.includes(name) || isChanged(name, value));
  const isEmpty = (fields) => !fields.some(([, value]) => value.trim());
  let drafts = null;
  let of = null;
  let told = null;
  let isPutting = false;

  function put(fields) {
    isPutting = true;
    putBack(form, [...NAMES.map((name) => fields.find(([each]) => each === name) ?? [name, ""]), ...fields.filter(([name]) => EDITED.test(name))]);
    isPutting = false;
    for (const [name, value] of held()) {
      if (value && (name.startsWith("written_") || EDITED.test(name))) form.elements[name].closest("details").open = true;
    }
  }

  function keep() {
    if (!drafts) return;
    if (isEmpty(held())) drafts.drop();
    else drafts.keep({ at: location.pathname, sent: false, fields: held() });
  }

  function offer(newer) {
    if (isEmpty(newer.fields) || sameFields(newer.fields, held())) return;
    const text = newer.fields.map(([, value]) => value.trim()).find(Boolean);
    const begins = text.length > SHOWN ? `${text.slice(0, SHOWN).trimEnd()}…` : text;
    withdraw();
    told = notice(`Newer text from another tab: ${begins}`, [["Take it", () => { put(newer.fields); keep(); }], ["Keep mine", keep]]);
    form.prepend(told);
  }

  function withdraw() {
    told?.remove();
    told = null;
  }

  // Some of its fields stand at the answer, outside it.
  document.addEventListener("input", ({ target }) => {
    if (!isPutting && target.form === form && (NAMES.includes(target.name) || EDITED.test(target.name))) keep();
  });

  return {
    // The conversation that is shown now; what the server wrote into the form stays where nothing was kept.
    follow(conversation) {
      if (conversation === of) return;
      const isFirst = of === null;
      of = conversation;
      withdraw();
      const own = draftsAt(`reply-draft:${form.dataset.user}:${conversation}`);
      drafts = own;
      const kept = own.newest()?.fields ?? [];
      if (!isFirst || (isEmpty(held()) && !isEmpty(kept))) put(kept);
      else keep();
      own.onNewer((newer) => { if (drafts === own) offer(newer); });
    },
    sent() {
      withdraw();
      drafts?.drop();
    },
  };
}
