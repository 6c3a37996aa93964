// Which objects of a canvas are chosen: their check boxes say so, to the form as well. A group is chosen together.
import { boxOf, canvas, plane } from "./canvas_plane.js";

const boxes = () => plane.querySelectorAll(".objectpick");
const boxIn = (object) => object.querySelector(".objectpick");
const line = document.getElementById("canvas-chosen");
let count = 0, grips = [];

export const chosen = () => [...plane.querySelectorAll(".objectpick:checked")].map((box) => box.closest(".object"));
export const isChosen = (object) => Boolean(boxIn(object)?.checked);

/** An object with all of its group. */
export const together = (object) => {
  const { group } = object.dataset;
  return group ? [...plane.querySelectorAll(`[data-group="${CSS.escape(group)}"]`)] : [object];
};

export const choose = (objects, { more = false, on = true } = {}) => {
  if (!more) for (const box of boxes()) box.checked = false;
  for (const object of objects) for (const one of together(object)) boxIn(one).checked = on;
  tell();
};

export const focusOn = (object) => boxIn(object)?.focus({ preventScroll: true });

// How many there are, and the grips of one alone.
export const tell = () => {
  const all = chosen();
  if (all.length !== count) {
    count = all.length;
    canvas.classList.toggle("chooses", count > 0);
    line.textContent = count ? `${count} chosen` : "";
  }
  for (const grip of grips) grip.remove();
  grips = all.length === 1 ? gripsOf(all[0]) : [];
};

const gripsOf = (object) => {
  const { x, y, width, height } = boxOf(object), isArrow = object.dataset.kind === "arrow";
  const ends = isArrow ? [["start", x, y], ["end", x + width, y + height]] : [["end", x + width, y + height]];
  return ends.map(([end, left, top]) => {
    const grip = document.createElement("span");
    grip.className = "objectgrip";
    grip.dataset.grip = end;
    grip.dataset.of = object.dataset.id;
    grip.style.cssText = `left:${left}px;top:${top}px`;
    document.getElementById("grips").append(grip);
    return grip;
  });
};

plane.addEventListener("change", ({ target }) => {
  if (target.matches(".objectpick")) choose([target.closest(".object")], { more: true, on: target.checked });
});
