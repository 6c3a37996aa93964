// Guides of a canvas: the edges and middles of neighbours, which hold what is moved past them.
import { boxOf, plane, toView, view, zoom } from "./canvas_plane.js";

const NEAR_PX = 6;
const layer = document.getElementById("guides");
const lines = ["x", "y"].map((along) => {
  const line = document.createElement("i");
  line.dataset.along = along;
  line.hidden = true;
  layer.append(line);
  return line;
});

/** The lines of all that is seen and not moved, read once when a move begins. */
export const neighbours = (moved) => {
  const found = { x: [], y: [] }, { clientWidth, clientHeight } = view;
  for (const object of plane.children) {
    if (moved.has(object) || object.dataset.kind === "arrow") continue;
    const { x, y, width, height } = boxOf(object), one = toView(x, y), two = toView(x + width, y + height);
    if (two.x < 0 || two.y < 0 || one.x > clientWidth || one.y > clientHeight) continue;
    found.x.push(x, x + width / 2, x + width);
    found.y.push(y, y + height / 2, y + height);
  }
  return found;
};

const nearest = (own, others, near) => {
  let best = near, by = 0, line = null;
  for (const one of own) {
    for (const other of others) {
      const far = Math.abs(other - one);
      if (far < best) {
        best = far;
        by = other - one;
        line = other;
      }
    }
  }
  return { by, line };
};

const draw = (at, line, place) => {
  lines[at].hidden = line === null;
  if (line !== null) lines[at].style.transform = at ? `translateY(${place}px)` : `translateX(${place}px)`;
};

/** How far lines go on to the nearest ones of the others; these are shown. */
export const snap = (own, others) => {
  const near = NEAR_PX / zoom(), x = nearest(own.x, others.x, near), y = nearest(own.y, others.y, near);
  draw(0, x.line, toView(x.line, 0).x);
  draw(1, y.line, toView(0, y.line).y);
  return { x: x.by, y: y.by };
};

/** The edges and the middle of a box. */
export const linesOf = ({ left, top, right, bottom }) => ({ x: [left, (left + right) / 2, right], y: [top, (top + bottom) / 2, bottom] });

export const hide = () => lines.forEach((line) => { line.hidden = true; });
