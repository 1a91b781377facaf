// Serves #session: who is here, runs that arrive or change, and threads of feedback.
// The socket tells ids only; rows are the server's own fragments. New runs wait behind #marker until the reader asks
// for them, so that nothing moves under what is being read.
const BACK_OFF = [500, 1000, 2000, 5000, 10_000];
const SILENCE = 40_000; // two missed heartbeats and a bit
const REFUSED = 4400; // and above: signed out, or not to be seen any more
const TOO_MANY = 4429; // within a minute: it is let in later
const MOST_WAITING = 20; // rows; with more of them the list is loaded anew
const GATHER = 150; // ms in which the news of one run are one

const page = document.getElementById("session");
const marker = () => document.getElementById("marker");
const runs = () => document.getElementById("runs");
const row = (id) => document.getElementById(`run-${id}`);
const waiting = new Map();
const gathering = new Map();
let here = null;
let tries = 0;
let socket, silence;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${page.dataset.socket}`);
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = lost;
  listen();
}

function listen() {
  clearTimeout(silence);
  silence = setTimeout(() => socket.close(), SILENCE);
}

function receive({ event, data }) {
  listen();
  if (tries) lookAnew();
  tries = 0;
  document.getElementById("link-lost").hidden = true;
  if (event === "presence") present(data.people);
  else if (event === "execution") gather(data.id);
  else if (event === "comment") commented(data.execution_id);
  else if (event === "rating") gather(data.execution_id);
  else if (event === "look_anew") lookAnew();
}

function lost({ code }) {
  clearTimeout(silence);
  if (code >= REFUSED && code !== TOO_MANY) return location.reload(); // the page itself says why
  tries += 1;
  document.getElementById("link-lost").hidden = false;
  document.getElementById("presence").hidden = true;
  setTimeout(connect, BACK_OFF[Math.min(tries, BACK_OFF.length) - 1] * (0.75 + Math.random() / 2));
}

function present(people) {
  const others = people.filter(({ id }) => id !== page.dataset.user);
  const line = document.getElementById("presence");
  line.querySelector("[data-people]").textContent = ["You", ...others.map(({ name }) => name)].join(", ");
  line.hidden = false;
  const ids = others.map(({ id }) => id);
  const came = here ? others.filter(({ id }) => !here.includes(id)) : [];
  if (came.length) announce(`${came.map(({ name }) => name).join(", ")} is here.`);
  here = ids;
}

function gather(id) {
  clearTimeout(gathering.get(id));
  gathering.set(id, setTimeout(() => { gathering.delete(id); arrive(id); }, GATHER));
}

// The answer to one's own rating finds its form.
const isRating = (shown) => shown?.querySelector(".run-foot form.htmx-request");

async function arrive(id) {
  if (!runs()) return;
  if (isRating(row(id))) return gather(id);
  if (!row(id) && waiting.size >= MOST_WAITING) return mark(waiting.set(id, null));
  const html = await fragment(`${page.dataset.runs}${id}${location.search}`);
  if (!html) return;
  const parts = new DOMParser().parseFromString(html, "text/html");
  put(document.getElementById("session-figures"), parts.getElementById("session-figures"));
  place(parts.querySelector("[data-run]"));
}

function place(fresh) {
  if (!fresh) return;
  const id = fresh.dataset.run;
  const shown = row(id);
  if (shown) return replace(shown, fresh);
  const newest = runs().querySelector("[data-run]");
  if (newest && fresh.dataset.at < newest.dataset.at && !waiting.has(id)) return; // older than what is shown
  waiting.set(id, fresh);
  mark();
}

// The thread that is open, and the focus, stay where they are.
function replace(shown, fresh) {
  const thread = shown.querySelector(".run-feedback");
  const link = shown.querySelector("[data-thread]");
  if (isRating(shown)) return gather(shown.dataset.run);
  const focused = shown.contains(document.activeElement) ? document.activeElement.id || "row" : "";
  if (focused && thread.contains(document.activeElement)) {
    // Somebody is writing: only what stands above the thread changes.
    for (const part of [".run-top", ".run-open", ".facts-inline"]) put(shown.querySelector(part), fresh.querySelector(part));
    return;
  }
  fresh.querySelector(".run-feedback").replaceWith(thread);
  fresh.querySelector("[data-thread]").setAttribute("aria-expanded", link.getAttribute("aria-expanded"));
  put(shown, fresh);
  if (focused) (document.getElementById(focused) ?? fresh.querySelector("[data-row]")).focus({ preventScroll: true });
}

function put(old, fresh) {
  if (!old || !fresh) return;
  old.replaceWith(fresh);
  htmx.process(fresh);
}

function mark() {
  if (!runs().querySelector("[data-run]") && waiting.size < MOST_WAITING) return show();
  const count = waiting.size > MOST_WAITING ? `${MOST_WAITING}+` : waiting.size;
  const text = `${count} new ${waiting.size === 1 ? "run" : "runs"}`;
  if (marker().hidden) announce(`${text} in this session.`);
  marker().textContent = text;
  marker().hidden = false;
}

function show() {
  marker().hidden = true;
  if (waiting.size > MOST_WAITING) return location.reload();
  const rows = [...waiting.values()].sort((one, other) => (one.dataset.at < other.dataset.at ? 1 : -1));
  waiting.clear();
  document.getElementById("no-runs")?.remove();
  runs().prepend(...rows);
  for (const each of rows) {
    htmx.process(each);
    each.dataset.fresh = "";
  }
  recount();
}

// What came counts to what the filter finds.
async function recount() {
  if (!document.querySelector("#runs-found")) return;
  const html = await fragment(`${location.pathname}${location.search}`);
  const fresh = html && new DOMParser().parseFromString(html, "text/html");
  put(document.querySelector("#runs-found [data-found]"), fresh?.querySelector("#runs-found [data-found]"));
}

async function lookAnew() {
  const html = await fragment(`${location.pathname}${location.search}`);
  if (!html || !runs()) return;
  const parts = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of [...parts.querySelectorAll("[data-run]")].reverse()) place(fresh);
  for (const open of document.querySelectorAll(".feedback [data-comments]")) renew(open);
}

function commented(id) {
  const list = row(id)?.querySelector("[data-comments]");
  if (list) renew(list);
  else gather(id);
}

// What a list asks by itself gives way to its reader: an answer whose link or form was swapped away comes to nothing, and
// so does what was typed there. It is asked again when they are done.
const late = new Set();
const isInUse = (list) => list.querySelector("form, .htmx-request");

function renew(list) {
  if (isInUse(list)) late.add(list.closest(".feedback").id);
  else htmx.trigger(list, "comments:changed");
}

document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  const list = elt.closest("[data-comments]");
  if (!list || list === elt || !list.classList.contains("htmx-request")) return;
  late.add(list.closest(".feedback").id);
  htmx.trigger(list, "htmx:abort");
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of late) {
    const list = document.querySelector(`[id="${id}"] [data-comments]`);
    if (list && isInUse(list)) continue;
    late.delete(id);
    if (list) htmx.trigger(list, "comments:changed");
  }
});

async function fragment(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer && [401, 403].includes(answer.status)) location.reload();
  return answer?.status === 200 ? answer.text() : null;
}

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#marker")) {
    const first = [...waiting.keys()].at(-1);
    show();
    row(first)?.scrollIntoView({ block: "nearest" });
    row(first)?.querySelector("[data-row]").focus({ preventScroll: true });
  }
  const link = event.target.closest("[data-thread]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    turn(link);
  }
  const name = event.target.closest("[data-mentions]");
  if (name) mention(name);
});

function turn(link) {
  const thread = document.getElementById(link.getAttribute("aria-controls"));
  const isOpen = link.getAttribute("aria-expanded") === "true";
  link.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) thread.replaceChildren();
  else htmx.ajax("GET", link.href, { target: thread, swap: "innerHTML" });
}

function mention(button) {
  const text = button.closest("form").querySelector("textarea");
  const gap = text.value && !/\s$/.test(text.value) ? " " : "";
  text.setRangeText(`${gap}@${button.dataset.mentions} `, text.selectionEnd, text.selectionEnd, "end");
  text.focus();
}

// Where what had the focus is gone with a thread, or with a part of it, the thread's field has it. The news of one's own
// act may come before its answer: then both swap, one after the other.
const left = new Set();
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const thread = target.closest(".feedback");
  if (thread && target.contains(document.activeElement)) left.add(thread.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of left) {
    if (document.activeElement !== document.body) break;
    document.querySelector(`[id="${id}"] > .comment-form textarea`)?.focus({ preventScroll: true });
  }
  left.clear();
});

// A new list has no runs that wait for it.
document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target.id === "timeline") waiting.clear(); });
if (page) connect();
