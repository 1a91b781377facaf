// Places of variables in a text, and the layer behind a textarea that marks them: the element before the field.
// The same places as templates_app/rendering/placeholders.py: backslashes, two braces that open nothing, a name (the third
// group, of which other ways to write the same characters are one).
export const PLACES = /(?<!\\)((?:\\\\)*)(?:(\\\{\{)|\{\{[ \t\r\n]{0,20}((?:\p{XID_Start}|_)\p{XID_Continue}{0,63})[ \t\r\n]{0,20}\}\}|(?<=\\)(?=\{\{))/gu;

export const nameOf = (written) => (written ?? "").normalize("NFKC");

const LONG = 5_000; // characters: what is typed into a longer text is shown first, its marks once one pauses
const PAUSE = 150; // ms
const pauses = new WeakMap();

// `found` tells the stretches to mark, in their order: {start, end, kinds}.
export function mark(field, found) {
  clearTimeout(pauses.get(field));
  if (field.value.length <= LONG) draw(field, found);
  else pauses.set(field, setTimeout(() => draw(field, found), PAUSE));
}

function draw(field, found) {
  const under = field.previousElementSibling;
  const parts = [];
  let at = 0;
  for (const { start, end, kinds } of found(field.value, field)) {
    const element = document.createElement("mark");
    element.className = ["mark", ...kinds.map((kind) => `mark-${kind}`)].join(" ");
    element.textContent = field.value.slice(start, end);
    parts.push(field.value.slice(at, start), element);
    at = end;
  }
  // A last line break alone would not make the layer as high as the field.
  if (parts.length) parts.push(`${field.value.slice(at)}\u200b`);
  if (parts.length || under.firstChild) under.replaceChildren(...parts);
  under.scrollTop = field.scrollTop;
}

export function variablesIn(text, kindOf) {
  if (!text.includes("{{")) return [];
  const found = [];
  for (const place of text.matchAll(PLACES)) {
    const kind = kindOf(nameOf(place[3]));
    if (kind) found.push({ start: place.index + place[1].length, end: place.index + place[0].length, kinds: [kind] });
  }
  return found;
}

document.addEventListener("scroll", ({ target }) => {
  if (target.matches?.("[data-marked]")) target.previousElementSibling.scrollTop = target.scrollTop;
}, { capture: true });
