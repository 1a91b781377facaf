// Serves #forecast, of the playground and of Compare: has the server tell what the run will come to, once one pauses: it counts what would be sent,
// pictures, files and earlier turns included. Nobody needs it to go on: what fails is asked for again with the next word.
const PAUSE_MS = 200;
const place = document.getElementById("forecast");
const form = place.closest("form");
let timer;

function ask() {
  clearTimeout(timer);
  timer = setTimeout(() => htmx.trigger(place, "forecast:ask"), PAUSE_MS);
}

document.addEventListener("input", ({ target }) => { if (form.contains(target)) ask(); });
document.addEventListener("htmx:load", ({ target }) => { if (target.matches("#parameters, #columns, .column-model")) ask(); });
for (const failure of ["htmx:sendError", "htmx:responseError"]) place.addEventListener(failure, (event) => event.stopPropagation());
if ([...document.querySelectorAll("[data-draft]")].some(({ value }) => value)) ask();
