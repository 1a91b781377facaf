// Serves #draft-offer: says that there is another text than the one that is shown, and lets its reader take it or leave
// it. One offer at a time: the latest.
const box = document.getElementById("draft-offer");
let acts = {};

export function offer(text, { take, leave, takeWord = "Restore", leaveWord = "Leave it" }) {
  if (!box) return;
  acts = { take, leave };
  box.querySelector("[data-offer-text]").textContent = text;
  box.querySelector("[data-offer-take]").textContent = takeWord;
  box.querySelector("[data-offer-leave]").textContent = leaveWord;
  box.querySelector("[data-offer-acts]").hidden = false;
  box.hidden = false;
}

// Says something that asks for nothing.
export function tell(text) {
  if (!box) return;
  box.querySelector("[data-offer-text]").textContent = text;
  box.querySelector("[data-offer-acts]").hidden = true;
  box.hidden = false;
}

export function withdraw() {
  if (box) box.hidden = true;
}

box?.addEventListener("click", ({ target }) => {
  const act = target.closest("[data-offer-take]") ? acts.take : target.closest("[data-offer-leave]") ? acts.leave : null;
  if (!act) return;
  withdraw();
  // The buttons are gone: whoever came by keyboard goes on in the text.
  (box.closest("form") ?? document).querySelector("textarea:not([hidden]):not(:disabled)")?.focus();
  act();
});
