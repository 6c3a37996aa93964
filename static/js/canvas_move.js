// A hand on a canvas: moves and resizes objects, chooses with a frame, pans, and pinches.
import { boxOf, canvas, edgesOf, pan, plane, toPlane, toView, view, zoom, zoomBy } from "./canvas_plane.js";
import { choose, chosen, focusOn, isChosen, tell } from "./canvas_chosen.js";
import { hide, linesOf, neighbours, snap } from "./canvas_guides.js";
import { change, hold, letGo, objectOf, placeNewAt } from "./canvas_news.js";

const FAR_PX = 4, SMALL = 16;
export const keys = { space: false };
const fingers = new Map(); // of a touch screen, by pointer
let act = null, frame = 0;

const round = ({ x, y, width, height }) => ({ x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) });

/** An object stands there at once, before the server answers. */
export const stand = (object, box) => {
  const { x, y, width, height } = box;
  object.dataset.box = `${x} ${y} ${width} ${height}`;
  object.style.left = `${Math.min(x, x + width)}px`;
  object.style.top = `${Math.min(y, y + height)}px`;
  object.style.width = `${Math.abs(width)}px`;
  object.style.height = `${Math.abs(height)}px`;
  const line = object.querySelector("line");
  if (!line) return;
  line.closest("svg").setAttribute("width", Math.abs(width));
  line.closest("svg").setAttribute("height", Math.abs(height));
  const ends = { x1: width < 0 ? -width : 0, y1: height < 0 ? -height : 0, x2: width < 0 ? 0 : width, y2: height < 0 ? 0 : height };
  for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value);
};

// Moving: only transforms while the hand moves, and what it is compared with was read before.
const moving = (object, event) => {
  const isNew = !isChosen(object), isMore = event.shiftKey;
  if (isNew) choose([object], { more: isMore });
  const all = chosen(), edges = edgesOf(all), others = neighbours(new Set(all));
  let by = { x: 0, y: 0 };
  hold(all);
  return {
    move: (dx, dy) => {
      const to = { left: edges.left + dx, right: edges.right + dx, top: edges.top + dy, bottom: edges.bottom + dy };
      const on = keys.free ? { x: 0, y: 0 } : snap(linesOf(to), others);
      by = { x: dx + on.x, y: dy + on.y };
      const moved = `translate(${by.x}px,${by.y}px)`;
      for (const one of all) one.style.transform = moved;
    },
    end: (hasMoved) => {
      hide();
      letGo(all);
      for (const one of all) one.style.transform = "";
      if (!hasMoved) {
        if (!isNew) choose([object], { more: isMore, on: !isMore });
        focusOn(object);
        return;
      }
      if (!Math.round(by.x) && !Math.round(by.y)) return;
      change(all.map((one) => {
        const box = boxOf(one), to = round({ ...box, x: box.x + by.x, y: box.y + by.y });
        stand(one, to);
        return [one, { x: to.x, y: to.y }];
      }));
      tell();
      focusOn(object);
    },
    stop: () => {
      hide();
      letGo(all);
      for (const one of all) one.style.transform = "";
    },
  };
};

const arrowTo = (from, isEnd, dx, dy) => {
  const box = isEnd ? { ...from, width: from.width + dx, height: from.height + dy }
    : { x: from.x + dx, y: from.y + dy, width: from.width - dx, height: from.height - dy };
  return Math.round(box.width) || Math.round(box.height) ? box : { ...box, width: 1 };
};

const cornerTo = (from, isScaled, dx, dy) => {
  const box = { ...from, width: Math.max(SMALL, from.width + dx), height: Math.max(SMALL, from.height + dy) };
  if (!isScaled) return box;
  const scale = Math.max(box.width / from.width, box.height / from.height, SMALL / Math.min(from.width, from.height));
  return { ...box, width: from.width * scale, height: from.height * scale };
};

// A grip: the lower right corner, or an end of an arrow. A picture keeps its proportion, unless Shift is held. Guides hold the grip,
// and the nearer one alone holds what keeps its proportion.
const resizing = (grip) => {
  const object = objectOf(grip.dataset.of), from = boxOf(object), others = neighbours(new Set([object]));
  const isArrow = object.dataset.kind === "arrow", isEnd = grip.dataset.grip === "end", slope = from.height / from.width;
  const gripOf = (made) => (isEnd ? { x: made.x + made.width, y: made.y + made.height } : made), start = gripOf(from);
  const shape = (dx, dy, isScaled) => (isArrow ? arrowTo(from, isEnd, dx, dy) : cornerTo(from, isScaled, dx, dy));
  let box = from;
  hold([object]);
  const held = (made, isScaled) => {
    const at = gripOf(made), own = { x: [at.x], y: [at.y] };
    let on = snap(own, others);
    if (isScaled && on.x && on.y) on = snap(Math.abs(on.x) < Math.abs(on.y) ? { ...own, y: [] } : { ...own, x: [] }, others);
    if (!on.x && !on.y) return made;
    const dx = at.x + on.x - start.x, dy = at.y + on.y - start.y;
    if (!isScaled) return shape(dx, dy, false);
    return on.x ? shape(dx, dx * slope, true) : shape(dy / slope, dy, true);
  };
  return {
    move: (dx, dy) => {
      const isScaled = object.dataset.kind === "picture" && !keys.shift;
      box = shape(dx, dy, isScaled);
      if (keys.free) hide();
      else box = held(box, isScaled);
      box = round(box);
      stand(object, box);
      tell();
    },
    end: (hasMoved) => {
      hide();
      letGo([object]);
      if (hasMoved) change([[object, box]]);
    },
    stop: () => {
      hide();
      letGo([object]);
      stand(object, from);
    },
  };
};

