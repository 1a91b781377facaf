// Serves #attachments, the pictures and files that go with a prompt: takes what is pasted, dropped or chosen, uploads it
// with its progress, and shows a thumbnail or a chip each, with its alt text, that can be removed. What is sent stands as
// JSON in #attachments-sent. What the chosen model does not take is grey, with the reason below.
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
  try { return JSON.parse(sent.value) ?? []; } catch { return []; }
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

function item(part) {
  const isPicture = part.type === "image";
  const told = part.name || (isPicture ? "Picture" : "File");
  const address = part.artifact_id ? `${box.dataset.uploads}/${part.artifact_id}/content` : "";
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
  line.append(remove);
  line.dataset.kind = isPicture ? "picture" : part.media_type === "application/pdf" ? "pdf" : "text";
  return line;
}

function show() {
  list.replaceChildren(...parts.map(item));
  judge();
}

// The models say it of themselves, one on the playground and several on the compare page.
function judge() {
  const models = [...document.querySelectorAll("[data-refuses-pictures]")].map(({ dataset }) => dataset);
  const why = {
    picture: models.map(({ refusesPictures }) => refusesPictures).filter(Boolean),
    pdf: models.map(({ refusesPdfs }) => refusesPdfs).filter(Boolean),
    text: [],
  };
  const reasons = new Set([...why.picture, ...(parts.some(({ media_type: kind }) => kind === "application/pdf") ? why.pdf : [])]);
  note.textContent = [...reasons].join(" ");
  note.hidden = !reasons.size;
  box.classList.toggle("is-refused", Boolean(why.picture.length));
  for (const line of list.children) line.classList.toggle("is-refused", Boolean(why[line.dataset.kind].length));
}

function refuse(text) {
  error().textContent = text;
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

// Uploaded at once: the form itself carries references only.
files.removeAttribute("name");
box.querySelector(".attach").hidden = false;
files.addEventListener("change", async () => { const chosen = [...files.files]; files.value = ""; await takeAll(chosen); });
form.addEventListener("paste", (event) => {
  const found = [...(event.clipboardData?.files ?? [])];
  if (!found.length) return;
  event.preventDefault();
  takeAll(found);
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
document.addEventListener("attachments:restored", () => { parts = read(); show(); });
show();
