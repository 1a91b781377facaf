// Serves the output's head and actions: rendered or raw (kept in a cookie), copying; and marks the shown run in
// the history drawer.
import { write } from "./clipboard.js";

const output = document.getElementById("output-section");

document.addEventListener("click", async ({ target }) => {
  const choice = target.closest("[data-shows]");
  if (choice) show(choice.dataset.shows);
  const copy = target.closest("[data-copy]");
  if (copy) await copyAnswer(copy);
});

function show(view) {
  output.dataset.view = view;
  // Code is looked at now and then: the next run shows its answer again.
  if (view !== "code") document.cookie = `answer_view=${view}; path=/; max-age=31536000; samesite=lax`;
  for (const each of output.querySelectorAll("[data-shows]")) each.ariaPressed = String(each.dataset.shows === view);
}

async function copyAnswer(button) {
  const text = button.closest("article").querySelector("[data-answer]").textContent;
  const isCopied = await write(text);
  const label = button.querySelector("[data-copy-label]");
  label.textContent = isCopied ? "Copied" : "Not copied";
  document.getElementById("announcer").textContent = isCopied ? "Copied." : "The browser did not allow copying.";
  setTimeout(() => { label.textContent = "Copy"; }, 1500);
}

document.addEventListener("htmx:load", ({ target }) => {
  if (!target.closest("#history")) return;
  const { execution } = document.getElementById("playground").dataset;
  if (execution) target.querySelector(`a[href$="${execution}"]`)?.setAttribute("aria-current", "true");
});
