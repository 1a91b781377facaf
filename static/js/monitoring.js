// Serves #monitoring-now: the socket's fragments take the place of the parts that changed; without a socket the page
// asks for them itself.
const BACK_OFF = [500, 1000, 2000, 5000, 10_000];
const REFUSED = 4400; // and above: signed out, or no administrator any more
const TOO_MANY = 4429; // within a minute: it is let in later
const place = document.getElementById("monitoring-now");
let tries = 0;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${place.dataset.socket}`);
  socket.onmessage = ({ data }) => {
    tries = 0;
    const told = JSON.parse(data);
    if (told.event === "figures") show(told.data.html);
  };
  socket.onclose = ({ code }) => {
    if (code >= REFUSED && code !== TOO_MANY) return location.reload(); // the page itself says why
    if (tries > 1) ask();
    setTimeout(connect, BACK_OFF[Math.min(tries++, BACK_OFF.length - 1)] * (0.75 + Math.random() / 2));
  };
}

async function ask() {
  const answer = await fetch(place.dataset.address).catch(() => null);
  if (answer?.ok) show(await answer.text());
}

function show(html) {
  const told = new DOMParser().parseFromString(html, "text/html");
  for (const part of told.querySelectorAll("[data-part]")) {
    const now = document.getElementById(part.id);
    if (now && now.outerHTML !== part.outerHTML) now.replaceWith(part);
  }
}

connect();

// What the reader has opened of the last hour's pictures stays open when they are drawn anew.
let opened = [];
const openIn = (part) => [...part.querySelectorAll("figure:has(details[open])")].map((figure) => figure.id);

document.addEventListener("htmx:beforeSwap", ({ target }) => {
  opened = openIn(target);
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  for (const id of opened) target.querySelector(`#${CSS.escape(id)} details`)?.setAttribute("open", "");
});
