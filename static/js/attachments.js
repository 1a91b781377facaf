// Serves #attachments, the pictures and files that go with a prompt: takes what is pasted, dropped or chosen, uploads it
// with its progress, and shows a thumbnail or a chip each, with its alt text, that can be removed. What is sent stands as
// JSON in #attachments-sent. What the chosen model, or one of a comparison's, does not take is grey and says why.
const box = document.getElementById("attachments");
const sent = document.getElementById("attachments-sent");
const list = document.getElementById("attached");
const files = document.getElementById("files");
const progress = document.getElementById("attachments-progress");
const note = document.getElementById("attachments-note");
const form = box.closest("form");
const error = () => document.getElementById("error-attachments");
const LARGEST = 20 * 2 ** 20;
let parts = read();
let underWay = 0;

function read() {
  try {
    const found = JSON.parse(sent.value);
    return Array.isArray(found) ? found.filter((part) => part && typeof part === "object") : [];
  } catch { return []; }
}

function write() {
  sent.value = JSON.stringify(parts);
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const nameOf = ({ name, type, url }) => name || url || (type === "image" ? "Picture" : "File");
const addressOf = ({ artifact_id: id }) => (id ? `${box.dataset.uploads}/${encodeURIComponent(id)}/content` : "");

function item(part) {
  const isPicture = part.type === "image";
  const told = nameOf(part);
  const address = addressOf(part);
  const face = isPicture && address
    ? make("img", { src: address, alt: part.alt || told, width: 72, height: 72, className: "thumbnail" })
    : make("span", { className: "file-chip", textContent: told });
  const remove = make("button", { type: "button", className: "button button-quiet", textContent: "Remove", title: `Remove ${told}` });
  remove.setAttribute("aria-label", `Remove ${told}`);
  remove.addEventListener("click", () => {
    parts = parts.filter((each) => each !== part);
    show();
    write();
    files.focus();
  });
  const line = make("li", {}, face);
  if (isPicture) {
    const alt = make("input", { className: "input", value: part.alt ?? "", maxLength: 1000, placeholder: "Alt text" });
    alt.setAttribute("aria-label", `Alt text of ${told}`);
    alt.addEventListener("input", () => { part.alt = alt.value; write(); });
    line.append(alt);
  }
  line.append(make("p", { className: "reason", hidden: true }), remove);
  line.dataset.kind = kindOf(part);
  return line;
}

// The kinds of providers/parts/taking.py.
function kindOf({ type, url, media_type: media }) {
  if (type === "image") return url ? "image_url" : "image";
  if (url) return "pdf_url";
  return media === "application/pdf" ? "pdf" : "text";
}

function show() {
  list.replaceChildren(...parts.map(item));
  judge();
}

// The models say it of themselves, one on the playground and several on the compare page. Before there is a picture
// it is a hint; at a part it is why that one cannot be sent.
function judge() {
  const refusals = [...document.querySelectorAll("[data-refuses]")].map(({ dataset }) => JSON.parse(dataset.refuses));
  const why = (kind) => [...new Set(refusals.map((each) => each[kind]).filter(Boolean))].join(" ");
  for (const line of list.children) {
    const reason = line.querySelector(".reason");
    reason.textContent = why(line.dataset.kind);
    reason.hidden = !reason.textContent;
    line.classList.toggle("is-refused", !reason.hidden);
  }
  const kinds = new Set(parts.map(kindOf));
  for (const model of document.querySelectorAll(".column-model")) judgeColumn(model, kinds);
  note.textContent = list.querySelector(".is-refused") ? "" : why("image");
  note.hidden = !note.textContent;
}

function judgeColumn(model, kinds) {
  const refused = JSON.parse(model.querySelector("[data-refuses]").dataset.refuses);
  const told = model.querySelector("[data-refuses-here]");
  told.textContent = [...kinds].map((kind) => refused[kind]).filter(Boolean).join(" ");
  told.hidden = !told.textContent;
  model.classList.toggle("is-refused", !told.hidden);
}

// Of several files each may be refused for a reason of its own.
function refuse(text) {
  error().textContent = text && [error().textContent.trim(), text].filter(Boolean).join(" ");
  files.setAttribute("aria-invalid", String(Boolean(text)));
}

function upload(file) {
  const body = new FormData();
  body.append("file", file, file.name || "pasted");
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  request.open("POST", box.dataset.uploads);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    progress.textContent = `Uploading ${file.name}: ${Math.round((100 * loaded) / total)} %`;
  });
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => resolve(request));
    request.send(body);
  });
}

async function take(file) {
  if (file.size > LARGEST) return refuse(`${file.name} is larger than 20 MB.`);
  underWay += 1;
  box.setAttribute("aria-busy", "true");
  const { status, responseText } = await upload(file);
  underWay -= 1;
  if (!underWay) {
    box.removeAttribute("aria-busy");
    progress.textContent = "";
  }
  const answer = told(responseText);
  if (status !== 201) return refuse(`${file.name}: ${answer.errors?.[0]?.message ?? answer.detail ?? "It could not be uploaded. Try again."}`);
  const { artifact_id, media_type, name } = answer;
  if (parts.some((part) => part.artifact_id === artifact_id)) return;
  parts.push({ type: media_type.startsWith("image/") ? "image" : "file", artifact_id, media_type, ...(name ? { name } : {}) });
  show();
  write();
}

function told(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

async function takeAll(found) {
  refuse("");
  for (const file of found) await take(file);
}

// What an earlier visit left may be gone by now: a file that was never sent goes after a day.
async function lookFor(part) {
  const { status } = await fetch(addressOf(part), { method: "HEAD" }).catch(() => ({}));
  return status === 404 || status === 410 ? part : null;
}

async function restore() {
  parts = read();
  show();
  const gone = (await Promise.all(parts.filter(addressOf).map(lookFor))).filter(Boolean);
  if (!gone.length) return;
  parts = parts.filter((part) => !gone.includes(part));
  show();
  write();
  refuse(`${gone.map(nameOf).join(", ")}: not there any more. Choose it again, or go on without it.`);
}

// Uploaded at once: the form itself carries references only.
files.removeAttribute("name");
files.addEventListener("change", async () => { const chosen = [...files.files]; files.value = ""; await takeAll(chosen); });
form.addEventListener("paste", (event) => {
  const { files: found = [], types = [] } = event.clipboardData ?? {};
  // Office programs put a picture of the text beside the text: that is text.
  if (!found.length || ["text/plain", "text/html"].every((type) => types.includes(type))) return;
  event.preventDefault();
  takeAll([...found]);
});
form.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  box.classList.add("is-over");
});
form.addEventListener("dragleave", () => box.classList.remove("is-over"));
form.addEventListener("drop", (event) => {
  box.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  takeAll([...event.dataTransfer.files]);
});
// A run that begins while something is on its way would go without it.
form.addEventListener("submit", (event) => {
  if (!underWay) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  refuse("Wait until everything is uploaded.");
}, { capture: true });
document.addEventListener("htmx:afterSettle", judge);
document.addEventListener("attachments:restored", restore);
restore();
