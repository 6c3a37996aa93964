// The plane of a canvas: what of it is seen, by wheel, by buttons, and for whoever asks where a point lies.
export const canvas = document.getElementById("canvas");
export const view = document.getElementById("canvas-view");
export const plane = document.getElementById("plane");
const LEAST = 0.05, MOST = 4, STEP = 1.25, MARGIN = 32;
const at = { x: 0, y: 0, zoom: 1 };
const own = canvas.querySelector('[data-scale="0"]');

const grips = document.getElementById("grips");

const show = () => {
  plane.style.transform = grips.style.transform = `translate(${at.x}px,${at.y}px) scale(${at.zoom})`;
  view.style.setProperty("--zoom", at.zoom);
  view.style.backgroundPosition = `${at.x}px ${at.y}px`;
  own.textContent = `${Math.round(at.zoom * 100)} %`;
};

export const zoom = () => at.zoom;

/** Where a point of the window lies on the plane. */
export const toPlane = (clientX, clientY) => {
  const box = view.getBoundingClientRect();
  return { x: (clientX - box.left - view.clientLeft - at.x) / at.zoom, y: (clientY - box.top - view.clientTop - at.y) / at.zoom };
};

/** Where a point of the plane lies in the view. */
export const toView = (x, y) => ({ x: x * at.zoom + at.x, y: y * at.zoom + at.y });

export const middle = () => {
  const box = view.getBoundingClientRect();
  return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
};

export const pan = (x, y) => {
  at.x += x;
  at.y += y;
  show();
};

/** Larger or smaller, while what lies at a point of the window stays there. */
export const zoomBy = (factor, { clientX, clientY } = middle()) => {
  const before = toPlane(clientX, clientY), wanted = Math.min(MOST, Math.max(LEAST, at.zoom * factor));
  at.x += before.x * (at.zoom - wanted);
  at.y += before.y * (at.zoom - wanted);
  at.zoom = wanted;
  show();
};

/** The box of an object: an arrow may point back. */
export const boxOf = (object) => {
  const [x, y, width, height] = object.dataset.box.split(" ").map(Number);
  return { x, y, width, height };
};

export const edgesOf = (objects) => {
  const edges = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const object of objects) {
    const { x, y, width, height } = boxOf(object);
    edges.left = Math.min(edges.left, x, x + width);
    edges.top = Math.min(edges.top, y, y + height);
    edges.right = Math.max(edges.right, x, x + width);
    edges.bottom = Math.max(edges.bottom, y, y + height);
  }
  return edges;
};

/** All objects fill the view; none is shown larger than it is. */
export const fit = () => {
  const { left, top, right, bottom } = edgesOf(plane.children);
  if (left > right) return;
  const { clientWidth, clientHeight } = view;
  const wanted = Math.min((clientWidth - 2 * MARGIN) / (right - left || 1), (clientHeight - 2 * MARGIN) / (bottom - top || 1), 1);
  at.zoom = Math.max(LEAST, wanted);
  at.x = (clientWidth - (left + right) * at.zoom) / 2;
  at.y = (clientHeight - (top + bottom) * at.zoom) / 2;
  show();
};

export const zoomTo = (how) => {
  if (how === "fit") fit();
  else if (how === "0") zoomBy(1 / at.zoom);
  else zoomBy(how === "+" ? STEP : 1 / STEP);
};

canvas.addEventListener("click", ({ target }) => {
  const how = target.closest("[data-scale]")?.dataset.scale;
  if (how) zoomTo(how);
});

view.addEventListener("wheel", (event) => {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : 1;
  if (event.ctrlKey || event.metaKey) zoomBy(Math.exp(-event.deltaY * unit * 0.004), event);
  else if (event.shiftKey && !event.deltaX) pan(-event.deltaY * unit, 0);
  else pan(-event.deltaX * unit, -event.deltaY * unit);
}, { passive: false });

// The browser scrolls to what gets the focus; the plane is moved instead.
view.addEventListener("scroll", () => {
  const { scrollLeft, scrollTop } = view;
  if (!scrollLeft && !scrollTop) return;
  view.scrollTo(0, 0);
  pan(-scrollLeft, -scrollTop);
});

fit();
