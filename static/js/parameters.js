// Serves #parameters: keeps slider and number in step, resets to the model's own default, and says in the
// fold's summary what is set.
import { numberOf } from "./typed_numbers.js";

const STEPS = 1000;
const typed = new Map(); // while another model's parameters are on their way, whose answer cannot know of it

const isWide = (slider) => "wide" in slider.dataset;
const field = (slider) => document.getElementById(slider.dataset.for);
const sliderOf = (input) => document.querySelector(`#parameters [data-for="${input.id}"]`);

// A wide range (1 … 100 000) slides by powers: every part of it can be hit.
function prepare(slider) {
  if (!isWide(slider) || slider.dataset.low) return;
  slider.dataset.low = Math.max(1, Number(slider.min));
  slider.dataset.high = slider.max;
  Object.assign(slider, { min: 0, max: STEPS, step: 1 });
  show(slider, field(slider).value || field(slider).dataset.default);
}

function show(slider, text) {
  if (text === "") slider.value = slider.min; // not set, and no default is known
  tell(slider);
  const value = numberOf(text);
  if (text === "" || Number.isNaN(value)) return;
  const { low, high } = slider.dataset;
  slider.value = isWide(slider) ? (STEPS * Math.log(Math.max(value, low) / low)) / Math.log(high / low) : value;
}

// What is not set stands at the model's default, or nowhere: it says so in words.
function tell(slider) {
  const { value, placeholder, dataset } = field(slider);
  slider.setAttribute("aria-valuetext", value || [placeholder, dataset.default].filter(Boolean).join(", "));
}

function read(slider) {
  if (!isWide(slider)) return slider.value;
  const { low, high } = slider.dataset;
  const exact = low * (high / low) ** (slider.value / STEPS);
  const grain = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
  return String(Math.min(high, Math.max(low, Math.round(exact / grain) * grain)));
}

function settle(row) {
  const input = row.querySelector("[name^='parameters.']");
  row.toggleAttribute("data-set", input.value !== "");
  if (input.name === "parameters.response_format") {
    document.getElementById("schema").hidden = input.value !== "json_schema";
  }
  summarise();
}

function summarise() {
  const set = [...document.querySelectorAll("#parameters .parameter[data-set]:not([data-refused])")].map((row) => {
    const input = row.querySelector("[name^='parameters.']");
    const value = input.options ? input.options[input.selectedIndex].text : input.value.replaceAll("\n", " ");
    return `${row.dataset.parameter.toLowerCase()} ${value}`;
  });
  document.getElementById("parameters-summary").textContent = set.join(" · ") || "model's defaults";
}

document.addEventListener("input", ({ target }) => {
  const row = target.closest?.(".parameter");
  if (!row) return;
  if (target.dataset.for) {
    field(target).value = read(target);
    tell(target);
  } else if (sliderOf(target)) show(sliderOf(target), target.value || target.dataset.default);
  const input = target.dataset.for ? field(target) : target;
  typed.set(input.id, input.value);
  settle(row);
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  // It tells the values that are there.
  if (detail.target?.id === "parameters") typed.clear();
});

document.addEventListener("click", ({ target }) => {
  const reset = target.closest("[data-resets]");
  if (!reset) return;
  const input = document.getElementById(reset.dataset.resets);
  input.value = "";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.focus();
});

function keepWhatWasTyped() {
  for (const [id, value] of [...typed]) {
    const input = document.getElementById(id);
    if (!input || input.disabled || input.value === value) continue;
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function begin() {
  for (const slider of document.querySelectorAll("#parameters input[type=range]")) prepare(slider);
  for (const row of document.querySelectorAll("#parameters .parameter")) settle(row);
}

document.addEventListener("htmx:load", ({ target }) => { if (target.id === "parameters") { begin(); keepWhatWasTyped(); } });
begin();
