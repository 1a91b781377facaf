// Markdown as playground/pages/markdown.py renders it, so that an answer looks at its end as it did while it came:
// CommonMark with tables, task lists and ~~strikethrough~~; every line break counts, HTML stays text, pictures are links.
// A text becomes a tree of {tag, attrs, children} and strings: nothing here writes HTML. Links that are told apart from
// where they are used ("[1]: https://…") are left to the server.
const ESCAPABLE = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/;
const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]|\p{P}|\p{S}/u;
const SPACE = /[\s ]/;
const FENCE = /^( {0,3})(`{3,}|~{3,})[ \t]*(.*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)])(?=[ \t]|$)/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const DIVIDER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const ENTITY = /^&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});/;
const ENTITIES = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", copy: "©", reg: "®", trade: "™", hellip: "…", mdash: "—",
  ndash: "–", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", bull: "•", middot: "·", times: "×", divide: "÷", deg: "°",
  plusmn: "±", euro: "€", pound: "£", rarr: "→", larr: "←", le: "≤", ge: "≥", ne: "≠", check: "✓", sect: "§",
};
const LAZY = "\0"; // before a line that continues a paragraph without the marks of its container: it begins nothing
// As playground/pages/markdown.py has them.
const LANGUAGES = new Set(("python py javascript js jsx typescript ts tsx json bash sh shell zsh console sql html xml svg css go rust"
  + " rs java c h cpp c++ cs csharp kotlin swift php ruby rb yaml yml toml").split(" "));
const MATH_CLOSES = { "$$": "$$", "\\(": "\\)", "\\[": "\\]" };
const MATH_IN_LINE = /\$(?=[^\s$])((?:\\[^\n]|[^$\\\n`])*)\$(?![0-9A-Za-z])/y;
const FORBIDDEN = /^(?:javascript|vbscript|file|data):/i;
const FOLLOWED = /^(?:https?|mailto):/i;

// The blocks of a text: what each becomes (`nodes`), with which character it begins (`from`), and the level of the last
// heading after it; `level` is that before the text. All but the last block stay as they are, whatever comes.
export function parse(text, level = 2) {
  const lines = text.replace(/\0/g, "\ufffd").split("\n");
  const state = { level };
  const starts = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const told = lines.map((line) => line.replace(/\r$/, ""));
  return heldTogether(chunks(told, state), told).map((each) => ({ ...each, from: starts[each.at] }));
}

// A formula that may yet be closed: until then its lines are one block, whatever they look like.
function heldTogether(found, lines) {
  const at = found.findIndex((each) => mathClosing(lines[each.at]) && !lines.slice(each.at).some((line, n, all) => isBlank(line) && n < all.length - 1));
  if (at < 0 || at === found.length - 1) return found;
  const rest = found.slice(at);
  return [...found.slice(0, at), { ...rest[0], nodes: rest.flatMap((each) => each.nodes), level: rest.at(-1).level }];
}

function element(tag, children, attrs = {}) {
  return { tag, attrs, children };
}

function blocks(lines, state, options) {
  return chunks(lines, state, options).flatMap((each) => each.nodes);
}

function chunks(lines, state, { isTight = false } = {}) {
  const found = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const reads = [indented, formula, fenced, heading, rule, quote, list, table, paragraph];
    for (const read of reads) {
      const told = read(lines, at, state, isTight);
      if (!told) continue;
      found.push({ at, nodes: told.nodes, level: state.level });
      at = told.next;
      break;
    }
  }
  return found;
}

function isBlank(line) {
  return /^[ \t]*$/.test(line);
}

