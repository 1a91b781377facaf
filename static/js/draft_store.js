// Keeps drafts in this browser for static/js/draft.js, compare_draft.js, reply_draft.js and keep_form.js. A draft is
// what the fields of one place held ([name, value], in their order), when it was kept, at which address, and whether it
// has been sent. The newest one is everybody's of this person (localStorage); each tab has its own besides
// (sessionStorage), so that two tabs at the same place lose nothing to each other. One that gave way to another is set
// aside until it is taken or left.
const VERSION = 2;

export function draftsAt(key) {
  const aside = key.replace(/draft:/, "aside-draft:");
  return {
    key,
    newest: () => newer(read(localStorage, key), read(sessionStorage, key)),
    ofThisTab: () => read(sessionStorage, key),
    keep(draft) {
      const text = JSON.stringify({ ...draft, version: VERSION, saved: Date.now() });
      for (const storage of [localStorage, sessionStorage]) write(storage, key, text);
    },
    // Begun anew on purpose: what another tab still holds is older than that.
    begin() { this.keep({ at: "", fields: [], sent: true }); },
    drop: () => { for (const storage of [localStorage, sessionStorage]) write(storage, key, null); },
    setAside: (draft) => write(localStorage, aside, JSON.stringify(draft)),
    aside: () => read(localStorage, aside),
    leave: () => write(localStorage, aside, null),
    // Tells what another tab has kept here, also what it kept while this one slept.
    onNewer(tell) {
      let told = 0;
      const look = () => {
        const draft = read(localStorage, key);
        if (!draft || draft.saved <= Math.max(told, read(sessionStorage, key)?.saved ?? 0)) return;
        told = draft.saved;
        tell(draft);
      };
      addEventListener("storage", (event) => { if (event.key === key) look(); });
      addEventListener("pageshow", ({ persisted }) => { if (persisted) look(); });
      document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
    },
  };
}

const newer = (one, other) => (one && other ? (other.saved > one.saved ? other : one) : (one ?? other));

// Whatever stands there: an older page's draft, another program's text, nothing. What cannot be read is no draft.
function read(storage, key) {
  let found = null;
  try { found = JSON.parse(storage.getItem(key)); } catch { /* no storage, or no JSON */ }
  if (found?.version !== VERSION || !Array.isArray(found.fields) || !Number.isFinite(found.saved)) return null;
  const fields = found.fields.filter((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === "string"));
  return { ...found, fields, at: String(found.at ?? ""), execution: String(found.execution ?? ""), sent: found.sent === true };
}

function write(storage, key, text) {
  // A full or forbidden storage costs the draft, not the page.
  try { text === null ? storage.removeItem(key) : storage.setItem(key, text); } catch { /* as said */ }
}

const UNKEPT = new Set(["csrfmiddlewaretoken", "idempotency_key", "session_id", "confirm_cost"]);

// What the form holds, with what is off for the moment; not its buttons, and no files, whose content no draft has.
export function fieldsOf(form) {
  const found = [];
  for (const { name, type, value, checked, options } of form.elements) {
    if (!name || UNKEPT.has(name) || ["submit", "button", "reset", "file", "password"].includes(type)) continue;
    if ((type === "checkbox" || type === "radio") && !checked) continue;
    if (type === "select-multiple") for (const each of options) { if (each.selected) found.push([name, each.value]); }
    else found.push([name, value]);
  }
  return found;
}

export const sameFields = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// Puts values back where a field of the name is, and tells those who serve the field.
export function putBack(form, fields) {
  const given = Map.groupBy ? Map.groupBy(fields, ([name]) => name) : grouped(fields);
  for (const field of [...form.elements]) {
    const { name, type } = field;
    if (!name || UNKEPT.has(name) || ["submit", "button", "reset", "file", "password"].includes(type)) continue;
    const values = given.get(name)?.map(([, value]) => value);
    if (!put(field, values)) continue;
    if (type !== "hidden") field.dispatchEvent(new Event(type === "select-one" ? "change" : "input", { bubbles: true }));
    if (type === "select-one") field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function put(field, values) {
  if (field.type === "checkbox" || field.type === "radio") {
    const checked = Boolean(values?.includes(field.value));
    if (field.checked === checked) return false;
    field.checked = checked;
    return true;
  }
  if (!values) return false;
  if (field.type === "select-multiple") {
    for (const each of field.options) each.selected = values.includes(each.value);
    return true;
  }
  const value = values.length > 1 ? values.shift() : values[0];
  if (field.value === value) return false;
  // An option that is not there any more leaves the choice as it is.
  if (field.options && ![...field.options].some((option) => option.value === value)) return false;
  field.value = value;
  return true;
}

function grouped(fields) {
  const found = new Map();
  for (const pair of fields) found.set(pair[0], [...(found.get(pair[0]) ?? []), pair]);
  return found;
}