// A frame chooses what it touches.
const framing = (event) => {
  const start = toPlane(event.clientX, event.clientY), before = event.shiftKey ? chosen() : [];
  const boxes = [...plane.children].map((object) => [object, edgesOf([object])]);
  const mark = document.createElement("span");
  mark.className = "choosing";
  document.getElementById("guides").append(mark);
  let caught = [];
  return {
    move: (dx, dy) => {
      const [left, right] = [start.x, start.x + dx].sort((a, b) => a - b), [top, bottom] = [start.y, start.y + dy].sort((a, b) => a - b);
      const from = toView(left, top), to = toView(right, bottom);
      mark.style.cssText = `position:absolute;left:${from.x}px;top:${from.y}px;width:${to.x - from.x}px;height:${to.y - from.y}px`;
      caught = boxes.filter(([, box]) => box.left < right && box.right > left && box.top < bottom && box.bottom > top).map(([object]) => object);
    },
    end: () => {
      mark.remove();
      choose([...before, ...caught]);
    },
    stop: () => mark.remove(),
  };
};

const panning = (object) => ({
  move: (dx, dy, event, last) => pan(event.clientX - last.clientX, event.clientY - last.clientY),
  end: (hasMoved) => {
    if (hasMoved) return;
    if (object && isChosen(object)) choose([object], { more: true, on: false });
    else choose(object ? [object] : [], { more: Boolean(object && fingers.size) });
    if (object) focusOn(object);
  },
  stop: () => {},
});

const begin = (event) => {
  const { target } = event, object = target.closest(".object"), grip = target.closest(".objectgrip");
  const isTouch = event.pointerType === "touch";
  if (grip) return resizing(grip);
  if (event.button === 1 || keys.space) return panning(null);
  if (isTouch) return object && isChosen(object) ? moving(object, event) : panning(object);
  return object ? moving(object, event) : framing(event);
};

view.addEventListener("pointerdown", (event) => {
  if (event.button > 1 || event.target.closest("a, textarea")) return;
  if (event.pointerType === "touch") fingers.set(event.pointerId, event);
  if (fingers.size === 2) {
    act?.does.stop();
    act = null;
    return;
  }
  if (act) return;
  event.preventDefault();
  document.activeElement?.matches("textarea") && document.activeElement.blur();
  view.setPointerCapture(event.pointerId);
  act = { does: begin(event), id: event.pointerId, from: event, last: event, now: event, moved: false };
});

const pinch = (event) => {
  const [one, two] = [...fingers.values()], was = Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
  const mid = (a, b) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
  const before = mid(one, two);
  fingers.set(event.pointerId, event);
  const [first, second] = [...fingers.values()], after = mid(first, second);
  pan(after.clientX - before.clientX, after.clientY - before.clientY);
  if (was) zoomBy(Math.hypot(first.clientX - second.clientX, first.clientY - second.clientY) / was, after);
};

const step = () => {
  frame = 0;
  if (!act) return;
  const { does, from, now, last } = act, scale = zoom();
  does.move((now.clientX - from.clientX) / scale, (now.clientY - from.clientY) / scale, now, last);
  act.last = now;
};

view.addEventListener("pointermove", (event) => {
  if (fingers.size === 2) {
    if (fingers.has(event.pointerId)) pinch(event);
    return;
  }
  if (!act || event.pointerId !== act.id) return;
  const { from } = act;
  act.moved ||= Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) >= FAR_PX;
  act.now = event;
  keys.shift = event.shiftKey;
  keys.free = event.ctrlKey || event.metaKey;
  if (act.moved && !frame) frame = requestAnimationFrame(step);
});

const end = (event, how) => {
  const ended = act?.id === event.pointerId ? act : null;
  if (ended) {
    if (frame) {
      cancelAnimationFrame(frame);
      step();
    }
    act = null;
    ended.does[how](ended.moved);
  }
  fingers.delete(event.pointerId);
};
view.addEventListener("pointerup", (event) => end(event, "end"));
view.addEventListener("pointercancel", (event) => end(event, "stop"));

/** What a hand does now is broken off. */
export const breakOff = () => {
  if (!act) return false;
  act.does.stop();
  act = null;
  return true;
};

// The link of an object that the browser would drag, and the drawer that would open behind a move.
view.addEventListener("dragstart", (event) => event.preventDefault());

const SIZES = { picture: [320, 240], note: [240, 160], swatch: [120, 120], arrow: [160, 0] };
placeNewAt((kind) => {
  const box = view.getBoundingClientRect(), at = toPlane(box.left + box.width / 2, box.top + box.height / 2);
  const [width, height] = SIZES[kind] ?? [0, 0], off = 24 * (plane.childElementCount % 8); // the next one does not cover it
  return { x: Math.round(at.x - width / 2 + off), y: Math.round(at.y - height / 2 + off) };
});
canvas.dataset.ready = "";
