// Keys of a canvas: arrows move and resize what is chosen, others zoom, choose, edit and take off.
import { boxOf, canvas, plane, view, zoomTo } from "./canvas_plane.js";
import { choose, chosen, tell } from "./canvas_chosen.js";
import { breakOff, keys, stand } from "./canvas_move.js";
import { change, hold, letGo } from "./canvas_news.js";
import { isField } from "./keyboard.js";

const STEP = 10, FINE = 1, SMALL = 16, REST_MS = 400;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const told = document.getElementById("canvas-told");
let resting = 0, going = [];

// Presses that follow each other are one act.
const rest = () => {
  clearTimeout(resting);
  if (!going.length) return;
  const all = going.filter((object) => object.isConnected);
  going = [];
  letGo(all);
  if (all.length) change(all.map((object) => [object, boxOf(object)]));
};

const nudge = (all, [dx, dy], isSize) => {
  if (going.length && (going.length !== all.length || going.some((object) => !all.includes(object)))) rest();
  going = all;
  hold(all);
  for (const object of all) {
    const box = boxOf(object), isArrow = object.dataset.kind === "arrow";
    const side = (now, by) => (isArrow ? now + by : Math.max(SMALL, now + by));
    const to = isSize ? { ...box, width: side(box.width, dx), height: side(box.height, dy) } : { ...box, x: box.x + dx, y: box.y + dy };
    if (to.width || to.height) stand(object, to);
  }
  tell();
  const { x, y, width, height } = boxOf(all[0]);
  told.textContent = isSize ? `${width} by ${height}` : `At ${x}, ${y}`;
  clearTimeout(resting);
  resting = setTimeout(rest, REST_MS);
};

// A hand that takes it up finds what the keys did told.
view.addEventListener("pointerdown", rest, { capture: true });

const press = (selector) => document.querySelector(`#canvas-form ${selector}`)?.click();

// Words of a note are written where they stand; the rest has its form.
const edit = (object) => {
  const text = object.querySelector(".objecttext");
  if (object.dataset.kind !== "note" || !text) {
    object.querySelector(".objectedit").click();
    return;
  }
  const area = document.createElement("textarea"), before = text.textContent;
  area.value = before;
  area.setAttribute("aria-label", "Text of the note");
  text.replaceWith(area);
  hold([object]);
  area.focus();
  area.select();
  let isLeft = false;
  const leave = (isKept) => {
    if (isLeft) return;
    isLeft = true;
    const words = isKept ? area.value.trim() : before;
    text.textContent = words;
    area.replaceWith(text);
    letGo([object]);
    if (words !== before) change([[object, { text: words }]]);
  };
  area.addEventListener("blur", () => leave(true));
  area.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      leave(event.key === "Enter");
      object.querySelector(".objectpick").focus({ preventScroll: true });
    }
  });
};

// The hand was captured by the view, so that is the target of its presses.
view.addEventListener("dblclick", ({ clientX, clientY }) => {
  const target = document.elementFromPoint(clientX, clientY), object = target?.closest(".object");
  if (object && !target.closest("a, textarea")) edit(object);
});

// A new note waits for its words.
plane.addEventListener("canvas:came", ({ target }) => {
  if (target.dataset.kind === "note") edit(target);
});

const withControl = { a: () => choose([...plane.children]), g: () => press('[formaction$="/group"]'), G: () => press('[formaction$="/ungroup"]') };
// Some keyboards have these on keys with Alt.
const layers = {
  "]": () => press('[formaction$="/forward"]'), "[": () => press('[formaction$="/backward"]'),
  "}": () => press('[formaction$="/front"]'), "{": () => press('[formaction$="/back"]'),
};
const plain = {
  "+": () => zoomTo("+"), "=": () => zoomTo("+"), "-": () => zoomTo("-"), 0: () => zoomTo("0"), 1: () => zoomTo("fit"),
  Delete: () => press("[data-take-off]"), Backspace: () => press("[data-take-off]"),
};

const isElsewhere = (target) => target !== document.body && target.id !== "main" && !canvas.contains(target);

document.addEventListener("keydown", (event) => {
  const { key, target } = event, isBox = target.matches?.(".objectpick");
  if (isElsewhere(target) || (isField(target) && !isBox) || document.querySelector("dialog[open], details.pop[open]")) return;
  const all = chosen(), arrow = ARROWS[key];
  let does = null;
  if (layers[key] && !event.metaKey) does = layers[key];
  else if (event.metaKey || event.ctrlKey) does = withControl[key];
  else if (arrow && all.length) does = () => nudge(all, arrow.map((by) => by * (event.altKey ? FINE : STEP)), event.shiftKey);
  else if (event.altKey) return;
  else if (key === "Escape" && breakOff()) does = () => {};
  else if (key === "Escape" && all.length) does = () => choose([]);
  else if (key === "Enter" && (isBox || (all.length === 1 && target === document.body))) does = () => edit(isBox ? target.closest(".object") : all[0]);
  else if (key === " " && !isBox && !target.closest("a, button, summary")) does = () => { keys.space = true; view.classList.add("pans"); };
  else does = plain[key];
  if (!does || (target.closest("button, summary, .trayrow") && ["Enter", " "].includes(key))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  does();
}, true);

document.addEventListener("keyup", ({ key }) => {
  if (key !== " ") return;
  keys.space = false;
  view.classList.remove("pans");
});
window.addEventListener("pagehide", rest);
plane.addEventListener("focusout", rest);
