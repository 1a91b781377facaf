// Serves #cases: a table that is pasted into a cell goes to the form that takes tables, and a cell that was not saved
// says so until it is.
document.addEventListener("paste", (event) => {
  const cell = event.target.closest?.("#cases textarea");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!cell || !text.includes("\t")) return;
  event.preventDefault();
  const names = document.getElementById("cases").dataset.header;
  const first = text.slice(0, text.search(/\r?\n|$/)).split("\t");
  const hasNames = first.some((name) => names.split("\t").includes(name.trim()));
  document.getElementById("paste-fold").open = true;
  const table = document.getElementById("table");
  table.value = hasNames ? text : `${names}\n${text}`;
  table.focus();
});

let refusals = 0;

document.addEventListener("htmx:afterRequest", ({ detail: { elt: cell, successful, xhr } }) => {
  if (!cell.matches("#cases [hx-post]")) return;
  document.getElementById(cell.getAttribute("aria-describedby"))?.remove();
  cell.removeAttribute("aria-describedby");
  cell.toggleAttribute("aria-invalid", false);
  if (successful) return;
  const told = document.createElement("p");
  told.className = "field-error";
  told.id = `not-saved-${refusals++}`;
  told.textContent = `Not saved. ${xhr.status === 409 ? "Reload the page to see it as it is now." : ""}`;
  cell.after(told);
  cell.setAttribute("aria-describedby", told.id);
  cell.setAttribute("aria-invalid", "true");
});
