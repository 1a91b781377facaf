// An answer as Markdown while it comes: what was finished is left as it is, only its last block is read anew.
import { colour } from "./highlight.js";
import { parse } from "./markdown.js";

const MOST = 60_000; // characters; as playground/pages/markdown.py: longer ones are shown as they came

export function rendering(element, article) {
  let text = "";
  let level = 2; // of the last heading that is finished
  let done = 0; // characters that are
  let kept = 0; // nodes of the element that are

  function add(more) {
    if (done > MOST) return;
    text += more;
    if (done + text.length > MOST) {
      done = Infinity;
      element.replaceChildren();
      delete article.dataset.renders;
      return;
    }
    const found = parse(text, level);
    patch(element, found.flatMap((block) => block.nodes), kept);
    // A line that is not whole may yet turn out to be another one's part.
    const finished = found.filter((_, at) => at + 1 < found.length && text.includes("\n", found[at + 1].from));
    if (!finished.length) return;
    const before = kept;
    kept += finished.reduce((sum, block) => sum + block.nodes.length, 0);
    for (let at = before; at < kept; at += 1) if (element.childNodes[at].nodeType === Node.ELEMENT_NODE) colour(element.childNodes[at]);
    level = finished.at(-1).level;
    const from = found[finished.length].from;
    done += from;
    text = text.slice(from);
  }

  function clear() {
    [text, level, done, kept] = ["", 2, 0, 0];
    element.replaceChildren();
  }

  return { add, clear };
}

// Makes the children of `parent` from that one on be these; what is there and fits goes on.
function patch(parent, nodes, from = 0) {
  for (const [at, node] of nodes.entries()) {
    const there = parent.childNodes[from + at];
    if (typeof node === "string") {
      if (there?.nodeType !== Node.TEXT_NODE) place(parent, there, document.createTextNode(node));
      else if (node.startsWith(there.data)) there.appendData(node.slice(there.data.length));
      else there.data = node;
    } else if (there?.localName === node.tag) {
      for (const { name } of [...there.attributes]) if (!(name in node.attrs)) there.removeAttribute(name);
      dress(there, node.attrs);
      patch(there, node.children);
    } else {
      const made = document.createElement(node.tag);
      dress(made, node.attrs);
      patch(made, node.children);
      place(parent, there, made);
    }
  }
  while (parent.childNodes.length > from + nodes.length) parent.lastChild.remove();
}

function place(parent, there, made) {
  if (there) there.replaceWith(made);
  else parent.append(made);
}

function dress(element, attrs) {
  for (const [name, value] of Object.entries(attrs)) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
