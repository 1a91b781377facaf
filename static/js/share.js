// Serves #share and #share-form: whoever types a name means to share; a private template becomes a shared one then.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-invites]") || !target.value) return;
  const form = target.closest("form");
  if (form.elements.visibility.value === "private") form.elements.visibility.value = "shared";
});

// What a dialog showed when it was closed is old when it opens again: it begins empty, and loads.
document.getElementById("share")?.addEventListener("close", ({ currentTarget }) => {
  const busy = document.createElement("div");
  busy.className = "busy-line";
  currentTarget.querySelector(".dialog-body").replaceChildren(busy);
});
