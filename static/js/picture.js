// Makes a PNG of a picture that the server drew as SVG: twice as fine, in the reader's own fonts.
const FINE = 2;

async function pngOf(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth * FINE;
  canvas.height = picture.naturalHeight * FINE;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

for (const button of document.querySelectorAll("[data-png]")) button.hidden = false;

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-png]");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  try {
    const link = document.createElement("a");
    link.href = await pngOf(button.dataset.png);
    link.download = `${button.closest("figure").id.replace("picture-", "")}.png`;
    link.click();
    document.getElementById("announcer").textContent = "The PNG is saved.";
  } catch {
    document.getElementById("announcer").textContent = "The PNG could not be made. Try the SVG.";
  } finally {
    button.removeAttribute("aria-busy");
  }
});
