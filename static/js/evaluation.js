// Serves #evaluation: while a test runs, the socket's figures are written into its data- places; when its state changes
// the server's own fragment takes their place.
const BACK_OFF = [500, 1000, 2000, 5000, 10_000];
const SMALLEST_SHOWN = 0.0001; // US dollars
const REFUSED = 4400; // and above: signed out, or not to be seen any more
const COUNTED_UP = "working out the figures"; // all answers are there
const TOO_MANY = 4429; // within a minute: it is let in later

let tries = 0;
const page = () => document.getElementById("evaluation");
const put = (name, text) => {
  const place = page().querySelector(`[data-${name}]`);
  if (place) place.textContent = text;
};

function connect() {
  if (!page().dataset.socket) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${page().dataset.socket}`);
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = ({ code }) => {
    if (code === 1000) return look();
    if (code >= REFUSED && code !== TOO_MANY) return location.reload(); // the page itself says why
    setTimeout(connect, BACK_OFF[Math.min(tries++, BACK_OFF.length - 1)] * (0.75 + Math.random() / 2));
  };
}

function receive({ event, data }) {
  tries = 0;
  if (event !== "progress" || !data) return;
  const { status, control } = page().dataset;
  if (data.status !== status || data.control !== control) {
    if (!["completed", "cancelled", "failed"].includes(data.status)) look();
    return; // an end closes the socket, and is looked at then
  }
  const bar = page().querySelector("[data-progress]");
  if (bar) bar.value = data.progress.done;
  const { done, total } = data.progress;
  const isServed = data.batches.length > 0 || data.workers > 0 || data.workers_alive === 0 || done >= total;
  page().querySelector("[data-waiting]")?.toggleAttribute("hidden", isServed);
  put("batches", data.batches.join(" "));
  page().querySelector("[data-no-worker]")?.toggleAttribute("hidden", data.workers_alive > 0);
  put("done", thin(data.progress.done));
  put("errors", thin(data.progress.errors));
  if (!page().querySelector("[data-unpriced]")) put("spent", `${dollars(data.cost.spent)}${ceiling(data.cost)}`);
  put("left", done >= total ? COUNTED_UP : data.seconds_left === null ? "–" : spoken(data.seconds_left));
  for (const rate of data.rates) narrow(rate);
}

function narrow(rate) {
  const place = page().querySelector(`[data-variant="${CSS.escape(rate.variant)}"]`);
  if (!place || rate.value === null) return;
  place.querySelector(".rate-share").textContent = `${Math.round(100 * rate.value)} %`;
  const band = place.querySelector(".rate-band");
  if (!band || !rate.interval) return look();
  const [low, high] = [100 * rate.interval.low, 100 * rate.interval.high];
  band.setAttribute("x", `${low}%`);
  band.setAttribute("width", `${high - low}%`);
  place.querySelector(".rate-at").setAttribute("x", `${100 * rate.value}%`);
  place.querySelector(".rate-bar").setAttribute("aria-label", `${Math.round(low)} to ${Math.round(high)} %`);
  place.querySelector(".rate .meta").textContent = `${Math.round(low)} to ${Math.round(high)} %`;
  place.querySelector("[data-sentence]").textContent = `From ${thin(rate.n)} answers to ${thin(rate.cases)} finished cases.`;
}

// As the server tells numbers and money (foundation/words.py).
const thin = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "\u202f");

function dollars(amount) {
  if (amount === 0) return "no cost";
  if (amount < SMALLEST_SHOWN) return `< $${SMALLEST_SHOWN}`;
  return `$${thin(amount.toFixed(amount < 1 ? 4 : 2))}`;
}

const ceiling = ({ max_cost }) => (max_cost === null ? "" : ` of ${dollars(max_cost)}`);

function spoken(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

// The server's fragment, once a second at most; a wish that comes in between is kept, since it may be the last.
let looked = 0, waiting = 0;
function look() {
  if (waiting) return;
  waiting = setTimeout(async () => {
    [waiting, looked] = [0, Date.now()];
    const before = page().dataset.status;
    await htmx.ajax("GET", page().dataset.address, { target: "#evaluation", swap: "outerHTML" }).catch(() => {});
    if (page().dataset.status === before) return;
    document.getElementById("announcer").textContent = page().querySelector(".evaluation-told").innerText;
  }, Math.max(0, looked + 1000 - Date.now()));
}

connect();
