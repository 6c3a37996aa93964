// Tiles: the blurred picture before the picture, and the menu when somebody comes near.
import { htmx } from "./htmx.js";
import { thumbHashToDataURL } from "../vendor/thumbhash-0.1.1.js";

const FADE_MS = 160; // a little longer than the style sheet takes
const paint = (hash) => thumbHashToDataURL(Uint8Array.from(atob(hash), (c) => c.charCodeAt(0)));

// What lay under a picture goes when it is there; a picture that does not come leaves it.
const show = (img, settled = 0) => {
  img.classList.add("on");
  if (!img.naturalWidth) return;
  setTimeout(() => {
    const tile = img.closest(".tile");
    tile?.classList.add("there");
    tile?.style.removeProperty("background-image");
  }, settled);
};

const dress = (root) => {
  for (const tile of root.querySelectorAll(".tile[data-h]")) {
    const img = tile.querySelector("img");
    if (img.complete && img.naturalWidth) show(img);
    else tile.style.backgroundImage = `url(${paint(tile.dataset.h)})`;
    delete tile.dataset.h;
  }
  for (const img of root.querySelectorAll(".tile img:not(.on)")) if (img.complete) show(img);
};

for (const end of ["load", "error"]) {
  document.addEventListener(end, ({ target }) => {
    if (target.matches?.(".tile img")) show(target, FADE_MS);
  }, true);
}
new MutationObserver((changes) => {
  if (changes.some((change) => change.addedNodes.length)) dress(document);
}).observe(document.getElementById("main"), { childList: true, subtree: true });
dress(document);

// The menu of a tile comes as a fragment, once; what is resolved is the button that knows the picture's addresses.
const asked = new WeakMap();
const main = document.getElementById("main");
/** The id of the picture of a tile. One whose picture is not there has no menu; in the table the row has the id. */
export const idOf = (tile) => tile?.dataset.id ?? tile?.dataset.absent ?? tile?.closest("tr")?.dataset.id;

export const menuOf = (tile) => {
  if (!asked.has(tile)) {
    const answer = htmx
      .ajax("GET", main.dataset.menu.replace("ID", tile.dataset.id), { source: tile, target: tile, swap: "beforeend" })
      .then(() => tile.querySelector("[data-zoom-tile]"));
    answer.catch(() => asked.delete(tile));
    asked.set(tile, answer);
  }
  return asked.get(tile);
};

// A menu or a number that does not come is no news, and neither is one of what asks again by itself.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status >= 400 && requestConfig.elt.matches(".tile, .many, .marks, [data-every]")) event.preventDefault();
}, true);

let timer;
for (const kind of ["pointerover", "focusin", "touchstart"]) {
  document.addEventListener(kind, ({ target }) => {
    const tile = target.closest?.(".tile");
    clearTimeout(timer);
    if (tile?.dataset.id) timer = setTimeout(menuOf, 160, tile);
  }, { passive: true });
}
