// Serves .code-block: colours the words of code, and copies it. Colours are laid over the text (CSS custom highlights):
// nothing of the page changes, nothing moves, and what is copied is what came. A browser without them shows plain code.
import { write } from "./clipboard.js";

const LONGEST = 20_000; // characters of a block: longer ones stay plain
const AT_ONCE = 8; // milliseconds a slice
const words = (text) => new Set(text.split(" "));
const C = "break case const continue default do else enum for goto if return sizeof static struct switch typedef union void volatile while"
  + " bool char double float int long short signed unsigned true false null NULL nullptr";
const JS = words("async await break case catch class const continue debugger default delete do else export extends finally for from function"
  + " get if import in instanceof interface let new null of return set static super switch this throw true false try type typeof undefined"
  + " var void while yield implements enum private public readonly as namespace declare abstract keyof");
const CLASSY = words(`${C} abstract and async await base class catch defer delete extends extern final finally fn foreach from fun func function`
  + " go guard impl implements import in include instanceof interface internal is lambda let loop match mod module mut namespace new nil"
  + " operator override package private protected pub public raise range readonly ref require rescue self Self sealed super template this"
  + " throw throws trait try type unless unsafe use using val var virtual when where with yield elsif end def begin then until not or echo"
  + " string str usize i32 i64 u8 u32 u64 f64 map chan select fallthrough");
const PYTHON = words("False None True and as assert async await break class continue def del elif else except finally for from global if import"
  + " in is lambda match case nonlocal not or pass raise return self try while with yield");
const SHELL = words("case cd do done echo elif else esac eval exec exit export fi for function if in local read return select set shift source"
  + " sudo then unset until while");
const SQL = words("add all alter and as asc begin between by case check commit constraint create cross default delete desc distinct drop else end"
  + " exists false foreign from full group having if in index inner insert into is join key left like limit not null offset on or order outer"
  + " primary references returning right rollback select set table then true union unique update using values view when where with");
const NUMBER = "\\b0[xXbBoO][\\da-fA-F_]+\\b|\\b\\d[\\d_]*(?:\\.\\d+)?(?:[eE][+-]?\\d+)?\\w*";
const QUOTED = `"(?:\\\\[^]|[^"\\\\\\n])*"?|'(?:\\\\[^]|[^'\\\\\\n])*'?`;
const WORD = "[A-Za-z_$][\\w$]*";
const SLASHES = "//[^\\n]*|/\\*[^]*?(?:\\*/|$)";
const HASH = "#[^\\n]*";

// What is a comment, a text, a number and a word of a language, and which words are its own.
function language(comment, string, keywords, { word = WORD, isCaseless = false } = {}) {
  const pattern = new RegExp(`(?<comment>${comment})|(?<string>${string})|(?<number>${NUMBER})|(?<word>${word})`, "g");
  return { pattern, keywords, isCaseless };
}
const none = "(?!)";
const javascript = language(SLASHES, `${QUOTED}|\`(?:\\\\[^]|[^\`\\\\])*\`?`, JS);
const python = language(HASH, `[rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|${QUOTED})`, PYTHON);
const shell = language(`(?<![\\w$&{])${HASH}`, `"(?:\\\\[^]|[^"\\\\])*"?|'[^']*'?|\\$\\w+|\\$\\{[^}\\n]*\\}`, SHELL, { word: "[A-Za-z_][\\w-]*" });
const markup = language("<!--[^]*?(?:-->|$)", "(?<==)(?:\"[^\"]*\"?|'[^']*'?)", null, { word: "</?[A-Za-z][\\w:-]*|/?>" });
const css = language("/\\*[^]*?(?:\\*/|$)", QUOTED, null, { word: "@[\\w-]+|[\\w-]+(?=\\s*:[^{}]*[;}])" });
const sql = language(`--[^\\n]*|/\\*[^]*?(?:\\*/|$)`, "'(?:''|[^'])*'?|\"[^\"\\n]*\"?", SQL, { isCaseless: true });
const json = language(SLASHES, QUOTED, words("true false null"));
const yaml = language(`(?<![^\\s])${HASH}`, QUOTED, null, { word: "(?<=^[ \\t-]*)[\\w.-]+(?=\\s*[:=])|\\[[^\\]\\n]+\\]|\\b(?:true|false|null)\\b" });
yaml.pattern = new RegExp(yaml.pattern.source, "gm");
const hashed = language(HASH, QUOTED, CLASSY);
const classy = language(SLASHES, `${QUOTED}|\`[^\`]*\`?`, CLASSY);
const rust = language(SLASHES, `"(?:\\\\[^]|[^"\\\\])*"?|'(?:\\\\.|[^'\\\\\\n])'`, CLASSY);
const BY_NAME = {
  python, py: python, javascript, js: javascript, jsx: javascript, typescript: javascript, ts: javascript, tsx: javascript, json,
  bash: shell, sh: shell, shell, zsh: shell, console: shell, sql, html: markup, xml: markup, svg: markup, css, rust, rs: rust,
  ruby: hashed, rb: hashed, yaml, yml: yaml, toml: yaml, php: classy,
};

