// Serves #palette: Ctrl/⌘ K opens it, arrows choose, Enter follows (with Ctrl/⌘ in a tab of its own).
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-field");
const list = document.getElementById("palette-list");

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (dialog.open) dialog.close();
  else document.querySelector("[data-opens='palette']").click();
});

field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const lines = [...list.querySelectorAll("a")];
  const at = lines.findIndex((line) => line.ariaSelected === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const isStep = event.key.startsWith("Arrow");
    choose(lines, isStep ? (to + lines.length) % lines.length : Math.max(0, Math.min(lines.length - 1, to)));
  } else if (event.key === "Enter") {
    event.preventDefault();
    const link = lines[Math.max(at, 0)];
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href);
    else location.assign(link.href);
    dialog.close();
  }
});

list.addEventListener("htmx:afterSwap", () => choose([...list.querySelectorAll("a")], 0));
dialog.addEventListener("close", () => {
  field.value = "";
});

function choose(lines, number) {
  for (const [at, line] of lines.entries()) line.ariaSelected = String(at === number);
  const chosen = lines[number];
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
  else field.removeAttribute("aria-activedescendant");
}
