// Serves #editor: marks the variables behind each text and tells their names (`editor:names`), asks the server what it
// makes of the draft once one pauses, jumps from a finding to its place, and puts refusals at their fields.
import { placesOf, readAdvice, willAsk, withAdvice } from "./advice.js";
import { PLACES, mark, nameOf, variablesIn } from "./marks.js";

const PAUSE_MS = 300;
const NAME = /^(?:\p{XID_Start}|_)\p{XID_Continue}{0,63}$/u;
const JINJA = /\{\{[^]{0,500}?\}\}|\{%[^]{0,500}?%\}|\{#[^]{0,2000}?#\}/g;
const form = () => document.getElementById("editor");
const texts = () => [...document.querySelectorAll("[data-marked]")];
let timer;

const isJinja = () => document.getElementById("engine").value === "jinja2";

// What Jinja2 uses, only the server can tell: it comes with the draft.
function tellNames() {
  if (isJinja()) return;
  const names = texts().flatMap(({ value }) => [...value.matchAll(PLACES)].map((place) => nameOf(place[3])).filter(Boolean));
  const slots = [...document.querySelectorAll(".turn-slot > .input")].map(({ value }) => nameOf(value.trim()));
  names.push(...slots.filter((name) => NAME.test(name)));
  document.dispatchEvent(new CustomEvent("editor:names", { detail: [...new Set(names)] }));
}

function variables(text) {
  if (isJinja()) {
    return [...text.matchAll(JINJA)].map(({ 0: all, index }) => (
      { start: index, end: index + all.length, kinds: [all[1] === "{" ? "declared" : "code"] }));
  }
  const known = new Set([...document.querySelectorAll("#variables [data-name]")].map((each) => each.textContent));
  return variablesIn(text, (name) => name && (known.has(name) ? "declared" : "undeclared"));
}

const found = (text, field) => withAdvice(field, variables(text));

function markAll() {
  for (const field of texts()) mark(field, found);
}

function look() {
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger("#draft", "draft:look"), PAUSE_MS);
}

function jump(finding) {
  const target = document.getElementById(finding.dataset.jumps);
  if (!target) return;
  const field = target.matches("textarea") ? target : (target.querySelector(".variable-about .input") ?? target);
  field.focus();
  const place = placesOf(field).find((each) => each.finding === finding);
  if (place) field.setSelectionRange(place.start, place.end);
}

function take({ dataset }) {
  const field = document.getElementById(dataset.takes);
  field.value = dataset.text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// What mends a finding: another text in its place, or another engine.
function fix({ dataset }) {
  const field = document.getElementById(dataset.engine ? "engine" : dataset.fixes);
  if (dataset.engine) field.value = dataset.engine;
  else {
    const characters = [...field.value];
    const [start, end] = [Number(dataset.start), Number(dataset.end)];
    field.value = [...characters.slice(0, start), dataset.text, ...characters.slice(end)].join("");
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function showRefusal() {
  let first = null;
  for (const message of form().querySelectorAll(".field-error")) {
    const field = document.querySelector(`[aria-describedby~="${message.id}"]`);
    if (!field) continue;
    const isWrong = message.textContent.trim() !== "";
    if (isWrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (isWrong) first ??= field;
  }
  first?.closest("details")?.setAttribute("open", "");
  return first;
}

document.addEventListener("input", ({ target }) => {
  if (!form().contains(target)) return;
  if (target.matches("[data-marked], .turn-slot > .input, #engine")) begin();
  look();
});
document.addEventListener("variables:changed", markAll);
document.addEventListener("click", ({ target }) => {
  const finding = target.closest("[data-jumps]");
  if (finding) jump(finding);
  const fixing = target.closest("[data-fixes]");
  if (fixing) fix(fixing);
  const taken = target.closest("[data-takes]");
  if (taken) take(taken);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  form().requestSubmit(document.getElementById("save"));
});
// Who was signed out meanwhile writes on, and is asked to sign in when they save.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.elt.id === "draft" && event.detail.xhr.status === 401) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id === "editor" && !detail.successful) showRefusal()?.focus();
  else if (detail.elt.id === "draft") showRefusal();
});
document.addEventListener("htmx:beforeRequest", ({ target }) => { if (target.id === "draft") willAsk(texts()); });
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "draft") return;
  readAdvice();
  markAll();
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const told = target.id === "draft" && isJinja() && target.querySelector("[data-names]");
  if (!told) return;
  const detail = told.dataset.names.split(" ").filter(Boolean);
  document.dispatchEvent(new CustomEvent("editor:uses", { detail: JSON.parse(told.dataset.uses) }));
  document.dispatchEvent(new CustomEvent("editor:names", { detail }));
});
document.addEventListener("htmx:load", ({ target }) => { if (target.id === "editor") begin(); });
document.addEventListener("editor:begin", begin);

function begin() {
  markAll();
  tellNames();
}

readAdvice();
markAll();
showRefusal()?.focus();
