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

const slotAt = (event) => (dragged ? event.target.closest?.("#storyboard .slot") : null);
document.addEventListener("dragover", (event) => {
  const slot = slotAt(event);
  if (!slot) return;
  event.preventDefault();
  if (slot.classList.contains("over")) return;
  page().querySelectorAll(".slot.over").forEach((other) => other.classList.remove("over"));
  slot.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const slot = slotAt(event);
  if (!slot) return;
  event.preventDefault();
  if (slot.dataset.shot === dragged) return;
  htmx.ajax("POST", slot.dataset.place, { source: page(), target: page(), swap: "outerHTML", values: { image: dragged } });
});

document.addEventListener("keydown", (event) => {
  const slot = ["Delete", "Backspace"].includes(event.key) && !isTyping(event) && event.target.closest?.("#storyboard .slot[data-shot]");
  if (!slot) return;
  event.preventDefault();
  slot.querySelector(".unplace button").click();
});
