// Serves #compare: one button that runs and stops all columns, the outcome that is asked for as columns end, the
// words said when all begin and end, and refusals at their field. static/js/stream.js writes the answers.
const form = document.getElementById("compare-form");
const markFields = () => form.dispatchEvent(new Event("fields:mark", { bubbles: true }));
const button = document.getElementById("run");
const columns = () => document.getElementById("columns");
const comparison = () => document.getElementById("comparison").dataset;
const live = () => document.querySelector("article[data-live]");
const openFolds = new Set();
let isAsking = false;
let isStale = false;
let wasLive = Boolean(live());

function sync() {
  const isLive = Boolean(live());
  button.dataset.state = isLive ? "stop" : "run";
  document.getElementById("compare").classList.toggle("has-run", Boolean(document.querySelector("article")));
  for (const edit of document.querySelectorAll("[data-edits]")) edit.disabled = isLive;
  document.getElementById("column-add").disabled ||= "full" in columns().dataset;
  if (isLive && !wasLive) announce(`${document.querySelectorAll("article[data-live]").length} columns started.`);
  wasLive = isLive;
}

async function stop() {
  if (button.dataset.state !== "stop") return;
  button.dataset.state = "stopping";
  // The streams bring the end; should the request fail, the button offers Stop again.
  await htmx.ajax("POST", comparison().stop, { source: columns(), swap: "none" }).catch(() => {});
}

// What the page asks by itself gives way to what its reader asks: an answer that comes late would undo theirs, or take
// the place that theirs goes into. Nor is a comparison told of whose columns were edited since.
const outcome = () => document.getElementById("outcome");
const isReaders = (element) => element !== outcome() && document.getElementById("compare").contains(element);
const mayAsk = () => !document.querySelector("#compare .htmx-request:not(#outcome), #outcome [data-edited]");

// One question at a time: of several columns that end together, the last answer has them all.
async function askOutcome() {
  isStale = true;
  if (isAsking) return;
  isAsking = true;
  while (isStale && mayAsk()) {
    isStale = false;
    const hasEnded = !live();
    const place = { source: outcome(), target: outcome(), swap: "outerHTML" };
    await htmx.ajax("GET", comparison().outcome, place).catch(() => {});
    if (hasEnded && !isStale) announce(`All columns ended: ${document.querySelector("[data-told-outcome]")?.textContent ?? ""}.`);
  }
  isAsking = false;
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!isAsking || !isReaders(detail.elt)) return;
  isStale = true;
  htmx.trigger(outcome(), "htmx:abort");
});
document.addEventListener("htmx:afterRequest", () => {
  if (isStale) askOutcome();
});

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

button.addEventListener("click", (event) => {
  if (button.dataset.state === "run") return;
  event.preventDefault();
  stop();
});

// Enter in a field must not start a second comparison over one that is going on.
form.addEventListener("submit", (event) => {
  if (button.dataset.state === "run" || event.submitter !== button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

document.addEventListener("execution:ended", () => {
  sync();
  askOutcome();
});
document.addEventListener("htmx:responseError", sync);
document.addEventListener("htmx:sendError", sync);

// What was folded open stays open when the server writes the columns anew.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.(".column-fold")) openFolds[target.open ? "add" : "delete"](target.id);
}, { capture: true });
document.addEventListener("htmx:load", ({ target }) => {
  for (const fold of target.querySelectorAll?.(".column-fold") ?? []) fold.open ||= openFolds.has(fold.id);
  if (target.matches?.(".column-fold")) target.open ||= openFolds.has(target.id);
  sync();
});

// A new column begins with its model; one that went leaves the focus with its neighbour.
document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
  const edit = detail.requestConfig?.elt;
  if (target.id !== "columns" || !edit?.matches("[data-edits]")) return;
  const pickers = [...document.querySelectorAll("[data-picks]")];
  const at = edit.name === "add" ? pickers.length - 1 : Number(edit.value) + (edit.name === "duplicate" ? 1 : 0);
  pickers[Math.min(at, pickers.length - 1)].focus();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig?.path !== form.getAttribute("action")) return;
  if (detail.successful) for (const message of form.querySelectorAll(".field-error")) message.textContent = "";
  markFields();
});

document.addEventListener("input", ({ target }) => {
  const fold = target.closest?.(".column-fold");
  if (!fold) return;
  const set = [...fold.querySelectorAll("[name*='.parameters.']")].filter(({ value, disabled }) => value !== "" && !disabled);
  const told = set.map((input) => {
    const value = input.options ? input.options[input.selectedIndex].text : input.value.replaceAll("\n", " ");
    return `${input.closest("[data-parameter]").dataset.parameter.toLowerCase()} ${value}`;
  });
  fold.querySelector("[data-summary]").textContent = told.join(" · ");
});

// Why nothing began is seen, also where columns stand one below the other.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  if (target.matches("#run-problem, .column-problem")) document.querySelector("#compare .refusal")?.scrollIntoView({ block: "nearest" });
});

if (form.querySelector("[aria-invalid=true]")) markFields();
sync();
