// Serves #compare-form: keeps what is being typed, columns and all (their models, parameters and prompts), for this user
// and this browser, and puts it back: the server writes the columns of a draft, as it writes all others. What the address
// names wins, and what was typed before is offered back.
import { here, keepDrafts, valueIn } from "./draft_keeping.js";
import { fieldsOf, putBack } from "./draft_store.js";

const form = document.getElementById("compare-form");
const { user } = document.getElementById("compare").dataset;
const variables = document.getElementById("variables");
const OLD_KEY = `draft:compare:${user}`; // of pages whose drafts were the form as it would be sent
const PLACE = ["template_id", "template_version"];
const HOME = "/compare";

const comparison = () => form.elements.comparison_id?.value ?? "";
const isColumn = (name) => /^variants\./.test(name);
const isOfPlace = (draft) => PLACE.every((name) => valueIn(draft, name) === form.elements[name].value);

function home(draft) {
  const [template, version] = PLACE.map((name) => valueIn(draft, name));
  if (!template) return HOME;
  return `${HOME}?${new URLSearchParams({ template, ...(version ? { version } : {}) })}`;
}

function isFor(draft) {
  if (here() === HOME) return true;
  // What was run the server writes itself, with the differences that the address asks for.
  if (comparison()) return valueIn(draft, "comparison_id") === comparison() && !draft.sent;
  return draft.at === here() && isOfPlace(draft);
}

// Of a comparison that this page does not show, the columns are those of a new one.
function ofThisPage(fields) {
  const isShown = fields.some(([name, value]) => name === "comparison_id" && value === comparison());
  return isShown ? fields : fields.filter(([name]) => name !== "comparison_id" && !/^variants\.\d+\.execution$/.test(name));
}

async function put(draft) {
  const fields = ofThisPage(draft.fields.filter(([name]) => !PLACE.includes(name)));
  putBack(form, fields.filter(([name]) => !isColumn(name) && !name.startsWith("variables.") && name !== "comparison_id"));
  document.dispatchEvent(new Event("attachments:restored"));
  const values = fields.filter(([name]) => name.startsWith("variables."));
  if (values.length) fill(values);
  if (!fields.some(([name]) => isColumn(name)) || isAsShown(fields)) return;
  const sent = { ...Object.fromEntries(fields), session_id: form.elements.session_id.value };
  await htmx.ajax("POST", location.origin + HOME, { target: "#columns", swap: "outerHTML", values: sent }).catch(() => {});
}

const told = (pairs) => JSON.stringify(pairs.filter(([name]) => isColumn(name)));
const isAsShown = (fields) => told(fields) === told(fieldsOf(form));

// Hidden until the server has made fields of them: whichever answer comes last, it was told of them.
function fill(values) {
  variables.replaceChildren(...values.map(([name, value]) => Object.assign(document.createElement("textarea"), { hidden: true, name, value })));
}

function older() {
  let text = null;
  try { text = localStorage.getItem(OLD_KEY); } catch { /* no storage, no draft */ }
  return text ? { at: "", execution: "", sent: false, saved: 0, fields: [...new URLSearchParams(text)] } : null;
}

keepDrafts({
  key: `compare-draft:${user}`,
  form,
  place: PLACE,
  run: comparison,
  isFor,
  home,
  moves: (draft) => here() === HOME && Boolean(valueIn(draft, "template_id")),
  gone: "The template that this was written for is not there any more: your text is, without it.",
  put,
  isTyped: (draft) => draft.fields.some(([name, value]) =>
    value.trim() && (/(^|\.)(prompt|system_prompt)$/.test(name) || name.startsWith("variables.") || (name === "attachments" && value !== "[]"))),
  beginning: (draft) => draft.fields.find(([name, value]) => /(^|\.)(prompt|system_prompt)$/.test(name) && value.trim())?.[1].trim() ?? "values and files",
  sends: (path) => path === form.getAttribute("action"),
  older,
  oldKey: OLD_KEY,
});
