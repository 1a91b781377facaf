// What the list of advice (.finding-jump in #draft) says of places in the editor's texts: it moves with the text until
// the list comes anew, and what is typed over is left out.
const advice = new Map(); // field id → { text, places }
const asked = new Map(); // field id → its text when the list was asked for

// The texts as they are when the list is asked for: its offsets are theirs.
export function willAsk(fields) {
  for (const field of fields) asked.set(field.id, field.value);
}

export function readAdvice() {
  advice.clear();
  for (const finding of document.querySelectorAll("#draft .finding-jump[data-start]")) {
    const field = document.getElementById(finding.dataset.jumps);
    if (!field?.matches("[data-marked]")) continue;
    const held = advice.get(field.id) ?? { text: asked.get(field.id) ?? field.value, places: [] };
    const [start, end] = [finding.dataset.start, finding.dataset.end].map((offset) => unitsOf(held.text, Number(offset)));
    held.places.push({ start, end, kinds: [finding.dataset.severity], finding });
    advice.set(field.id, held);
  }
}

export function placesOf(field) {
  const held = advice.get(field.id);
  if (!held) return [];
  const [before, now] = [held.text, field.value];
  if (before === now) return held.places;
  const most = Math.min(before.length, now.length);
  let same = 0;
  while (same < most && before[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < most - same && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const by = now.length - before.length;
  held.places = held.places.flatMap((place) => {
    if (place.end <= same) return [place];
    return place.start >= before.length - tail ? [{ ...place, start: place.start + by, end: place.end + by }] : [];
  });
  held.text = now;
  return held.places;
}

// Offsets count characters; the field counts UTF-16 units.
const unitsOf = (text, offset) => [...text].slice(0, offset).join("").length;

// Variables and the places of advice, which may overlap, cut into pieces that do not.
export function withAdvice(field, variables) {
  const all = [...variables, ...placesOf(field)];
  const cuts = [...new Set(all.flatMap(({ start, end }) => [start, end]))].sort((one, other) => one - other);
  return cuts.slice(1).flatMap((end, at) => {
    const start = cuts[at];
    const kinds = all.filter((each) => each.start <= start && each.end >= end).flatMap((each) => each.kinds);
    return kinds.length ? [{ start, end, kinds: [...new Set(kinds)] }] : [];
  });
}
