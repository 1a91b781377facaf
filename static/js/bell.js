// The bell of the top bar: how many notifications are unread is asked once a minute, and not while nobody looks.
const EVERY = 60_000;
let asked = Date.now();

function look() {
  if (document.hidden || Date.now() - asked < EVERY) return;
  asked = Date.now();
  htmx.trigger(document, "bell:look");
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);

for (const bell of document.querySelectorAll("[data-bell]")) {
  bell.addEventListener("toggle", () => {
    if (bell.open) htmx.trigger(bell.querySelector(".bell-list"), "bell:open");
  });
}
