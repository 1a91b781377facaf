// Serves #run-form: keeps all that stands in it (model, parameters, texts, values of variables, files by their ids, tools)
// for this user, this session and this browser, and puts it back. What the address names wins, and what was typed before
// is offered back; a draft of a template or of a conversation is put back where that is.
import { draftsAt, fieldsOf, putBack, sameFields } from "./draft_store.js";
import { offer, tell, withdraw } from "./draft_offer.js";

const page = document.getElementById("playground");
const form = document.getElementById("run-form");
const variables = document.getElementById("variables");
const { user } = page.dataset;
const drafts = draftsAt(`draft:${user}:${form.elements.session_id.value}`);
const OLD_KEY = `draft:${user}`; // of pages before drafts had a session
const PLACE = ["template_id", "template_version", "parent_id"]; // of the form, as the server wrote it
const ADDRESSES = new Set(["session", "template", "version", "label", "continue", "model", "execution", "repeat", "rows", "scorer", "expected"]);
const LONGEST_ASIDE = 7 * 24 * 3600 * 1000; // ms that what was set aside is offered
const isReturn = performance.getEntriesByType("navigation")[0]?.type !== "navigate"; // reloaded, or by Back
const here = () => location.pathname + location.search;
const asked = () => new URLSearchParams(location.search);
let timer = 0;
let isPutting = false; // fields tell of what the draft does
let isPicking = false; // the draft's model is on its way
let hasBegun = false; // static/js/placeholders.js has
let isOver = false; // signed out, or begun anew
let isSent = false;
let kept = null;

const now = () => ({ at: here(), execution: page.dataset.execution, sent: isSent, fields: fieldsOf(form) });

function save({ always = false } = {}) {
  clearTimeout(timer);
  timer = 0;
  if (isPicking || isOver) return;
  const draft = now();
  const isKept = kept && ["at", "execution", "sent"].every((each) => kept[each] === draft[each]) && sameFields(kept.fields, draft.fields);
  if (isKept && !always) return;
  kept = draft;
  drafts.keep(draft);
  try { localStorage.removeItem(OLD_KEY); } catch { /* no storage, no draft */ }
}

function saveSoon() {
  clearTimeout(timer);
  timer = setTimeout(save, 200);
}

const isValue = (name) => /^(variables|rows)\./.test(name);
const valueIn = (draft, name) => draft.fields.find(([each]) => each === name)?.[1] ?? "";
const isTyped = (draft) => draft.fields.some(([name, value]) =>
  value.trim() && (["prompt", "system_prompt"].includes(name) || isValue(name) || (name === "attachments" && value !== "[]")));
const isUnsent = (draft) => Boolean(draft) && !draft.sent && isTyped(draft);
const isSame = (draft) => sameFields(draft.fields.filter(([name]) => !PLACE.includes(name)), fieldsOf(form).filter(([name]) => !PLACE.includes(name)));
const isOfPlace = (draft) => PLACE.every((name) => valueIn(draft, name) === form.elements[name].value);
const isElsewhere = (draft) => Boolean(valueIn(draft, "template_id") || valueIn(draft, "parent_id"));

// Where the server writes the form that this draft was typed into.
function addressOf(draft) {
  const query = new URLSearchParams();
  const [template, version, parent] = PLACE.map((name) => valueIn(draft, name));
  if (draft.sent && draft.execution && draft.at.includes(draft.execution)) return draft.at;
  if (parent) query.set("continue", parent);
  else if (template) {
    query.set("template", template);
    if (version) query.set("version", version);
  }
  const session = asked().get("session");
  if (session) query.set("session", session);
  return `${form.dataset.home}${query.size ? `?${query}` : ""}`;
}

// Whether the address leaves the form to the draft.
function isFor(draft) {
  const query = asked();
  if ([...query.keys()].some((name) => !ADDRESSES.has(name)) || location.pathname !== form.dataset.home) return draft.at === here();
  if (page.dataset.execution) return draft.execution === page.dataset.execution;
  if (query.has("template") || query.has("continue")) return isOfPlace(draft);
  if (query.has("model")) return draft.at === here() || !isElsewhere(draft);
  return true;
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
  const address = addressOf(draft);
  const isBare = !page.dataset.execution && !["template", "continue", "model"].some((name) => asked().has(name));
  if (isBare && isElsewhere(draft) && address !== here()) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok && !answer.redirected) return leaveFor(address);
    tell("The template or the run that this was written for is not there any more: your text is, without it.");
  }
  isSent = draft.sent;
  await put(asked().has("model") && !isReturn ? { ...draft, fields: draft.fields.filter(([name]) => name !== "model_id") } : draft);
}

function leaveFor(address) {
  isOver = true;
  location.replace(address);
  return new Promise(() => {}); // nothing more on this page
}

