// Serves the buttons that copy what stands in a field: a review's link, a new token.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  const isCopied = navigator.clipboard
    ? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
    : document.execCommand("copy");
  button.querySelector("[data-copy-label]").textContent = isCopied ? "Copied" : "Press Ctrl C";
  document.getElementById("announcer").textContent = isCopied ? `${field.getAttribute("aria-label")} is copied.` : "";
});
