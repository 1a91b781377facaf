// Shows a conversation at its newest turn: what was asked last stands on top, its answer beneath it. Once for each run;
// then static/js/stream.js and the reader move it.
let shown = "";

function look() {
  const article = document.querySelector("#output article[data-execution-id]");
  if (!article || article.dataset.executionId === shown) return;
  shown = article.dataset.executionId;
  if (!article.querySelector(".thread")) return;
  history.scrollRestoration = "manual"; // where a phone's page was before its reload
  article.querySelector(".asked").scrollIntoView({ block: "start", behavior: "instant" });
}

document.addEventListener("htmx:load", look);
look();
