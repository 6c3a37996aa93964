// Choosing on the wall with a hand: a frame that a mouse draws from the empty ground chooses what it touches, with Ctrl or ⌘ lets go of it;
// a thumb that rests on a picture chooses it, and from then on a tap does.
import { take, TILES, tileOf } from "./choose.js";
import { chosenOf, pressed } from "./select.js";
import { idOf } from "./tiles.js";

const BEGINS_PX = 6, EDGE_PX = 48, STEP_PX = 18; // where a drag begins; near an edge of the window the wall scrolls
const REST_MS = 480, SLACK_PX = 10;
const GROUND = "#main, #results, #grid, .atmany, .many, .parked, .seam";
const canChoose = () => Boolean(document.querySelector("[data-choose]"));

// The frame

let from = null; // where it began, in the page; the id of its pointer, and whether it lets go
let at = null; // the pointer, in the window
const frame = Object.assign(document.createElement("div"), { className: "band" });
let touched = new Set();

const update = () => {
  const left = Math.min(from.x, at.x + scrollX), top = Math.min(from.y, at.y + scrollY);
  const right = Math.max(from.x, at.x + scrollX), bottom = Math.max(from.y, at.y + scrollY);
  Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
  for (const tile of document.querySelectorAll(TILES)) {
    const box = (tile.closest("tr") ?? tile).getBoundingClientRect(), x = box.left + scrollX, y = box.top + scrollY;
    const isIn = x < right && x + box.width > left && y < bottom && y + box.height > top;
    tile.classList.toggle("inband", isIn);
    if (isIn) touched.add(idOf(tile));
    else touched.delete(idOf(tile));
  }
};

const scroll = () => {
  if (!from?.isDrawn) return;
  const bar = document.getElementById("main").offsetTop;
  const by = at.y > innerHeight - EDGE_PX ? STEP_PX : at.y < bar + EDGE_PX ? -STEP_PX : 0;
  if (by) {
    scrollBy({ top: by, behavior: "instant" });
    update();
  }
  requestAnimationFrame(scroll);
};

const stop = async (isKept) => {
  const was = from, ids = [...touched];
  from = null;
  frame.remove();
  touched = new Set();
  for (const tile of document.querySelectorAll(".inband")) tile.classList.remove("inband");
  document.documentElement.classList.remove("banding");
  if (!was?.isDrawn || !isKept || !ids.length) return;
  await take(ids, !was.isLetting);
  pressed({ value: ids.at(-1) });
};

document.addEventListener("pointerdown", (event) => {
  const { target, pointerType, button, pageX, pageY, clientX, clientY } = event;
  if (pointerType !== "mouse" || button || !canChoose() || !target.matches?.(GROUND) || clientX > document.documentElement.clientWidth) return;
  event.preventDefault(); // no text is marked
  if (document.activeElement?.matches("input, textarea, select")) document.activeElement.blur();
  from = { x: pageX, y: pageY, isDrawn: false, isLetting: event.ctrlKey || event.metaKey };
  at = { x: clientX, y: clientY };
});

document.addEventListener("pointermove", ({ clientX, clientY, buttons }) => {
  if (!from) return;
  if (!(buttons & 1)) return void stop(false);
  at = { x: clientX, y: clientY };
  if (!from.isDrawn) {
    if (Math.hypot(clientX + scrollX - from.x, clientY + scrollY - from.y) < BEGINS_PX) return;
    from.isDrawn = true;
    document.documentElement.classList.add("banding");
    document.body.append(frame);
    requestAnimationFrame(scroll);
  }
  update();
});
document.addEventListener("pointerup", () => from && stop(true));
document.addEventListener("pointercancel", () => from && stop(false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !from?.isDrawn) return;
  event.stopImmediatePropagation();
  stop(false);
}, true);

// The thumb

let resting = 0, place = null, isTaken = false;
const lift = () => {
  clearTimeout(resting);
  place = null;
};
document.addEventListener("pointerdown", ({ target, pointerType, clientX, clientY, isPrimary }) => {
  isTaken = false;
  const tile = pointerType !== "mouse" && isPrimary && canChoose() && target.closest?.(".tile > a") && tileOf(target);
  if (!tile) return lift();
  place = { x: clientX, y: clientY };
  clearTimeout(resting);
  resting = setTimeout(async () => {
    isTaken = true;
    place = null;
    navigator.vibrate?.(12);
    const bar = document.querySelector("#choose-form"), isChosen = bar && chosenOf(bar).has(idOf(tile));
    await take([idOf(tile)], !isChosen);
    const box = tile.querySelector(".check");
    if (box) pressed(box);
  }, REST_MS);
  return undefined;
});
document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (place && Math.hypot(clientX - place.x, clientY - place.y) > SLACK_PX) lift();
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, lift);
document.addEventListener("contextmenu", (event) => {
  if (isTaken || (place && matchMedia("(hover: none)").matches)) event.preventDefault(); // the picture is chosen instead
});
// The click that follows such a press opens nothing.
document.addEventListener("click", (event) => {
  if (!isTaken) return;
  isTaken = false;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
