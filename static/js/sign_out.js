// Serves form[data-forgets-drafts] on every page: who signs out leaves nothing typed behind in this browser.
document.addEventListener("submit", ({ target }) => {
  if (!("forgetsDrafts" in target.dataset)) return;
  try {
    for (const key of Object.keys(localStorage)) if (/^[a-z-]*draft:/.test(key)) localStorage.removeItem(key);
  } catch { /* without a storage there is nothing to forget */ }
});
