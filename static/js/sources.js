// Serves [data-inserts="id"] in #sources: puts the button's value into that field of the form, where the caret stood,
// parted by empty lines from what was typed. It is typing like any other: undone by Ctrl+Z, kept as a draft.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-inserts]");
  const field = button && document.getElementById(button.dataset.inserts);
  if (!field) return;
  button.closest("dialog")?.close();
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionStart);
  const gap = before.trim() ? "\n".repeat(Math.max(0, 2 - before.length + before.trimEnd().length)) : "";
  const text = `${gap}${button.value.trimEnd()}\n${after.trim() ? "\n" : ""}`;
  field.focus();
  // Nothing typed goes: what was selected stays too.
  field.setSelectionRange(before.length, before.length);
  // Deprecated, and the only way that leaves the browser's undo as it was.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, before.length, before.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
