// Serves #share-form: whoever types a name means to share; a private template becomes a shared one then.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-invites]") || !target.value) return;
  const form = target.closest("form");
  if (form.elements.visibility.value === "private") form.elements.visibility.value = "shared";
});
