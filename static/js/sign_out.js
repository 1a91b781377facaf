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

const isDraft = (key) => /^[a-z-]*draft:/.test(key ?? "");

function forget() {
  try {
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage)) if (isDraft(key)) storage.removeItem(key);
    }
  } catch { /* without a storage there is nothing to forget */ }
}

// What another tab has forgotten, this one does not keep for itself either.
addEventListener("storage", ({ key, newValue }) => {
  if (isDraft(key) && newValue === null) try { sessionStorage.removeItem(key); } catch { /* as above */ }
});
