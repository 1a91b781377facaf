// Serves [data-theme-switch] in the top bar: as the system → light → dark; and [data-theme-choice], one of the three.
// The choice is a cookie, so that the server renders it into <html> and nothing flashes.
const ORDER = ["system", "light", "dark"];
const root = document.documentElement;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-switch], [data-theme-choice]");
  if (!button) return;
  const next = button.dataset.themeChoice ?? ORDER[(ORDER.indexOf(root.dataset.theme ?? "system") + 1) % ORDER.length];
  if (next === "system") delete root.dataset.theme;
  else root.dataset.theme = next;
  document.cookie = `theme=${next}; path=/; max-age=${next === "system" ? 0 : 31536000}; samesite=lax`;
  document.querySelector("[data-theme-switch]").setAttribute("aria-label", `Theme: ${next}`);
  for (const each of document.querySelectorAll("[data-theme-choice]")) each.ariaPressed = String(each.dataset.themeChoice === next);
});
