// Storyboards: shots dragged from the row or from another slot into a slot, and taken out with Delete.
import { htmx } from "./htmx.js";
import { isTyping } from "./keyboard.js";

const page = () => document.getElementById("storyboard");
let dragged = null;

document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  const from = target.closest?.("#storyboard [data-shot]");
  if (!from) return;
  dragged = from.dataset.shot;
  dataTransfer.setData("text/plain", dragged);
  dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragend", () => {
  dragged = null;
  page()?.querySelectorAll(".slot.over").forEach((slot) => slot.classList.remove("over"));
});

const mark = (slot) => {
  for (const other of page().querySelectorAll(".slot.over")) other.classList.toggle("over", other === slot);
  slot?.classList.add("over");
};
const put = (slot, shot) => {
  if (slot.dataset.shot === shot) return;
  htmx.ajax("POST", slot.dataset.place, { source: page(), target: page(), swap: "outerHTML", values: { image: shot } });
};

const slotAt = (event) => (dragged ? event.target.closest?.("#storyboard .slot") : null);
document.addEventListener("dragover", (event) => {
  const slot = slotAt(event);
  if (!slot) return;
  event.preventDefault();
  mark(slot);
});
document.addEventListener("drop", (event) => {
  const slot = slotAt(event);
  if (!slot) return;
  event.preventDefault();
  put(slot, dragged);
});

// A finger that rests on a shot takes it up, unless the browser drags by itself then; one that moves at once scrolls.
const REST_MS = 350, FAR_PX = 8;
let resting = 0, held = null, from = null;
const under = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest("#storyboard .slot");
const letGo = () => {
  clearTimeout(resting);
  if (held) {
    page()?.classList.remove("carries");
    mark(null);
  }
  held = null;
};
document.addEventListener("touchstart", (event) => {
  const shot = event.touches.length === 1 && event.target.closest?.("#storyboard [data-shot]");
  letGo();
  if (!shot) return;
  [from] = event.touches;
  resting = setTimeout(() => {
    held = shot.dataset.shot;
    page().classList.add("carries");
    navigator.vibrate?.(10);
  }, REST_MS);
}, { passive: true });
document.addEventListener("touchmove", (event) => {
  const [finger] = event.touches;
  if (held) {
    event.preventDefault(); // the page stays where it is
    mark(under(finger));
  } else if (from && Math.hypot(finger.clientX - from.clientX, finger.clientY - from.clientY) > FAR_PX) clearTimeout(resting);
}, { passive: false });
document.addEventListener("touchend", (event) => {
  const slot = held && under(event.changedTouches[0]), shot = held;
  if (held) event.preventDefault(); // it is no press on the picture
  letGo();
  if (slot) put(slot, shot);
}, { passive: false });
document.addEventListener("touchcancel", letGo);
document.addEventListener("dragstart", letGo);
document.addEventListener("contextmenu", (event) => {
  if (held) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const slot = ["Delete", "Backspace"].includes(event.key) && !isTyping(event) && event.target.closest?.("#storyboard .slot[data-shot]");
  if (!slot) return;
  event.preventDefault();
  slot.querySelector(".unplace button").click();
});
