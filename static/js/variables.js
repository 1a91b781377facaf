// Serves #variables: one row for each name of the texts, in step with what is typed. A name that is changed keeps its
// row; a row whose name is gone says so, and one that nobody has touched goes with it. A draft that is restored
// (`draft:restored`, with its fields by name) makes the rows anew.
const MOST = 100;
const prototype = document.getElementById("variable-template");
const rows = () => [...document.querySelectorAll("#variables > .variable")];
const nameOf = (row) => row.querySelector("[data-name]").textContent;
const foundOf = (row) => row.querySelector("[name$='.found']");
let before = null;
let uses = {}; // of a Jinja2 text, which tells types too

function addRow(name) {
  const index = Math.max(-1, ...rows().map((row) => Number(row.dataset.index))) + 1;
  const holder = document.createElement("template");
  holder.innerHTML = prototype.innerHTML.replaceAll("9999", String(index));
  const row = holder.content.querySelector(".variable");
  rename(row, name);
  row.setAttribute("data-new", "");
  follow(row, uses[name]);
  document.getElementById("variables").append(row);
  return row;
}

// What the texts tell of a variable (`array optional`), of which nobody has said more.
function follow(row, use) {
  if (!use || !row.hasAttribute("data-new") || foundOf(row).value.endsWith(" kept")) return;
  const [type, need] = use.split(" ");
  row.querySelector("[data-kind]").value = type;
  row.querySelector("[name$='.required']").checked = need === "required";
  foundOf(row).value = use;
  settle(row);
}

function rename(row, name) {
  row.querySelector("[data-name]").textContent = name;
  row.querySelector("[name$='.name']").value = name;
}

function sync(used) {
  const known = new Map(rows().map((row) => [nameOf(row), row]));
  const added = used.filter((name) => !known.has(name));
  const gone = [...known.keys()].filter((name) => !used.includes(name));
  const justGone = gone.filter((name) => before?.includes(name));
  if (added.length === 1 && justGone.length === 1) rename(known.get(justGone[0]), added[0]);
  else {
    for (const name of added.slice(0, MOST - known.size)) addRow(name);
    for (const name of gone) if (known.get(name).hasAttribute("data-new")) known.get(name).remove();
  }
  for (const row of rows()) {
    row.toggleAttribute("data-unused", !used.includes(nameOf(row)));
    follow(row, uses[nameOf(row)]);
  }
  before = used;
  tell();
}

function settle(row) {
  const { value } = row.querySelector("[data-kind]");
  for (const rule of row.querySelectorAll("[data-applies]")) rule.hidden = !rule.dataset.applies.split(" ").includes(value);
  const set = [...row.querySelectorAll("[data-applies]:not([hidden])")].flatMap((rule) => {
    const text = rule.querySelector(".input").value.trim().replaceAll("\n", ", ");
    return text ? [`${rule.dataset.word} ${text}`] : [];
  });
  row.querySelector("[data-rules]").textContent = set.join(" · ").slice(0, 200) || "none";
}

function rebuild(kept) {
  for (const row of rows()) row.remove();
  for (const [name, value] of kept) {
    const index = /^variables\.(\d+)\.name$/.exec(name)?.[1];
    if (!index) continue;
    const row = addRow(value);
    for (const field of row.querySelectorAll("[name]")) {
      const given = kept.get(field.name.replace(/^variables\.\d+\./, `variables.${index}.`));
      if (field.type === "checkbox") field.checked = given !== undefined;
      else field.value = given ?? "";
    }
    row.toggleAttribute("data-new", foundOf(row).value !== "");
    settle(row);
  }
}

const tell = () => document.dispatchEvent(new Event("variables:changed"));

document.addEventListener("input", ({ target }) => {
  const row = target.closest(".variable");
  if (!row) return;
  if (!target.name?.endsWith(".sample")) {
    row.removeAttribute("data-new");
    foundOf(row).value = "";
  }
  settle(row);
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-removes-variable]");
  if (!button) return;
  const row = button.closest(".variable");
  (row.nextElementSibling ?? row.previousElementSibling ?? document.getElementById("prompt")).focus();
  row.remove();
  document.getElementById("prompt").dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("editor:uses", ({ detail }) => { uses = detail; });
document.addEventListener("editor:names", ({ detail }) => sync(detail));
document.addEventListener("draft:restored", ({ detail }) => rebuild(detail));
document.addEventListener("htmx:load", ({ target }) => {
  if (target.id !== "editor") return;
  for (const row of rows()) settle(row);
});

for (const row of rows()) settle(row);
document.dispatchEvent(new Event("editor:begin"));
