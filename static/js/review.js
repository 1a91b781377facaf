// Serves #review: one item at a time. The next one is fetched ahead, so that a key shows it at once while what was said
// is sent behind it, one after the other. What was typed is kept until it is stored, whatever becomes of its item.
const page = document.getElementById("review");
const notices = document.getElementById("review-notices");
const say = (text) => { document.getElementById("announcer").textContent = text; };
const current = () => document.getElementById("review-item");
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const DRAFT = "review-draft:";

let ahead = null; // { id, item }: what is shown next; null while it is being fetched, or where there is none
let isBusy = false;
let sending = Promise.resolve();
let shownAt = performance.now();
let lockTimer = 0;

async function post(address, fields) {
  const body = new URLSearchParams(fields);
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = { "HX-Request": "true", "X-CSRFToken": token };
  // Goes on when the page is left; browsers do so for small bodies only.
  const keepalive = body.toString().length < 60_000;
  const response = await fetch(address, { method: "POST", body, headers, keepalive });
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const answer = isJson ? await response.json() : {};
  if (response.ok) return answer;
  const old = response.status === 403 && !isJson ? "This page has grown old. Reload it; what you typed is kept." : "";
  const reason = old || answer.detail || "That did not work.";
  throw Object.assign(new Error(reason), { code: answer.code, status: response.status });
}

// What is before the reader is never ahead of them as well.
function lay(found) {
  ahead = found?.id && found.id !== current().dataset.item ? found : null;
  page.toggleAttribute("data-ahead", ahead !== null);
}

let outstanding = 0;
let unsaved = 0;
function inTurn(work) {
  outstanding += 1;
  sending = sending.then(work).catch((error) => tell(null, error)).finally(() => {
    outstanding -= 1;
    if (!outstanding) busy(false);
  });
}
const isLast = () => outstanding <= 1; // nothing is on its way but what has just been answered

// What was typed, by item: put back when an item comes again, also after the page was loaded anew.
const drafts = {
  of: (id) => { try { return JSON.parse(sessionStorage.getItem(DRAFT + id)); } catch { return null; } },
  keep(form) {
    const { corrected, comment } = typed(form);
    try {
      if (corrected || comment) sessionStorage.setItem(DRAFT + form.dataset.item, JSON.stringify({ corrected, comment }));
      else drafts.drop(form.dataset.item);
    } catch { /* without a storage the page itself keeps it while it is open */ }
  },
  drop(id) { try { sessionStorage.removeItem(DRAFT + id); } catch { /* as above */ } },
};

const typed = (form) => ({ corrected: form.elements.corrected.value, comment: form.elements.comment.value });

function show({ item, progress }, { isFirst = false } = {}) {
  if (!isFirst) {
    current().outerHTML = item;
    for (const notice of notices.querySelectorAll("[data-passing]")) notice.remove();
    if (progress) count(progress);
    const heading = current().querySelector("[data-heading]");
    heading.focus({ preventScroll: true });
    document.getElementById("main").scrollTo(0, 0);
    scrollTo(0, 0);
    // A long rubric is not read anew with every item.
    if (heading.getBoundingClientRect().top > innerHeight * 0.4) heading.scrollIntoView();
  }
  const form = current();
  if (ahead?.id === form.dataset.item) lay(null);
  shownAt = performance.now();
  clearTimeout(lockTimer);
  if (!form.dataset.item) return;
  const draft = drafts.of(form.dataset.item);
  if (draft) {
    form.elements.corrected.value = draft.corrected;
    form.elements.comment.value = draft.comment;
    if (draft.corrected) form.querySelector("[data-correction]").open = true;
  }
  lockTimer = setTimeout(() => lockIsOver(form), form.dataset.lockSeconds * 1000);
}

// Undo is offered once there is something to take back.
function count(progress) {
  const place = page.querySelector("[data-progress]");
  place.innerHTML = progress;
  page.toggleAttribute("data-has-said", unsaved > 0 || Boolean(place.querySelector("[data-has-said]")));
}

function lockIsOver(form) {
  if (form !== current()) return;
  const notice = form.querySelector("[data-lock-over]");
  notice.hidden = false;
  say(notice.innerText);
}

function lost(form) {
  const notice = form.querySelector("[data-lock-over]");
  notice.querySelector("span").textContent = "Somebody else has taken this one meanwhile. Skip it; what you typed stays here.";
  notice.hidden = false;
  say(notice.innerText);
}

async function fetchAhead() {
  const id = current().dataset.item;
  if (!id) return;
  try {
    const found = await post(page.dataset.next, { besides: id });
    if (current().dataset.item === id && !isBusy) lay(found);
  } catch { /* the answer to what is said next brings one */ }
}

