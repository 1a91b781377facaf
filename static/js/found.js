// Serves every filtered list: how much was found ([data-found]) is said to screen readers when a filter exchanges it.
let said = "";

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  const found = elt.matches?.("[data-found]") ? elt : elt.querySelector?.("[data-found]");
  const text = found?.textContent.trim();
  if (!text) return;
  if (text !== said) document.getElementById("announcer").textContent = text;
  said = text;
});
