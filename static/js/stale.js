// Serves [data-stale]: an answer says so when the form beside it holds something else than what it was asked.
const form = document.getElementById("run-form");
const WATCHED = {
  model_id: "model", prompt: "prompt", system_prompt: "system prompt", template_version: "template", parameters: "parameters",
  variables: "variables",
};
let asked = held({ atFirst: true });
let sent = asked;

// What the form holds; `atFirst` as the server wrote it, before a draft was put back.
function held({ atFirst = false } = {}) {
  const values = {};
  for (const { name, type, value, defaultValue, options, checked } of form.elements) {
    const group = name.split(".")[0];
    if (!(group in WATCHED) || type === "range" || (type === "checkbox" && !checked)) continue;
    const written = options ? [...options].find((each) => each.defaultSelected)?.value ?? options[0]?.value : defaultValue;
    const told = atFirst && type !== "hidden" ? written : value;
    if (told) values[name] = told;
  }
  return values;
}

function look() {
  const now = held();
  // A variable's field that went was not changed: the text that no longer names it was.
  const names = new Set([...Object.keys(asked), ...Object.keys(now)].filter((name) =>
    asked[name] !== now[name] && (!name.startsWith("variables.") || form.elements.namedItem(name))));
  const changed = [...new Set([...names].map((name) => WATCHED[name.split(".")[0]]))];
  for (const note of document.querySelectorAll("#output [data-stale]")) {
    note.hidden = changed.length === 0;
    note.querySelector("[data-stale-changed]").textContent = changed.join(", ");
  }
}

form.addEventListener("input", look);
form.addEventListener("change", look);
form.addEventListener("htmx:afterSwap", look);
document.addEventListener("htmx:beforeRequest", ({ target }) => { if (target === form) sent = held(); });
document.addEventListener("htmx:load", ({ target }) => {
  if (!target.matches("#execution")) return;
  // One that the form sent; what comes again (at its end, or by Again) was asked as before.
  asked = sent;
  look();
});

// Once a draft was put back.
addEventListener("load", look);