function judge(button) {
  const form = current();
  if (isBusy || !form.dataset.item) return;
  const words = typed(form);
  const said = {
    address: form.action,
    id: form.dataset.item,
    title: form.querySelector("[data-heading]").textContent,
    fields: { said: button.value, ...words, seconds: ((performance.now() - shownAt) / 1000).toFixed(1) },
  };
  drafts.keep(form);
  page.toggleAttribute("data-has-said", true);
  const next = ahead;
  lay(null);
  if (next) show({ item: next.item });
  else busy(true);
  say(`${said.title}: ${button.textContent.trim().split("\n")[0]}.`);
  inTurn(() => send(said, next));
}

async function send(said, showing) {
  try {
    unsaved += 1;
    const sent = post(said.address, { ...said.fields, ...(showing ? { showing: showing.id } : {}) });
    const answer = await sent.finally(() => { unsaved -= 1; });
    await stored(said, answer, showing);
  } catch (error) {
    // Sent twice, since the first answer never came: it is stored.
    if (error.code === "already_labelled") return stored(said, null, showing);
    if (isLast()) busy(false);
    tell(said, error);
    return fetchAhead();
  }
}

async function stored(said, answer, showing) {
  if (isLast()) busy(false);
  drafts.drop(said.id);
  for (const notice of notices.querySelectorAll(`[data-of="${CSS.escape(said.id)}"]`)) notice.remove();
  if (answer) count(answer.progress);
  if (answer && showing) {
    const form = current();
    if (!answer.is_kept && form.dataset.item === showing.id) lost(form);
    if (form.dataset.item === showing.id) lay(answer);
    return;
  }
  if (current().dataset.item !== said.id) return;
  show(answer ?? (await post(page.dataset.next, { besides: said.id })));
  await fetchAhead();
}

function undo() {
  if (isBusy) return;
  const form = current();
  if (form.dataset.item) drafts.keep(form);
  busy(true);
  inTurn(async () => {
    const answer = await post(page.dataset.undo, {});
    if (isLast()) busy(false);
    lay(null);
    show(answer);
    say("Taken back.");
    await fetchAhead();
  });
}

// Stays until it is dismissed: why something was not stored, and what was typed with it. What is of no item, such as
// that there is nothing to take back, goes with the next one.
function tell(said, error) {
  const notice = document.getElementById("review-notice").content.cloneNode(true).firstElementChild;
  const reason = error.status ? error.message : "The service cannot be reached.";
  notice.querySelector("[data-told]").textContent = said ? `${said.title}: ${reason}` : reason;
  const words = said ? [said.fields.corrected, said.fields.comment].filter(Boolean).join("\n\n") : "";
  if (words) {
    notice.querySelector("[data-typed]").hidden = false;
    notice.querySelector("textarea").value = words;
  }
  const again = notice.querySelector("[data-again]");
  if (said) notice.dataset.of = said.id;
  else notice.toggleAttribute("data-passing", true);
  if (!said || [400, 404, 409, 410].includes(error.status)) again.remove(); // the same would be answered again
  else again.addEventListener("click", () => { notice.remove(); inTurn(() => send(said, null)); });
  notice.querySelector("[data-dismiss]").addEventListener("click", () => {
    notice.remove();
    if (said) drafts.drop(said.id);
    current().querySelector("[data-heading]")?.focus();
  });
  notices.append(notice);
}

function busy(is) {
  isBusy = is;
  page.toggleAttribute("data-busy", is);
  current().setAttribute("aria-busy", String(is));
}

page.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || !event.target.closest("#review-item")) return;
  event.preventDefault();
  if ("undo" in button.dataset) undo();
  else judge(button);
});

page.addEventListener("input", ({ target }) => {
  if (target.form === current() && target.name) drafts.keep(target.form);
});

// Single keys, unless somebody who speaks to their machine has switched them off.
const keysOn = page.querySelector("[data-keys-on]");
try { keysOn.checked = localStorage.getItem("review-keys") !== "off"; } catch { /* they are on */ }
keysOn.addEventListener("change", () => {
  try { localStorage.setItem("review-keys", keysOn.checked ? "on" : "off"); } catch { /* for this page only */ }
});

let wentAt = -Infinity;
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPING)) {
    if (event.key === "Escape") current().querySelector("[data-heading]")?.focus();
    return;
  }
  if (!keysOn.checked || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const follows = event.timeStamp - wentAt < 1000; // "g p" leads to the playground
  wentAt = key === "g" ? event.timeStamp : -Infinity;
  if (follows) return;
  if (key === "c" && current().dataset.item) {
    event.preventDefault();
    current().querySelector("[data-correction]").open = true;
    current().elements.corrected.focus();
    return;
  }
  const button = current().querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button?.checkVisibility() || event.repeat) return;
  event.preventDefault();
  event.stopPropagation();
  button.click();
}, { capture: true });

addEventListener("beforeunload", (event) => {
  if (unsaved || notices.querySelector("[data-again]")) event.preventDefault();
});

show({}, { isFirst: true });
page.toggleAttribute("data-ready", true);
fetchAhead();
