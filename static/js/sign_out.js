// Serves form[data-forgets-drafts] on every page: who signs out leaves nothing typed behind in this browser; and
// button[data-forgets-drafts], for the same without.
document.addEventListener("submit", ({ target }) => {
  if ("forgetsDrafts" in target.dataset) forget();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-forgets-drafts]");
  if (!button) return;
  forget();
  button.disabled = true;
  button.textContent = "Forgotten";
});

function forget() {
  try {
    for (const key of Object.keys(localStorage)) if (/^[a-z-]*draft:/.test(key)) localStorage.removeItem(key);
  } catch { /* without a storage there is nothing to forget */ }
}
