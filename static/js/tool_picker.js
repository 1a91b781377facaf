// Serves [data-tool] in the editor of a template: each box tells whether the list in the field of tools names that
// registered tool, and writes it into the list or takes it out. The field alone is sent, and kept in the draft.
const field = () => document.getElementById("tools");
const boxes = () => document.querySelectorAll("[data-tool]");

// The list as it stands in the field; null where it is none.
function written() {
  try {
    const list = JSON.parse(field().value.trim() || "[]");
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

const nameOf = (tool) => (typeof tool === "string" ? tool : tool?.registered && tool.name);

function show() {
  const list = written();
  const names = new Set(list?.map(nameOf));
  for (const box of boxes()) {
    box.checked = names.has(box.dataset.tool);
    // A list that cannot be read is not written over; what is in it can always be taken out.
    box.disabled = !list || ("isUnavailable" in box.dataset && !box.checked);
  }
}

document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.tool;
  if (!name) return;
  const others = written().filter((tool) => nameOf(tool) !== name);
  const list = target.checked ? [...others, { name, registered: true }] : others;
  field().value = list.length ? JSON.stringify(list, null, 2) : "";
  field().dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("input", ({ target }) => { if (target.id === "tools") show(); });
document.addEventListener("draft:restored", show);
document.addEventListener("htmx:afterSettle", show);
