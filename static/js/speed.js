// Serves #speed: economy is switched off while the plan says that there is none. A plan may be late: what is chosen by
// then stays chosen.
const speed = document.getElementById("speed");
const economy = document.getElementById("speed-economy");

function show() {
  economy.disabled = !economy.selected && "none" in document.getElementById("hint-speed").dataset;
}

document.addEventListener("htmx:oobAfterSwap", show);
speed.addEventListener("change", show);