async function put(draft) {
  const fields = draft.fields.filter(([name]) => !PLACE.includes(name));
  const values = fields.filter(([name]) => isValue(name));
  const model = valueIn(draft, "model_id");
  const before = form.elements.model_id.value;
  isPutting = true;
  putBack(form, fields.filter(([name]) => name !== "model_id" && !isValue(name)));
  if (values.length) fill(values);
  document.dispatchEvent(new Event("attachments:restored"));
  if (fields.some(([name]) => name.startsWith("tools."))) document.getElementById("tools-fold").open = true;
  isPutting = false;
  kept = now();
  if (!model || model === before) return;
  isPicking = true;
  await pick(model, fields);
  isPicking = false;
  save();
}

// What that model is and takes, the server says; of one that is gone, which one stands in for it.
async function pick(model, fields) {
  const values = Object.fromEntries(fields.filter(([name]) => name.startsWith("parameters.")));
  form.elements.model_id.value = model;
  await htmx.ajax("GET", form.dataset.parameters, {
    source: document.getElementById("picker"), target: "#parameters", swap: "outerHTML",
    values: { ...values, model_id: model, restores: "true" },
  }).catch(() => {});
}

// Hidden until the server has made fields of them, which it does when the names differ from those that are shown.
function fill(values) {
  variables.replaceChildren(...values.map(([name, value]) => Object.assign(document.createElement("textarea"), { hidden: true, name, value })));
  variables.dataset.names = "?";
  if (hasBegun) htmx.trigger(variables, "placeholders");
}

function offerAside() {
  const draft = drafts.aside();
  if (!draft) return;
  if (isSame(draft) || Date.now() - draft.saved > LONGEST_ASIDE) return drafts.leave();
  offer(`You had typed something else: ${beginningOf(draft)}`, {
    takeWord: "Restore what you had typed", leaveWord: "Forget it", leave: drafts.leave, take: () => swap(draft),
  });
}

function offerNewer(draft) {
  if (!isUnsent(draft) || isSame(draft)) return;
  offer(`Newer text from another tab: ${beginningOf(draft)}`, {
    takeWord: "Take it", leaveWord: "Keep mine", leave: () => save({ always: true }), take: () => swap(draft),
  });
}

function beginningOf(draft) {
  const text = ["prompt", "system_prompt"].map((name) => valueIn(draft, name).trim()).find(Boolean) ?? "values and files";
  return text.length > 60 ? `${text.slice(0, 60).trimEnd()}…` : text;
}

// The other one in the place of this one, which is set aside if nobody has run it.
async function swap(draft) {
  const mine = { ...now(), saved: Date.now(), version: 2 };
  drafts.leave();
  if (isUnsent(mine)) drafts.setAside(mine);
  const { at, execution, fields } = draft;
  drafts.keep({ at, execution, fields, sent: false });
  if (!isOfPlace(draft)) return go(addressOf({ ...draft, sent: false }));
  isSent = false;
  await put(draft);
  save({ always: true });
}

function go(address) {
  isOver = true;
  location.assign(address);
}

// As pages wrote it before drafts had models and parameters.
function older() {
  try {
    const { execution, system = "", prompt = "", attachments = "[]", values = [] } = JSON.parse(localStorage.getItem(OLD_KEY)) ?? {};
    const fields = [["system_prompt", system], ["prompt", prompt], ["attachments", attachments], ...values];
    const isRead = fields.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string"));
    return isRead && fields.some(([, value]) => value && value !== "[]") ? { at: "", execution: String(execution ?? ""), sent: false, saved: 0, fields } : null;
  } catch { return null; }
}

function typed() {
  if (isPutting) return;
  isSent = false;
  saveSoon();
}

// The form itself: pictures and files have changed.
form.addEventListener("input", typed);
form.addEventListener("change", typed);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target === variables || target.id === "parameters" || target.id === "picked") saveSoon();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || ![form.getAttribute("action"), document.getElementById("repeat-run")?.getAttribute("formaction")].includes(detail.requestConfig?.path)) return;
  isSent = true;
  save();
});
document.addEventListener("htmx:pushedIntoHistory", () => save());
addEventListener("pagehide", () => { if (timer) save(); });
document.addEventListener("submit", ({ target }) => { if ("forgetsDrafts" in target.dataset) isOver = true; });
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-new]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const mine = { ...now(), saved: Date.now(), version: 2 };
  if (isUnsent(mine)) drafts.setAside(mine);
  isOver = true;
  withdraw();
  drafts.document.addEventListener("DOMContentLoaded", () => { hasBegun = true; });
begin();
  try { localStorage.removeItem(OLD_KEY); } catch { /* no storage, no draft */ }
});

document.addEventListener("DOMContentLoaded", () => { hasBegun = true; });
begin();
