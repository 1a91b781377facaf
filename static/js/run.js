// Serves #run-form, #run and #repeat-run: one button that is Run and Stop (of all runs of a repetition, too), examples
// that run on a click, and refusals that stand at their field.
const form = document.getElementById("run-form");
const markFields = () => document.dispatchEvent(new Event("fields:mark", { bubbles: true }));
const button = document.getElementById("run");
const page = document.getElementById("playground");
const again = document.getElementById("repeat-run");
const live = () => document.querySelector("article[data-live], #repeat-answers[data-live], #rows[data-live]");

function sync() {
  const shown = document.querySelector("article[data-execution-id], #repeat, #rows");
  button.dataset.state = live() ? "stop" : "run";
  again.disabled = Boolean(live());
  page.classList.toggle("has-run", Boolean(shown));
  page.dataset.execution = shown?.dataset.executionId ?? "";
}

async function stop() {
  const article = live();
  if (!article || button.dataset.state !== "stop") return;
  button.dataset.state = "stopping";
  // The stream brings the end; should the request fail, the button offers Stop again.
  await htmx.ajax("POST", article.dataset.cancel, { source: page, swap: "none" }).catch(() => {});
}

button.addEventListener("click", (event) => {
  if (button.dataset.state === "run") return;
  event.preventDefault();
  stop();
});

// Enter in a field must not start a second run over one that is going on.
form.addEventListener("submit", (event) => {
  if (button.dataset.state === "run") return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

// There it is the repetition that one has just said the number of.
again.parentElement.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target === again) return;
  event.preventDefault();
  again.click();
});

document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (!example) return;
  event.preventDefault();
  const prompt = document.getElementById("prompt");
  prompt.value = example.value;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  form.requestSubmit(button);
});

document.addEventListener("htmx:responseError", () => { if (live()) button.dataset.state = "stop"; });
document.addEventListener("htmx:sendError", () => { if (live()) button.dataset.state = "stop"; });
document.addEventListener("htmx:load", sync);

// Where the form and its answer are one column, a refusal is seen, too.
document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
  if (target.id === "run-problem") document.querySelector("#run-problem > .refusal")?.scrollIntoView({ block: "nearest" });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (![form.getAttribute("action"), again.getAttribute("formaction")].includes(detail.requestConfig?.path)) return;
  // What was refused before has run now, values of variables too, whose fields no answer brings.
  if (detail.successful) for (const message of document.querySelectorAll("#run-form .field-error, #reply .field-error")) message.textContent = "";
  markFields();
  if (!detail.successful) return;
  if (getComputedStyle(form).display === "block") scrollTo({ top: 0 });
});

if (form.querySelector("[aria-invalid=true]")) markFields();
sync();
