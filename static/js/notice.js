// A notice that static/js/keep_form.js and reply_draft.js put at a form: a sentence, and acts ([word, act]) that end it.
export function notice(text, acts) {
  const box = Object.assign(document.createElement("div"), { className: "notice draft-offer" });
  box.setAttribute("role", "status");
  box.append(Object.assign(document.createElement("p"), { textContent: text }));
  for (const [word, act] of acts) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-quiet", textContent: word });
    button.addEventListener("click", () => { box.remove(); act(); });
    box.append(button);
  }
  return box;
}
