// Serves #toasts: tells of requests that failed and that no field of the page can show, and takes up what the last act
// has done ([data-message]), which goes by itself unless it can be undone.
const template = document.getElementById("toast-template");
const STAYS_MS = 6000;

function tell(message) {
  const toast = template.content.cloneNode(true);
  toast.querySelector("p").textContent = message;
  // Said again where it was said before: once, as the newest.
  for (const each of document.querySelectorAll("#toasts p")) if (each.textContent === message) each.closest(".toast").remove();
  document.getElementById("toasts").append(toast);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-toast]")) event.target.closest(".toast").remove();
});

document.addEventListener("htmx:sendError", () => {
  tell("The service cannot be reached. Nothing was lost: try again in a moment.");
});

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.getResponseHeader("HX-Reswap")) return;
  const isText = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  if (xhr.status === 403 && !isText) return tell("This page has grown old. Reload it; what you typed is kept.");
  const identifier = xhr.getResponseHeader("X-Request-Id");
  const reason = isText && xhr.responseText ? xhr.responseText : "That did not work.";
  tell(identifier ? `${reason} Request ${identifier}.` : reason);
});

for (const toast of document.querySelectorAll("[data-message]")) {
  document.getElementById("toasts").append(toast);
  if (!toast.querySelector("form")) setTimeout(() => toast.remove(), STAYS_MS);
}
