// Serves [data-rounds] of a running execution: a card for each call of a tool as it happens, and what the model said
// before it goes on. Text only ever becomes text nodes; the finished answer brings the server's own cards.
export function toolCards(place) {
  let list = null; // of this round
  const found = (id) => list?.querySelector(`[data-call="${CSS.escape(id)}"]`);
  return {
    begin({ id, tool_name: name, arguments: given }) {
      list ??= place.appendChild(made("ul", "tool-calls"));
      const card = list.appendChild(made("li", "tool-call"));
      card.dataset.call = id;
      const head = card.appendChild(made("p", "tool-call-head"));
      head.append(made("span", "tool-call-name", name), made("span", "tag", "running"));
      card.append(made("pre", "tool-call-arguments", readable(given)));
    },
    // In the tool's own measure; what it says goes when the call has ended.
    progress({ id, done, total, message }) {
      const card = found(id);
      if (!card) return;
      const line = card.querySelector(".tool-call-progress") ?? card.appendChild(made("p", "tool-call-progress meta"));
      const figure = total === null ? `${done}` : `${done} of ${total}`;
      line.textContent = message ? `${figure} · ${message}` : figure;
    },
    end({ id, status, result, error, execution_time: taken }) {
      const card = found(id);
      if (!card) return;
      card.querySelector(".tool-call-progress")?.remove();
      const word = { completed: "done", failed: "failed", awaiting_approval: "waits for you" }[status] ?? status;
      card.querySelector(".tag").textContent = word;
      if (taken !== undefined) card.querySelector(".tag").before(made("span", "meta", `${taken.toFixed(2)}\u202fs`));
      if (status === "awaiting_approval") return;
      const shown = made("pre", "tool-call-arguments", readable(error ?? result));
      shown.classList.toggle("tool-call-failed", error !== undefined);
      card.append(shown);
    },
    // What was said with the calls stands above them.
    goOn(said) {
      if (said && list) list.before(made("p", "tool-round-text", said));
      list = null;
    },
  };
}

function made(tag, name, text = "") {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}

function readable(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
