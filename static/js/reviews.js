// Serves the reviews of a test: the button that copies the link, and the parts of the form that belong to what is chosen.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  const isCopied = navigator.clipboard
    ? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
    : document.execCommand("copy");
  button.querySelector("[data-copy-label]").textContent = isCopied ? "Copied" : "Press Ctrl C";
  document.getElementById("announcer").textContent = isCopied ? "The link is copied." : "";
});

const form = document.getElementById("review-form");
function fit() {
  const kind = form.elements.kind?.value ?? "single";
  const chosen = { pairwise: kind === "pairwise", single: kind === "single", one_to_five: form.elements.scale.value === "one_to_five" };
  for (const part of form.querySelectorAll("[data-of]")) part.hidden = !chosen[part.dataset.of];
}
if (form) {
  form.addEventListener("change", fit);
  fit();
}
