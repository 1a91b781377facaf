// Serves [data-told]: what the last act has done moves to the toasts; without an Undo it goes by itself.
const STAYS_MS = 6000;

for (const toast of document.querySelectorAll("[data-told]")) {
  document.getElementById("toasts").append(toast);
  if (!toast.querySelector("form")) setTimeout(() => toast.remove(), STAYS_MS);
}
