// Serves #forecast: the tokens of what is typed and the most that the run can cost, before it starts. The prices are
// data of #picked; the server says the same (playground/pages/presentation/forecast.py) where no script runs.
const place = document.getElementById("forecast");
const CHARACTERS_A_TOKEN = 4;
const UNKNOWN_ANSWER = 16384;
const MILLION = 1e6;

function tell() {
  const characters = [...document.querySelectorAll("[data-draft]")].reduce((sum, { value }) => sum + value.length, 0);
  const tokens = Math.ceil(characters / CHARACTERS_A_TOKEN);
  const count = `about ${tokens.toLocaleString("en").replaceAll(",", "\u202f")} ${tokens === 1 ? "token" : "tokens"}`;
  place.textContent = tokens ? [count, cost(tokens)].filter(Boolean).join(", ") : "";
}

function cost(tokens) {
  const { priceIn, priceOut, price } = document.getElementById("picked").dataset;
  if (!priceIn || !priceOut || !(Number(priceIn) + Number(priceOut))) return price;
  const dollars = (Number(priceIn) * tokens + Number(priceOut) * longest()) / MILLION;
  if (dollars < 0.0001) return "< $0.0001";
  const digits = dollars < 1 ? 4 : 2;
  return `up to $${dollars.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

function longest() {
  const { longest: most } = document.getElementById("picked").dataset;
  const typed = document.getElementById("parameter-max_tokens")?.value.trim() ?? "";
  const wanted = /^[1-9]\d{0,6}$/.test(typed) ? Number(typed) : Number(most) || UNKNOWN_ANSWER;
  return most ? Math.min(wanted, Number(most)) : wanted;
}

document.addEventListener("input", tell);
document.addEventListener("htmx:load", ({ target }) => { if (target.id === "parameters") tell(); });
tell();
