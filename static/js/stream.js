// Serves every article[data-live]: writes the tokens of a running execution as they come. A page of several articles
// says [data-quiet] on them and announces by itself, when "execution:ended" comes.
// Events are numbered; after a lost connection it asks for those after the last one it wrote, and the
// finished answer is the server's own fragment. Text only ever becomes text nodes.
import { rendering } from "./rendering.js";
import { toolCards } from "./tool_cards.js";
import { waitingLine } from "./waiting.js";

const BACK_OFF = [250, 500, 1000, 2000, 5000];
const SILENCE = 40_000; // two missed heartbeats and a bit
const BLOCK = 1500; // characters a block: the browser lays out only the last one anew
const REFUSED = 4400; // and above: signed out, or not to be seen any more
const A_FRAME = 16_000; // characters a frame: a long replay must not make one long task
const NEAR = 48; // pixels from the end that still count as being there
const WORD = { completed: "completed", failed: "failed", cancelled: "stopped" };

const followed = new Map(); // article → what follows it

function follow(article) {
  const part = (name) => article.querySelector(`[data-${name}]`);
  const answer = writer(part("answer"));
  const rendered = part("rendered") && rendering(part("rendered"), article);
  const reasoning = writer(part("reasoning-text"));
  const calls = part("rounds") && toolCards(part("rounds"));
  const view = follower(article, part("scroll"), part("jump"));
  const clock = ticking(article);
  const waiting = waitingLine(part("waiting"), {
    elapsed: Number(article.dataset.elapsed ?? 0),
    announce: (text) => announce(article, text),
  });
  let last = Number(article.dataset.after);
  let tries = 0;
  let isOver = false;
  let socket, silence, frame, retry;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}${article.dataset.socket}?after=${last}`);
    socket.onopen = () => { part("reconnecting").hidden = true; };
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = lost;
    listen();
  }

  function listen() {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), SILENCE);
  }

  function receive({ id, event, data }) {
    listen();
    tries = 0;
    if (!id || id <= last) return;
    last = id;
    article.dataset.after = id;
    if (event === "tool_call") waiting.tell({ for: "tool", name: data.tool_name });
    if (event === "token") answer.add(data.text);
    else if (event === "reasoning") think(data.text);
    else if (event === "recast") think(takeBack());
    else if (event === "waiting") waiting.tell(data);
    else if (event === "retry") waiting.tell({ ...data, for: "retry" });
    else if (event === "tool_call" && calls) calls.begin(data);
    else if (event === "tool_progress" && calls) calls.progress(data);
    else if (event === "tool_result" && calls) calls.end(data);
    else if (event === "round" && calls) goOn();
    else if (event in WORD) return finish(event);
    else note(event, data);
    frame ??= requestAnimationFrame(paint);
  }

  function think(text) {
    waiting.tell({ for: "thinking" });
    reasoning.add(text);
  }

  function goOn() {
    calls.goOn(takeBack());
    waiting.again();
  }

  function takeBack() {
    rendered?.clear();
    return answer.takeBack();
  }

  function paint() {
    frame = undefined;
    if (!article.isConnected) return;
    const isBegun = answer.write();
    rendered?.add(isBegun);
    if (reasoning.write()) part("reasoning").hidden = false;
    if (isBegun) {
      waiting.end();
      part("answer").classList.add("caret");
      part("rendered")?.classList.add("caret");
      part("copy").disabled = false;
    }
    view.keepUp();
    if (answer.isBehind() || reasoning.isBehind()) frame = requestAnimationFrame(paint);
  }

  function note(event, data) {
    const text = {
      fallback: () => `${data.from} did not answer (${data.reason}). Going on with ${data.to}.`,
      provider_tool: () => (data.result === undefined ? `The provider runs ${data.tool_name}.` : ""),
      tool_call: () => `Calling the tool ${data.tool_name}.`,
    }[event]?.();
    if (!text) return;
    const line = document.createElement("p");
    line.className = "notice mb-3";
    line.textContent = text;
    part("notices").append(line);
  }

  function lost({ code }) {
    clearTimeout(silence);
    if (isOver || !article.isConnected) return;
    tries += 1;
    part("reconnecting").hidden = false;
    const pause = BACK_OFF[Math.min(tries, BACK_OFF.length) - 1] * (0.75 + Math.random() / 2);
    retry = setTimeout(async () => {
      // Where sockets do not get through, the page still learns how it ended.
      if ((tries > 2 || code === 1000 || code >= REFUSED) && (await replaceWhenFinished())) return;
      if (!isOver) connect();
    }, pause);
  }

  async function finish(event) {
    stop();
    for (let attempt = 0; article.isConnected; attempt += 1) {
      if (await replaceWhenFinished()) break;
      await new Promise((done) => setTimeout(done, BACK_OFF[Math.min(attempt, BACK_OFF.length - 1)]));
    }
    announce(article, `Run ${WORD[event]}.`);
  }

  async function replaceWhenFinished() {
    const html = await fragment(article.dataset.href).catch(() => null);
    if (!html || !article.isConnected) return false;
    const next = new DOMParser().parseFromString(html, "text/html").querySelector("article");
    if (!next || "live" in next.dataset) return false;
    stop();
    const hadFocus = article.contains(document.activeElement);
    const isReasoningOpen = part("reasoning").open;
    const restore = view.remember();
    htmx.swap(article, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    const shown = document.querySelector(`article[data-execution-id="${article.dataset.executionId}"]`);
    shown.querySelector("[data-reasoning]").open = isReasoningOpen;
    restore(shown);
    if (hadFocus) shown.querySelector("[data-scroll]").focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("execution:ended", { detail: shown }));
    return true;
  }

  function stop() {
    isOver = true;
    clearTimeout(silence);
    clearTimeout(retry);
    clock.stop();
    waiting.end();
    view.stop();
    socket?.close();
  }

  if (rendered) {
    article.dataset.renders = ""; // no class: htmx sets those of a swapped element once more a moment later
    rendered.add(part("answer").textContent);
  }
  connect();
  announce(article, "Run started.");
  return { stop };
}

// Appends to an element; a new block begins after a line break, which looks the same and lays out faster.
function writer(element) {
  let waiting = "";
  let node = null;
  return {
    add(text) { waiting += text; },
    // All that was written, which is no longer here.
    takeBack() {
      const text = element.textContent + waiting;
      element.replaceChildren();
      waiting = "";
      node = null;
      return text;
    },
    isBehind: () => waiting !== "",
    write() {
      if (!waiting) return "";
      const text = waiting.slice(0, A_FRAME);
      waiting = waiting.slice(A_FRAME);
      for (const line of text.match(/[^\n]*\n|[^\n]+/g)) {
        if (!node || (node.length > BLOCK && node.data.endsWith("\n"))) {
          const block = document.createElement("div");
          node = block.appendChild(document.createTextNode(""));
          element.append(block);
        }
        node.appendData(line);
      }
      return text;
    },
  };
}

// Keeps the end in sight until the reader scrolls up; on a phone the page itself scrolls.
function follower(article, box, jump) {
  const isBox = () => getComputedStyle(box).overflowY === "auto";
  const [raw, rendered] = ["answer", "rendered"].map((name) => article.querySelector(`[data-${name}]`));
  const end = () => (rendered?.offsetParent ? rendered : raw);
  const beyond = () => isBox()
    ? box.scrollHeight - box.scrollTop - box.clientHeight
    : end().getBoundingClientRect().bottom - (innerHeight - 190);
  let isFollowing = true;
  let before = 0;

  function scrolled() {
    const at = isBox() ? box.scrollTop : scrollY;
    if (at < before - 2) isFollowing = beyond() < NEAR;
    else if (beyond() < NEAR) isFollowing = true;
    before = at;
    jump.hidden = isFollowing;
  }

  function toEnd() {
    const far = beyond();
    if (far > 0) (isBox() ? box : window).scrollBy(0, far);
    before = isBox() ? box.scrollTop : scrollY;
  }

  function clicked() {
    isFollowing = true;
    jump.hidden = true;
    toEnd();
  }

  box.addEventListener("scroll", scrolled, { passive: true });
  addEventListener("scroll", scrolled, { passive: true });
  jump.addEventListener("click", clicked);
  return {
    keepUp() { if (isFollowing) toEnd(); },
    remember() {
      const top = box.scrollTop;
      const wasAtEnd = isFollowing && isBox() && top > 0;
      return (shown) => {
        const next = shown.querySelector("[data-scroll]");
        next.scrollTop = wasAtEnd ? next.scrollHeight : top;
      };
    },
    stop() {
      removeEventListener("scroll", scrolled);
      jump.hidden = true;
    },
  };
}

function ticking(article) {
  const from = performance.now() - Number(article.dataset.elapsed ?? 0);
  const value = article.querySelector(".facts dd");
  const timer = setInterval(() => {
    value.textContent = `${((performance.now() - from) / 1000).toFixed(1)}\u202fs`;
  }, 100);
  return { stop: () => clearInterval(timer) };
}

async function fragment(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if ([401, 403, 404].includes(answer.status)) location.reload(); // the page itself says why
  return answer.ok ? answer.text() : null;
}

function announce(article, text) {
  if (!("quiet" in article.dataset)) document.getElementById("announcer").textContent = text;
}

function look() {
  for (const [article, following] of followed) {
    if (article.isConnected) continue;
    following.stop();
    followed.delete(article);
  }
  for (const article of document.querySelectorAll("article[data-live]")) {
    if (!followed.has(article)) followed.set(article, follow(article));
  }
}

document.addEventListener("htmx:load", look);
look();