// Where something stands in a text: [kind, from, to] of comments, strings, numbers and keywords.
export function tokens(text, name) {
  const found = BY_NAME[name] ?? classy;
  const told = [];
  for (const { groups, index, 0: all } of text.matchAll(found.pattern)) {
    const kind = groups.comment ? "comment" : groups.string ? "string" : groups.number ? "number" : "keyword";
    const isOwn = kind !== "keyword" || !found.keywords || found.keywords.has(found.isCaseless ? all.toLowerCase() : all);
    if (isOwn) told.push([kind, index, index + all.length]);
  }
  return told;
}

const layers = new Map();
const seen = new WeakSet();
let pending = [];
let idle;

// Colours the code in `place` when the browser has time for it; `isNow`: what it replaces was coloured.
export function colour(place, { isNow = false } = {}) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  const found = place.querySelectorAll(".code-block code[class]");
  if (!found.length) return;
  pending.push(...found);
  if (isNow) work();
  else idle ??= soon(work);
}

function soon(next) {
  return globalThis.requestIdleCallback ? requestIdleCallback(next, { timeout: 1000 }) : setTimeout(next, 50);
}

function work() {
  forgetWhatHasGone();
  const until = performance.now() + AT_ONCE;
  while (pending.length && performance.now() < until) paint(pending.shift());
  idle = pending.length ? soon(work) : undefined;
}

function paint(code) {
  const node = code.firstChild;
  if (!code.isConnected || seen.has(code) || node?.nodeType !== Node.TEXT_NODE || node.length > LONGEST) return;
  seen.add(code);
  for (const [kind, from, to] of tokens(node.data, code.className.replace("language-", ""))) {
    const range = new StaticRange({ startContainer: node, startOffset: from, endContainer: node, endOffset: to });
    layer(kind).add(range);
  }
}

function layer(kind) {
  if (!layers.has(kind)) {
    layers.set(kind, new Highlight());
    CSS.highlights.set(`code-${kind}`, layers.get(kind));
  }
  return layers.get(kind);
}

function forgetWhatHasGone() {
  for (const each of layers.values()) for (const range of each) if (!range.startContainer.isConnected) each.delete(range);
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies-block]");
  if (!button) return;
  const isCopied = await write(button.parentElement.querySelector("code").textContent);
  button.textContent = isCopied ? "Copied" : "Not copied";
  document.getElementById("announcer").textContent = isCopied ? "Copied." : "The browser did not allow copying.";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

document.addEventListener("htmx:load", ({ target }) => colour(target));
// A run that has ended is shown anew.
document.addEventListener("execution:ended", ({ detail }) => colour(detail ?? document, { isNow: true }));
if (document.readyState === "complete") colour(document);
else addEventListener("DOMContentLoaded", () => colour(document));
