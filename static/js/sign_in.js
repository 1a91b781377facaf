// Serves form[data-signs-in]: whoever opens the link and looks at it is signed in; a program that only fetches it is not.
const form = document.querySelector("form[data-signs-in]");

function go() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", go);
  form.requestSubmit();
}

if (form) {
  document.addEventListener("visibilitychange", go);
  go();
}
