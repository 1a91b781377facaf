// Serves #repeat-answers and #rows: tells readers of the screen when all runs have ended, and says nothing of a look that
// failed, since the next one comes in a second. "Make it a test" leaves the page; htmx would fetch it.
const answers = () => document.querySelector("#repeat-answers, #rows");
let wasLive = false;

function look() {
  const isLive = Boolean(answers()?.hasAttribute("data-live"));
  const announcer = document.getElementById("announcer");
  if (isLive && !wasLive) announcer.textContent = "Runs started.";
  if (wasLive && !isLive && answers()) announcer.textContent = `All ended: ${answers().querySelector("[data-finding]").textContent.trim()}.`;
  wasLive = isLive;
}

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (["repeat-answers", "rows"].includes(event.target.id)) event.stopImmediatePropagation();
  }, { capture: true });
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-leaves")) event.stopImmediatePropagation();
}, { capture: true });

document.addEventListener("htmx:load", look);
look();
