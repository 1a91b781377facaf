// Serves [data-waiting]: after three seconds without a word a run says what it waits for, with a clock. What it waits for
// is announced when that changes; the seconds are only shown.
const SOON = 3000;
const LONGEST = 90; // seconds that a pause is believed to last: clocks may differ
const WORDS = {
  provider: () => "Waiting for the provider's first word",
  queue: ({ place, of }) => `In the queue before the provider, place ${place} of ${of}`,
  rest: () => "The model kept failing and is left alone for a moment. It is asked as soon as it is back",
  thinking: () => "The model is thinking and has not begun its answer",
  tool: ({ name }) => `Waiting for the tool ${name}`,
  retry: ({ attempt, of, reason }) => `Failed (${reason.replaceAll("_", " ")}). Attempt ${attempt}${of ? ` of ${of}` : ""}`,
  again: ({ attempt, of }) => `Attempt ${attempt}${of ? ` of ${of}` : ""}: waiting for the provider's first word`,
};

// `announce` gets each new sentence; `elapsed`: milliseconds that the run has waited already.
export function waitingLine(element, { elapsed, announce }) {
  const words = element.querySelector("[data-waiting-words]");
  const clock = element.querySelector("[data-waiting-clock]");
  let began = performance.now() - elapsed;
  let state = { for: "provider" };
  let until = 0;
  let timer = setInterval(show, 250);

  function show() {
    const now = performance.now();
    if (state.for === "retry" && now >= until) state = { ...state, for: "again" };
    if (now - began < SOON && state.for !== "retry") return;
    const said = WORDS[state.for](state);
    if (words.textContent !== said) {
      words.textContent = said;
      announce(`${said}.`);
    }
    const shown = state.for === "retry" ? `in ${Math.ceil((until - now) / 1000)}` : Math.floor((now - began) / 1000);
    clock.textContent = `${shown}\u202fs`;
  }

  return {
    tell(next) {
      state = next;
      if (next.for === "retry") {
        const left = Math.min(Math.max((Date.parse(next.retry_at) - Date.now()) / 1000, 0), LONGEST);
        until = performance.now() + left * 1000;
      }
      if (timer) show();
    },
    // The next round of an answer: the model has read what its tools gave.
    again() {
      began = performance.now();
      state = { for: "provider" };
      words.textContent = "";
      clock.textContent = "";
      element.hidden = false;
      timer ??= setInterval(show, 250);
    },
    end() {
      clearInterval(timer);
      timer = null;
      element.hidden = true;
    },
  };
}
