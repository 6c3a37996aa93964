// Choosing pictures of a wall: with Shift all between, with Ctrl or ⌘ one more, plainly while anything is chosen, and by keys.
import { isOpen } from "./history.js";
import { isField, isTyping } from "./keyboard.js";
import { choose, chooseAll, chooseNone, chooseTo, chosenOf, pressed } from "./select.js";

const boxOf = (tile) => tile.querySelector('.check[name="ids"]');
const tileAt = (element) => element?.closest?.(".tile:has(.pick)");
const form = () => document.querySelector("#sheet-form, #choose-form");

document.addEventListener("click", (event) => {
  const { target, shiftKey, ctrlKey, metaKey, detail } = event;
  const tile = target.closest?.(".tile > a") && tileAt(target), bar = form();
  if (!tile || !bar || detail === 0) return; // Enter opens it
  if (!shiftKey && !ctrlKey && !metaKey && !chosenOf(bar).size) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = boxOf(tile);
  if (shiftKey) chooseTo(box);
  else choose(bar, [box.value], !box.checked);
  pressed(box);
  tile.querySelector("a").focus({ preventScroll: true });
}, true);

let isWalking = false;

document.addEventListener("keydown", (event) => {
  const { key, target, shiftKey } = event, bar = form();
  isWalking = false;
  if (!bar || document.querySelector("dialog[open]")) return;
  const tile = tileAt(target);
  if (key === "Escape" && !isField(target) && !isOpen() && !document.querySelector("#inspector.open")) chooseNone(bar);
  else if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "a" && !isField(target)) {
    event.preventDefault();
    chooseAll(bar);
  } else if (isTyping(event) && !(target.matches(".check") && !event.ctrlKey && !event.metaKey && !event.altKey)) return;
  else if (shiftKey && key.startsWith("Arrow") && tile) {
    if (!boxOf(tile).checked || !chosenOf(bar).size) pressed(boxOf(tile));
    isWalking = true;
  } else if (key === "s" && tile) {
    choose(bar, [boxOf(tile).value], !boxOf(tile).checked);
    pressed(boxOf(tile));
  }
}, true);

// The last to hear of a key: the arrow has moved the focus by now, and a key that follows at once finds all that is chosen.
window.addEventListener("keydown", () => {
  const now = isWalking && tileAt(document.activeElement);
  if (now) chooseTo(boxOf(now));
});
