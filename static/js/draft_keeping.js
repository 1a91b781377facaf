// What static/js/draft.js and compare_draft.js share: keeps the draft of a form as one types, takes it up where the
// address leaves the form to it, offers back what had to give way, and tells of what another tab has typed.
import { draftsAt, fieldsOf, sameFields } from "./draft_store.js";
import { offer, tell, withdraw } from "./draft_offer.js";

const LONGEST_ASIDE = 7 * 24 * 3600 * 1000; // ms that what was set aside is offered
const SOON = 200; // ms
export const here = () => location.pathname + location.search;
export const asked = () => new URLSearchParams(location.search);
export const isReturn = performance.getEntriesByType("navigation")[0]?.type !== "navigate"; // reloaded, or by Back
export const valueIn = (draft, name) => draft.fields.find(([each]) => each === name)?.[1] ?? "";

// `key` names the place; `place` are the fields that the server wrote and no draft puts back; `run` tells which run or
// comparison the page shows. `isFor`, whether the address leaves the form to a draft; `home`, the address of the form
// that it was typed into, to which `moves` says whether to go; `put` puts it back; `isTyped` and `beginning` tell of its
// texts; `sends`, whether a request sent the form; `older` reads what earlier pages kept, under `oldKey`.
export function keepDrafts({ key, form, place, run, isFor, home, moves, gone, put, isTyped, beginning, sends, older, oldKey }) {
  const drafts = draftsAt(key);
  let timer = 0;
  let isPutting = false; // fields tell of what the draft does
  let isWaiting = false; // for what the server makes of the draft
  let isOver = false; // signed out, or begun anew
  let isSent = false;
  let isTouched = false; // by its reader, not by a script
  let kept = null;

  const now = () => ({ at: here(), execution: run(), sent: isSent, fields: fieldsOf(form) });
  const mine = () => ({ ...now(), version: 2, saved: Date.now() });
  const isUnsent = (draft) => Boolean(draft) && !draft.sent && isTyped(draft);
  const told = (fields) => fields.filter(([name]) => !place.includes(name));
  const isSame = (draft) => sameFields(told(draft.fields), told(fieldsOf(form)));

  function forgetOld() {
    try { localStorage.removeItem(oldKey); } catch { /* no storage, no draft */ }
  }

  function save({ always = false } = {}) {
    clearTimeout(timer);
    timer = 0;
    if (isWaiting || isOver) return;
    const draft = now();
    const isKept = kept && ["at", "execution", "sent"].every((each) => kept[each] === draft[each]) && sameFields(kept.fields, draft.fields);
    if (isKept && !always) return;
    kept = draft;
    drafts.keep(draft);
    forgetOld();
  }

  function saveSoon() {
    clearTimeout(timer);
    timer = setTimeout(save, SOON);
  }

  async function begin() {
    const newest = drafts.newest() ?? older();
    const own = drafts.ofThisTab();
    if (newest && isFor(newest)) {
      if (isUnsent(own) && own.saved < newest.saved && !sameFields(own.fields, newest.fields)) drafts.setAside(own);
      await takeUp(newest);
    } else if (isUnsent(newest) && !isSame(newest)) drafts.setAside(newest);
    kept ??= now();
    offerAside();
    drafts.onNewer(offerNewer);
  }

  async function takeUp(draft) {
    if (!draft.fields.length) return;
    const address = home(draft);
    if (moves(draft) && address !== here()) {
      const answer = await fetch(address).catch(() => null);
      // Somebody types already: that stays, and what was typed before is offered.
      if (isTouched) {
        if (isUnsent(draft)) drafts.setAside(draft);
        return save({ always: true });
      }
      if (answer?.ok && !answer.redirected) return go(address);
      tell(gone);
    }
    isSent = draft.sent;
    await putBack(draft);
  }

  async function putBack(draft) {
    isPutting = true;
    const waiting = put(draft);
    isPutting = false;
    kept = now();
    isWaiting = true;
    await waiting;
    isWaiting = false;
    if (isSame(draft)) kept = now();
    else save();
  }

  // Nothing more on this page.
  function go(address) {
    isOver = true;
    location.replace(address);
    form.addEventListener("input", ({ isTrusted }) => {
      if (!isTrusted) return;
      stop(); // somebody types into the page that was to be left
      isOver = false;
      saveSoon();
    });
    return new Promise(() => {});
  }

  function offerAside() {
    const draft = drafts.aside();
    if (!draft) return;
    if (isSame(draft) || Date.now() - draft.saved > LONGEST_ASIDE) return drafts.leave();
    offer(`You had typed something else: ${shortened(draft)}`, {
      takeWord: "Restore what you had typed", leaveWord: "Forget it", leave: drafts.leave, take: () => swap(draft),
    });
  }

  function offerNewer(draft) {
    if (isOver || !isUnsent(draft) || isSame(draft)) return;
    offer(`Newer text from another tab: ${shortened(draft)}`, {
      takeWord: "Take it", leaveWord: "Keep mine", leave: () => save({ always: true }), take: () => swap(draft),
    });
  }

  function shortened(draft) {
    const text = beginning(draft);
    return text.length > 60 ? `${text.slice(0, 60).trimEnd()}…` : text;
  }

  // The other one in the place of this one, which is set aside if nobody has run it.
  async function swap(draft) {
    const before = mine();
    drafts.leave();
    if (isUnsent(before)) drafts.setAside(before);
    const { at, execution, fields } = draft;
    drafts.keep({ at, execution, fields, sent: false });
    if (!place.every((name) => valueIn(draft, name) === (form.elements[name]?.value ?? ""))) {
      isOver = true;
      return location.assign(home({ ...draft, sent: false }));
    }
    isSent = false;
    await putBack(draft);
    save({ always: true });
  }

  function typed() {
    if (isPutting) return;
    // A field that is left tells of a change again, which may have been sent meanwhile.
    if (!kept || !sameFields(kept.fields, fieldsOf(form))) isSent = false;
    saveSoon();
  }

  form.addEventListener("input", ({ isTrusted }) => { isTouched ||= isTrusted; }, { capture: true });
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  document.addEventListener("htmx:afterSettle", saveSoon); // the server has written fields anew, or begun a run
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful || !sends(detail.requestConfig?.path)) return;
    isSent = true;
    save();
  });
  document.addEventListener("htmx:pushedIntoHistory", () => save());
  addEventListener("pagehide", () => { if (timer) save(); });
  document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) isOver = true; });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-new]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const before = mine();
    if (isUnsent(before)) drafts.setAside(before);
    isOver = true;
    withdraw();
    drafts.begin();
    forgetOld();
  });
  begin();
}
