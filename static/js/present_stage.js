// The plane behind the slides of a canvas: each slide is a place on it, which is brought before the window.
const MARGIN = 0.04, WORDS = 3; // of the shorter side; how much larger than on the canvas what has no picture is shown
const first = document.querySelector(".canvasstage"), stages = first ? [first] : [];
const sizes = new WeakMap(); // by picture: as large as it is shown at the slides that are near

if (first && document.body.classList.contains("speaks")) {
  const next = first.cloneNode(true);
  next.classList.add("following");
  next.inert = true;
  first.after(next);
  stages.push(next);
}

const numbers = (text) => text.split(" ").map(Number);
const boxOf = ({ dataset }) => {
  const [x, y, width, height] = numbers(dataset.box);
  return { x, y, width, height };
};

/** How the plane stands at a slide, and what of it is seen then. */
const viewOf = (number, stage) => {
  const slide = document.getElementById(String(number))?.querySelector("[data-box]");
  if (!slide) return null;
  const { x, y, width, height } = boxOf(slide), { clientWidth, clientHeight } = stage;
  const margin = 2 * MARGIN * Math.min(clientWidth, clientHeight);
  const fits = Math.min((clientWidth - margin) / (width || 1), (clientHeight - margin) / (height || 1));
  const zoom = "large" in slide.dataset ? fits : Math.min(fits, WORDS);
  const left = x + width / 2 - clientWidth / 2 / zoom, top = y + height / 2 - clientHeight / 2 / zoom;
  return { zoom, left, top, right: left + clientWidth / zoom, bottom: top + clientHeight / zoom };
};

/** The pictures that are seen at a slide. */
export const picturesAt = (number) => stages.flatMap((stage) => {
  const view = viewOf(number, first);
  if (!view) return [];
  const seen = [...stage.querySelectorAll("img")].filter((img) => {
    const { x, y, width, height } = boxOf(img.parentElement);
    return x < view.right && y < view.bottom && x + width > view.left && y + height > view.top;
  });
  for (const img of seen) {
    const { width, height } = boxOf(img.parentElement), before = sizes.get(img);
    if (!before || before.width < width * view.zoom) sizes.set(img, { width: width * view.zoom, height: height * view.zoom });
  }
  return seen;
});

/** How large a picture of the plane is shown, in pixels of the window; nothing for others. */
export const acrossOf = (img) => sizes.get(img);

export const lookAt = (at) => stages.forEach((stage, after) => {
  const view = viewOf(at + after, stage), plane = stage.querySelector(".plane");
  stage.hidden = !view;
  if (!view) return;
  plane.style.transform = `translate(${-view.left * view.zoom}px,${-view.top * view.zoom}px) scale(${view.zoom})`;
  requestAnimationFrame(() => stage.classList.add("goes")); // the first place is not gone to
});
