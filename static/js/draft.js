// Serves #run-form: keeps all that stands in it (model, parameters, texts, values of variables, files by their ids, tools)
// for this user, this session and this browser, and puts it back. What the address names wins, and what was typed before
// is offered back; a draft of a template or of a conversation is put back where that is. Whether files are still there,
// and this user's, the server says (static/js/attachments.js).
import { asked, here, isReturn, keepDrafts, valueIn } from "./draft_keeping.js";
import { putBack } from "./draft_store.js";

const page = document.getElementById("playground");
const form = document.getElementById("run-form");
const variables = document.getElementById("variables");
const { user } = page.dataset;
const OLD_KEY = `draft:${user}`; // of pages before drafts had a session
const PLACE = ["template_id", "template_version", "parent_id"];
const ADDRESSES = new Set(["session", "template", "version", "label", "continue", "model", "execution", "repeat", "rows", "scorer", "expected"]);
let hasBegun = false; // static/js/placeholders.js has

const isValue = (name) => /^(variables|rows)\./.test(name);
const isOfPlace = (draft) => PLACE.every((name) => valueIn(draft, name) === form.elements[name].value);
const isElsewhere = (draft) => Boolean(valueIn(draft, "template_id") || valueIn(draft, "parent_id"));
const isBare = () => !page.dataset.execution && !["template", "continue", "model"].some((name) => asked().has(name));

function home(draft) {
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

function isFor(draft) {
  const query = asked();
  if ([...query.keys()].some((name) => !ADDRESSES.has(name)) || location.pathname !== form.dataset.home) return draft.at === here();
  if (page.dataset.execution) return draft.execution === page.dataset.execution;
  if (query.has("template") || query.has("continue")) return isOfPlace(draft);
  if (query.has("model")) return draft.at === here() || !isElsewhere(draft);
  return true;
}

async function put(draft) {
  const fields = draft.fields.filter(([name]) => !PLACE.includes(name));
  const values = fields.filter(([name]) => isValue(name));
  const before = form.elements.model_id.value;
  const isModelNamed = asked().has("model") && !isReturn;
  const model = isModelNamed ? before : valueIn(draft, "model_id");
  putBack(form, fields.filter(([name]) => name !== "model_id" && !isValue(name)));
  if (values.length) fill(values);
  document.dispatchEvent(new Event("attachments:restored"));
  if (fields.some(([name]) => name.startsWith("tools."))) document.getElementById("tools-fold").open = true;
  if (model && model !== before) await pick(model, fields);
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

// As pages wrote it before drafts had models and parameters.
function older() {
  try {
    const { execution, system = "", prompt = "", attachments = "[]", values = [] } = JSON.parse(localStorage.getItem(OLD_KEY)) ?? {};
    const fields = [["system_prompt", system], ["prompt", prompt], ["attachments", attachments], ...values];
    const isRead = fields.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string"));
    return isRead && fields.some(([, value]) => value && value !== "[]") ? { at: "", execution: String(execution ?? ""), sent: false, saved: 0, fields } : null;
  } catch { return null; }
}

document.addEventListener("DOMContentLoaded", () => { hasBegun = true; });
keepDrafts({
  key: `draft:${user}:${form.elements.session_id.value}`,
  form,
  place: PLACE,
  run: () => page.dataset.execution,
  isFor,
  home,
  moves: (draft) => isBare() && isElsewhere(draft),
  gone: "The template or the run that this was written for is not there any more: your text is, without it.",
  put,
  isTyped: (draft) => draft.fields.some(([name, value]) =>
    value.trim() && (["prompt", "system_prompt"].includes(name) || isValue(name) || (name === "attachments" && value !== "[]"))),
  beginning: (draft) => ["prompt", "system_prompt"].map((name) => valueIn(draft, name).trim()).find(Boolean) ?? "values and files",
  sends: (path) => [form.getAttribute("action"), document.getElementById("repeat-run").getAttribute("formaction")].includes(path),
  older,
  oldKey: OLD_KEY,
});
