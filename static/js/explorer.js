// Serves form[data-explorer]: sends the call with the browser's own session, and shows what came back.
const MOST = 100_000; // characters of an answer that are shown
const TOKEN = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-explorer]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const began = performance.now();
  try {
    const answer = await fetch(address(form), request(form));
    const kind = answer.headers.get("Content-Type") ?? "";
    show(form, `${answer.status} ${answer.statusText}, ${Math.round(performance.now() - began)} ms, ${kind}`, await answer.text());
  } catch (fault) {
    show(form, `Not sent: ${fault.message}`, "");
  } finally {
    button.disabled = false;
  }
});

function address(form) {
  let path = form.dataset.path;
  for (const each of form.querySelectorAll("[data-in-path]")) path = path.replace(`{${each.name}}`, encodeURIComponent(each.value));
  const query = form.querySelector("[data-query]")?.value.trim().replace(/^\?/, "");
  return query ? `${path}?${query}` : path;
}

function request(form) {
  const body = form.querySelector("[data-body]")?.value;
  const headers = { "X-CSRFToken": TOKEN };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return { method: form.dataset.method, headers, body, redirect: "manual" };
}

function show(form, line, text) {
  const place = form.querySelector("[data-answer]");
  const head = document.createElement("p");
  head.className = "meta";
  head.textContent = line;
  const whole = document.createElement("pre");
  whole.className = "code-text";
  whole.tabIndex = 0;
  whole.textContent = pretty(text).slice(0, MOST);
  place.replaceChildren(head, ...(text ? [whole] : []));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON: as it came
  }
}