// How far a line's text is from its beginning; a tab leads to the next multiple of four.
function indentOf(line) {
  let columns = 0;
  for (const letter of line) {
    if (letter === " ") columns += 1;
    else if (letter === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

function without(line, columns) {
  let left = columns;
  let at = 0;
  let column = 0;
  while (at < line.length && left > 0) {
    if (line[at] === " ") left -= 1;
    else if (line[at] === "\t") {
      const width = 4 - (column % 4);
      if (width > left) return " ".repeat(width - left) + line.slice(at + 1);
      left -= width;
      column += width - 1;
    } else break;
    column += 1;
    at += 1;
  }
  return line.slice(at);
}

function indented(lines, at) {
  if (indentOf(lines[at]) < 4) return null;
  let next = at;
  let end = at;
  while (next < lines.length && (isBlank(lines[next]) || indentOf(lines[next]) >= 4)) {
    next += 1;
    if (!isBlank(lines[next - 1])) end = next;
  }
  return { nodes: [code(lines.slice(at, end).map((line) => without(line, 4)))], next: end };
}

// What is not closed yet has no end to its last line.
function code(lines, { isClosed = true, language = "" } = {}) {
  const text = lines.join("\n") + (isClosed && lines.length ? "\n" : "");
  const shown = element("code", text ? [text] : [], LANGUAGES.has(language) ? { class: `language-${language}` } : {});
  const copy = { type: "button", class: "code-copy", "data-copies-block": "", "aria-label": "Copy this code" };
  return element("div", [element("pre", [shown], { tabindex: "0" }), element("button", ["Copy"], copy)], { class: "code-block" });
}

// What a formula over several lines ends with, where one begins with this line; it is not closed within it.
function mathClosing(line) {
  if (line === undefined || indentOf(line) >= 4) return null;
  const first = line.trimStart();
  const closing = first.startsWith("\\(") ? undefined : MATH_CLOSES[first.slice(0, 2)];
  return closing && !first.slice(2).includes(closing) ? closing : null;
}

function formula(lines, at, state, isTight) {
  const closing = mathClosing(lines[at]);
  if (!closing) return null;
  let last = at + 1;
  while (last < lines.length && !isBlank(lines[last]) && lines[last][0] !== LAZY) {
    if (lines[last].replace(/[ \t]+$/, "").endsWith(closing)) {
      const children = inline(said(lines.slice(at, last + 1)));
      return { nodes: isTight ? children : [element("p", children)], next: last + 1 };
    }
    last += 1;
  }
  return null;
}

// The formula that begins there; "$$" alone where it is closed nowhere; nothing where none begins.
function mathAt(text, at) {
  const opening = text.slice(at, at + 2);
  const closing = MATH_CLOSES[opening];
  if (closing) {
    const end = text.indexOf(closing, at + 2);
    if (end >= 0 && /[^ \t\n]/.test(text.slice(at + 2, end))) return text.slice(at, end + 2);
    return opening === "$$" ? "$$" : "";
  }
  if (text[at] !== "$" || /[0-9A-Za-z]/.test(text[at - 1] ?? "")) return "";
  MATH_IN_LINE.lastIndex = at;
  const found = MATH_IN_LINE.exec(text);
  return found && !/\s$/.test(found[1]) ? found[0] : "";
}

function fenced(lines, at) {
  const [, indent, fence, info] = FENCE.exec(lines[at]) ?? [];
  if (!fence || (fence[0] === "`" && info.includes("`"))) return null;
  const closes = new RegExp(`^ {0,3}${fence[0] === "`" ? "`" : "~"}{${fence.length},}[ \\t]*$`);
  let end = at + 1;
  while (end < lines.length && !closes.test(lines[end])) end += 1;
  const held = lines.slice(at + 1, end).map((line) => without(line, Math.min(indent.length, indentOf(line))));
  const language = unescaped(info).trim().split(" ")[0].toLowerCase();
  return { nodes: [code(held, { isClosed: end < lines.length, language })], next: Math.min(end + 1, lines.length) };
}

function heading(lines, at, state) {
  const [, marks, told = ""] = HEADING.exec(lines[at]) ?? [];
  if (!marks) return null;
  const text = told.replace(/(?:^|[ \t]+)#+[ \t]*$/, "");
  return { nodes: [headed(marks.length, text, state)], next: at + 1 };
}

function headed(level, text, state) {
  state.level = Math.min(level + 2, state.level + 1, 6);
  return element(`h${state.level}`, inline(text));
}

function rule(lines, at) {
  return RULE.test(lines[at]) ? { nodes: [element("hr", [])], next: at + 1 } : null;
}

function quote(lines, at, state) {
  if (!QUOTE.test(lines[at])) return null;
  const held = [];
  let next = at;
  while (next < lines.length) {
    if (QUOTE.test(lines[next])) held.push(lines[next].replace(QUOTE, ""));
    else if (goesOn(lines[next], held)) held.push(LAZY + lines[next].trimStart());
    else break;
    next += 1;
  }
  return { nodes: [element("blockquote", blocks(held, state))], next };
}

// Whether a line that lacks the marks of its container continues the paragraph at the container's end.
function goesOn(line, held) {
  return !isBlank(line) && !begins([line], 0) && !marker(line) && endsInParagraph(held);
}

function endsInParagraph(held) {
  if (!held.length || isBlank(held.at(-1))) return false;
  let last = held.at(-1);
  if (last.startsWith(LAZY)) return true;
  for (;;) {
    const inner = QUOTE.test(last) ? last.replace(QUOTE, "") : ITEM.test(last) ? last.replace(ITEM, "").trimStart() : last;
    if (inner === last) break;
    last = inner;
  }
  if (isBlank(last) || HEADING.test(last) || RULE.test(last)) return false;
  const fences = held.filter((line) => FENCE.test(line.trimStart())).length;
  return fences % 2 === 0 && !FENCE.test(last);
}

function list(lines, at, state) {
  const first = marker(lines[at]);
  if (!first) return null;
  const items = [];
  let next = at;
  let isLoose = false;
  while (next < lines.length) {
    const mark = marker(lines[next]);
    if (!mark || mark.kind !== first.kind || RULE.test(lines[next])) break;
    const held = [without(mark.rest, 0)];
    next += 1;
    let blanks = 0;
    while (next < lines.length) {
      if (isBlank(lines[next])) blanks += 1;
      else if (blanks && held.length === 1 && isBlank(held[0])) break; // it begins with no blank line of its own
      else if (indentOf(lines[next]) >= mark.width) {
        held.push(...Array(blanks).fill(""), without(lines[next], mark.width));
        blanks = 0;
      } else if (!blanks && goesOn(lines[next], held)) held.push(LAZY + lines[next].trimStart());
      else break;
      next += 1;
    }
    const goesFurther = next < lines.length && marker(lines[next])?.kind === first.kind && !RULE.test(lines[next]);
    isLoose ||= (blanks > 0 && goesFurther) || hasGap(held);
    items.push(held);
    if (!goesFurther) {
      next -= blanks;
      break;
    }
  }
  const children = items.map((held) => item(held, state, !isLoose));
  const isOrdered = /\d/.test(first.mark);
  const start = isOrdered ? Number.parseInt(first.mark, 10) : 1;
  const attrs = isOrdered && start !== 1 ? { start: String(start) } : {};
  return { nodes: [element(isOrdered ? "ol" : "ul", children, attrs)], next };
}

function item(held, state, isTight) {
  const task = /^\[([ xX])\][ \t]+(?=\S)/.exec(held[0]);
  const lines = task ? [held[0].slice(task[0].length), ...held.slice(1)] : held;
  const children = blocks(lines, state, { isTight });
  if (!task) return element("li", children);
  const box = element("span", [task[1] === " " ? "☐" : "☑"], { class: "task" });
  const into = children[0]?.tag === "p" ? children[0].children : children;
  into.unshift(box, " ");
  return element("li", children);
}

function marker(line) {
  if (indentOf(line) >= 4) return null;
  const [all, indent, mark] = ITEM.exec(line) ?? [];
  if (!mark) return null;
  const rest = line.slice(all.length);
  const gap = indentOf(rest);
  const isEmpty = isBlank(rest);
  const width = indent.length + mark.length + (isEmpty || gap > 4 ? 1 : gap);
  return { mark, kind: /\d/.test(mark) ? mark.at(-1) : mark, width, rest: isEmpty ? "" : without(rest, gap > 4 ? 1 : gap) };
}

// Whether two blocks of an item have a blank line between them, outside of what they hold themselves.
function hasGap(held) {
  let isFenced = null;
  let inner = 0;
  for (let at = isBlank(held[0]) ? 1 : 0; at < held.length; at += 1) {
    const fence = FENCE.exec(held[at])?.[2];
    if (isFenced) {
      if (fence?.[0] === isFenced[0] && fence.length >= isFenced.length) isFenced = null;
      continue;
    }
    if (fence) isFenced = fence;
    if (!isBlank(held[at]) || at + 1 >= held.length) {
      const mark = marker(held[at]);
      if (mark) inner = mark.width;
      else if (!isBlank(held[at]) && indentOf(held[at]) < inner) inner = 0;
      continue;
    }
    const follows = held.slice(at + 1).find((line) => !isBlank(line));
    // A gap within an inner list is that list's.
    if (follows !== undefined && !(inner && (indentOf(follows) >= inner || marker(follows)))) return true;
  }
  return false;
}

function cells(line) {
  const row = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
  const found = [];
  let held = "";
  for (let at = 0; at < row.length; at += 1) {
    if (row[at] === "\\" && row[at + 1] === "|") {
      held += "|";
      at += 1;
    } else if (row[at] === "|") {
      found.push(held.trim());
      held = "";
    } else held += row[at];
  }
  return [...found, held.trim()];
}

function isTable(lines, at) {
  const divider = lines[at + 1];
  if (divider === undefined || indentOf(lines[at]) >= 4 || indentOf(divider) >= 4) return false;
  if (!DIVIDER.test(divider) || !/[|:]/.test(divider) || !lines[at].includes("|")) return false;
  return cells(lines[at]).length === cells(divider).length;
}

function table(lines, at) {
  if (!isTable(lines, at)) return null;
  const sides = cells(lines[at + 1]).map((each) => {
    const isLeft = each.startsWith(":");
    if (!each.endsWith(":")) return isLeft ? "left" : "";
    return isLeft ? "center" : "right";
  });
  const row = (line, tag) => {
    const told = cells(line);
    return element("tr", sides.map((side, n) => element(tag, inline(told[n] ?? ""), side ? { class: `align-${side}` } : {})));
  };
  let next = at + 2;
  while (next < lines.length && !isBlank(lines[next]) && indentOf(lines[next]) < 4 && !begins(lines, next, { isTableRow: true })) next += 1;
  const body = lines.slice(at + 2, next).map((line) => row(line, "td"));
  const parts = [element("thead", [row(lines[at], "th")])];
  if (body.length) parts.push(element("tbody", body));
  return { nodes: [element("table", parts, { tabindex: "0" })], next };
}

// Whether something else than a paragraph begins here, which ends one.
function begins(lines, at, { isTableRow = false } = {}) {
  const line = lines[at];
  if (indentOf(line) >= 4) return false;
  const fence = FENCE.exec(line);
  if (fence && !(fence[2][0] === "`" && fence[3].includes("`"))) return true;
  if (HEADING.test(line) || RULE.test(line) || QUOTE.test(line)) return true;
  const mark = marker(line);
  if (mark && !isBlank(mark.rest) && (!/\d/.test(mark.mark) || Number.parseInt(mark.mark, 10) === 1)) return true;
  return !isTableRow && isTable(lines, at);
}

function paragraph(lines, at, state, isTight) {
  let next = at + 1;
  while (next < lines.length && !isBlank(lines[next])) {
    const underline = indentOf(lines[next]) < 4 && UNDERLINE.exec(lines[next]);
    if (underline) {
      const text = said(lines.slice(at, next));
      return { nodes: [headed(underline[1][0] === "=" ? 1 : 2, text, state)], next: next + 1 };
    }
    if (begins(lines, next)) break;
    next += 1;
  }
  const text = said(lines.slice(at, next));
  const children = inline(text);
  return { nodes: isTight ? children : [element("p", children)], next };
}

function said(lines) {
  return lines.map((line) => line.replace(/^\0+/, "").trimStart()).join("\n").trimEnd();
}

// Inline: a list of strings, elements and delimiter runs, which are paired at the end.
function inline(text) {
  const parts = [];
  const brackets = [];
  let at = 0;
  let plain = "";
  const flush = () => {
    if (plain) parts.push(plain);
    plain = "";
  };
  while (at < text.length) {
    const letter = text[at];
    const math = letter === "$" || letter === "\\" ? mathAt(text, at) : "";
    if (math === "$$") {
      plain += math;
      at += 2;
    } else if (math) {
      flush();
      parts.push(element("span", [math.replace(/\n[ \t]+/g, "\n")], { class: "math" }));
      at += math.length;
    } else if (letter === "\\") {
      if (text[at + 1] === "\n") {
        flush();
        parts.push(element("br", []), "\n");
        at += 2;
        while (text[at] === " ") at += 1;
      } else if (at + 1 < text.length && ESCAPABLE.test(text[at + 1])) {
        plain += text[at + 1];
        at += 2;
      } else {
        plain += letter;
        at += 1;
      }
    } else if (letter === "\n") {
      plain = plain.replace(/ +$/, "");
      flush();
      parts.push(element("br", []), "\n");
      at += 1;
      while (text[at] === " " || text[at] === "\t") at += 1;
    } else if (letter === "`") {
      const run = /^`+/.exec(text.slice(at))[0];
      const end = closing(text, at + run.length, run);
      if (end < 0) {
        plain += run;
        at += run.length;
      } else {
        flush();
        const held = text.slice(at + run.length, end).replace(/\n/g, " ");
        const isPadded = /^ .*[^ ].* $|^ [^ ] $/.test(held);
        parts.push(element("code", [isPadded ? held.slice(1, -1) : held]));
        at = end + run.length;
      }
    } else if (letter === "<") {
      const [all, address] = /^<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>/.exec(text.slice(at)) ?? [];
      const isMail = address && !/^[a-zA-Z][a-zA-Z0-9+.-]{1,31}:/.test(address);
      if (address && !FORBIDDEN.test(address)) {
        flush();
        parts.push(...link(isMail ? `mailto:${address}` : address, [address]));
        at += all.length;
      } else {
        plain += letter;
        at += 1;
      }
    } else if (letter === "&") {
      const found = ENTITY.exec(text.slice(at))?.[0];
      const told = found && entity(found.slice(1, -1));
      plain += told || letter;
      at += told ? found.length : 1;
    } else if (letter === "*" || letter === "_" || letter === "~") {
      flush();
      const run = new RegExp(`^\\${letter}+`).exec(text.slice(at))[0];
      parts.push(delimiter(run, text, at));
      at += run.length;
    } else if (letter === "[") {
      flush();
      parts.push("[");
      brackets.push({ part: parts.length - 1, isActive: true });
      at += 1;
    } else if (letter === "]" && brackets.length) {
      const opener = brackets.pop();
      const told = opener.isActive && destination(text, at + 1);
      if (told) {
        flush();
        const held = paired(parts.splice(opener.part).slice(1));
        parts.push(...link(told.address, held, told.title));
        for (const each of brackets) each.isActive = false;
        at = told.end;
      } else {
        plain += letter;
        at += 1;
      }
    } else {
      plain += letter;
      at += 1;
    }
  }
  flush();
  return merged(paired(parts));
}

function closing(text, from, run) {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let found = runs.exec(text); found; found = runs.exec(text)) if (found[0] === run) return found.index;
  return -1;
}

function entity(name) {
  if (name[0] !== "#") return ENTITIES[name] ?? "";
  const number = name[1].toLowerCase() === "x" ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const isValid = number > 0 && number <= 0x10ffff && !(number >= 0xd800 && number <= 0xdfff);
  return isValid ? String.fromCodePoint(number) : "�";
}

function link(address, held, title = "") {
  const attrs = { target: "_blank", rel: "noopener noreferrer nofollow" };
  if (FOLLOWED.test(address)) attrs.href = address;
  if (title) attrs.title = title;
  let host = "";
  try {
    host = new URL(address).hostname;
  } catch { /* it names none */ }
  return [element("a", held, attrs), ...(host ? [element("span", [`(${host})`], { class: "link-host" })] : [])];
}

// "(address "title")" after a link's text.
function destination(text, from) {
  if (text[from] !== "(") return null;
  const rest = text.slice(from + 1);
  const [head, angled] = /^\s*<((?:[^<>\n\\]|\\.)*)>/.exec(rest) ?? [];
  let address = angled;
  let at = head?.length ?? 0;
  if (angled === undefined) {
    at = /^\s*/.exec(rest)[0].length;
    const begin = at;
    let depth = 0;
    while (at < rest.length && !/[\s\x00-\x1f]/.test(rest[at])) {
      if (rest[at] === "\\" && ESCAPABLE.test(rest[at + 1] ?? "")) at += 1;
      else if (rest[at] === "(") depth += 1;
      else if (rest[at] === ")" && (depth -= 1) < 0) break;
      at += 1;
    }
    if (depth > 0) return null;
    address = rest.slice(begin, at);
  }
  const tail = /^(?:\s+("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?\s*\)/.exec(rest.slice(at));
  if (!tail) return null;
  address = unescaped(address);
  if (FORBIDDEN.test(address.trim())) return null;
  return { address, title: unescaped(tail[1]?.slice(1, -1) ?? ""), end: from + 1 + at + tail[0].length };
}

function unescaped(text) {
  return text.replace(/\\([!-/:-@[-`{-~])/g, "$1").replace(/&[#\w]+;/g, (all) => entity(all.slice(1, -1)) || all);
}

function delimiter(run, text, at) {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? " ";
  const after = String.fromCodePoint(text.codePointAt(at + run.length) ?? 32);
  const [isSpaceBefore, isSpaceAfter] = [SPACE.test(before), SPACE.test(after)];
  const [isSignBefore, isSignAfter] = [PUNCTUATION.test(before), PUNCTUATION.test(after)];
  const isLeft = !isSpaceAfter && (!isSignAfter || isSpaceBefore || isSignBefore);
  const isRight = !isSpaceBefore && (!isSignBefore || isSpaceAfter || isSignAfter);
  const isWord = run[0] === "_";
  return {
    letter: run[0],
    count: run.length,
    was: run.length,
    opens: isLeft && (!isWord || !isRight || isSignBefore),
    closes: isRight && (!isWord || !isLeft || isSignAfter),
  };
}

function paired(parts) {
  const found = [...parts];
  for (let at = 0; at < found.length; at += 1) {
    const closer = found[at];
    if (!closer.letter || !closer.closes || !closer.count) continue;
    let from = at - 1;
    while (from >= 0 && !matches(found[from], closer)) from -= 1;
    if (from < 0) continue;
    const opener = found[from];
    const isStruck = closer.letter === "~";
    const used = isStruck ? 2 : Math.min(opener.count, closer.count, 2);
    const tag = isStruck ? "s" : used === 2 ? "strong" : "em";
    const held = paired(found.slice(from + 1, at)).flatMap(literal);
    opener.count -= used;
    closer.count -= used;
    found.splice(from + 1, at - from - 1, element(tag, merged(held)));
    // The closer stands two further than its opener now, and may close more.
    at = from + 1;
  }
  return found.flatMap(literal);
}

function matches(opener, closer) {
  if (opener.letter !== closer.letter || !opener.opens || !opener.count) return false;
  if (closer.letter === "~") return opener.count >= 2 && closer.count >= 2;
  if (!opener.closes && !closer.opens) return true;
  return (opener.was + closer.was) % 3 !== 0 || (opener.was % 3 === 0 && closer.was % 3 === 0);
}

function literal(part) {
  if (!part.letter) return [part];
  return part.count ? [part.letter.repeat(part.count)] : [];
}

function merged(parts) {
  const found = [];
  for (const part of parts) {
    if (typeof part === "string" && typeof found.at(-1) === "string") found[found.length - 1] += part;
    else found.push(part);
  }
  return found;
}
