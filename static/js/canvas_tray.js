// Pictures without a place are dragged from their row onto the canvas.
import { toPlane, view } from "./canvas_plane.js";
import { add } from "./canvas_news.js";

const TYPE = "application/x-pindeck-object";
document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  const shot = target.closest?.(".trayshot");
  if (!shot || !dataTransfer) return;
  dataTransfer.setData(TYPE, shot.value);
  dataTransfer.effectAllowed = "copy";
});
view.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes(TYPE)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
view.addEventListener("drop", (event) => {
  const image = event.dataTransfer?.getData(TYPE);
  if (!image) return;
  event.preventDefault();
  const { x, y } = toPlane(event.clientX, event.clientY);
  add({ image, x: Math.round(x), y: Math.round(y) });
});
