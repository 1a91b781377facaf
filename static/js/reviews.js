// Serves the reviews of a test: the parts of the form that belong to what is chosen.
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
