// Serves the tab Code: loads a run's code when it is looked at, chooses the language (kept in this browser), copies it.
import { write } from "./clipboard.js";

const KEPT = "code_language";
const output = document.getElementById("output-section");

function look() {
  const place = output?.dataset.view === "code" && output.querySelector(".answer-code:empty");
  if (place) htmx.trigger(place, "code:look");
}

function choose(place, key) {
  const button = place.querySelector(`[data-code="${key}"]`);
  if (!button) return;
  for (const each of place.querySelectorAll("[data-code]")) each.ariaPressed = String(each === button);
  for (const each of place.querySelectorAll("[data-snippet]")) each.hidden = each.dataset.snippet !== key;
}

document.addEventListener("click", async ({ target }) => {
  if (target.closest("[data-shows]")) look();
  const language = target.closest("[data-code]");
  if (language) {
    choose(language.closest(".answer-code"), language.dataset.code);
    try { localStorage.setItem(KEPT, language.dataset.code); } catch { /* then the first one comes first again */ }
  }
  const copy = target.closest("[data-copy-code]");
  if (!copy) return;
  const isCopied = await write(copy.closest(".answer-code").querySelector("[data-snippet]:not([hidden]) code").textContent);
  const label = copy.querySelector("[data-copy-label]");
  label.textContent = isCopied ? "Copied" : "Not copied";
  document.getElementById("announcer").textContent = isCopied ? "Copied." : "The browser did not allow copying.";
  setTimeout(() => { label.textContent = "Copy"; }, 1500);
});

document.addEventListener("htmx:load", ({ target }) => {
  look();
  const place = target.closest(".answer-code");
  if (!place) return;
  try { choose(place, localStorage.getItem(KEPT)); } catch { /* as said */ }
});
