// Choosing pictures of a wall: with Shift all between, with Ctrl or ⌘ one more, plainly while anything is chosen, and by keys.
import { isOpen } from "./history.js";
import { isField, isTyping } from "./keyboard.js";
import { choose, chooseAll, chooseNone, chooseTo, chosenOf, pressed } from "./select.js";

const boxOf = (tile) => tile.querySelector('.check[name="ids"]');
// A row of the table is what its small picture is; its cells are pressed plainly to be edited.
const rowAt = (element) => element?.closest?.("#cells tr[data-id]");
const tileAt = (element) => element?.closest?.(".tile:has(.pick)") ?? rowAt(element)?.querySelector(".tile:has(.pick)");
const isCell = (target) => rowAt(target) && !target.closest("form, a, .pick");
const form = () => document.querySelector("#sheet-form, #choose-form");

document.addEventListener("click", (event) => {
  const { target, shiftKey, ctrlKey, metaKey, detail } = event;
  const isOfRow = isCell(target), tile = (target.closest?.(".tile > a") || isOfRow) && tileAt(target), bar = form();
  if (!tile || !bar || detail === 0) return; // Enter opens it
  if (!shiftKey && !ctrlKey && !metaKey && (isOfRow || !chosenOf(bar).size)) return;
  getSelection()?.removeAllRanges(); // Shift marks the text between
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = boxOf(tile);
  if (shiftKey) chooseTo(box);
  else choose(bar, [box.value], !box.checked);
  pressed(box);
  if (!isOfRow) tile.querySelector("a").focus({ preventScroll: true });
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
