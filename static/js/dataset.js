// Serves #cases: a table that is pasted into a cell goes to the form that takes tables.
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
