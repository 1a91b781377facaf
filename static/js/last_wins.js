// Serves form[hx-sync="this:queue last"], whose last state counts (a rating, a vote): one request at a time, so that none
// is stored after a later one. What is chosen meanwhile is sent next, even where the form, or its page, is gone by then.
// An answer that is overtaken is not shown, and a choice that was refused does not look as if it were taken.
const FORM = 'form[hx-sync="this:queue last"]';
const overtaken = new Set();

// Before htmx hears of it: what it sends at once overtakes nothing.
document.addEventListener("change", ({ target }) => {
  const form = target.closest?.(FORM);
  if (form?.classList.contains("htmx-request")) overtaken.add(form);
}, { capture: true });

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => overtaken.delete(elt));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (overtaken.has(detail.requestConfig.elt)) detail.shouldSwap = false;
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
  if (!elt.matches?.(FORM)) return;
  if (overtaken.has(elt)) return elt.isConnected || sendAlone(elt);
  if (!successful) elt.reset();
});
addEventListener("pagehide", () => { for (const form of overtaken) sendAlone(form); });

function sendAlone(form) {
  overtaken.delete(form);
  fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
  const chosen = form.querySelector(":checked");
  const anew = chosen && document.getElementById(chosen.id);
  if (anew) anew.checked = true;
}
