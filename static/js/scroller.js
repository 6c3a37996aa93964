// The scroll bar of the whole wall: it knows how long the library is and what stands where before that has been fetched, and
// says the month, project or initial while it is moved, by a pointer, a thumb or keys.
import { htmx } from "./htmx.js";
import { withoutPlace, withPlace } from "./place.js";
import { about, allTiles, begin, firstSeen, onStand, placeOf, rankOf, tileAt, wallNow } from "./wall.js";

const PAUSE_MS = 180; // a hand that rests shows where it is
const LEAVES_MS = 1600; // after a scroll, where there is a thumb instead of a mouse
const make = (className, attributes = {}) => {
  const element = Object.assign(document.createElement("div"), { className });
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const bar = make("scroller js-only", { role: "scrollbar", tabindex: "0", "aria-orientation": "vertical", "aria-label": "Place in the library" });
const thumb = make("thumb"), says = make("says"), ticks = make("ticks");
bar.append(ticks, thumb, says);
const holder = make("marks", { hidden: "" }); // of the list that the bar is drawn from
document.getElementById("toasts").before(holder);

let marks = null; // what the wall passes: its stops, and how many pictures there are
let asked = null; // the wall whose marks those are
let rank = 0, timer = 0, leaving = 0, isMoved = false;

const read = (list, grid) => {
  const stops = [];
  let at = 0;
  for (const line of list.children) {
    const link = line.querySelector("a");
    for (const stop of line.dataset.stops.split(" ")) {
      const [, count, after] = stop.match(/^(\d+):(.*)$/);
      stops.push({ at, count: Number(count), after, label: link.textContent, path: withoutPlace(link.getAttribute("href")) });
      at += Number(count);
    }
  }
  if (!about(grid).base && !("scale" in list.dataset)) about(grid).base = Number(list.dataset.at);
  return { stops, total: at, told: list.dataset.total, isScale: "scale" in list.dataset, isShare: "share" in list.dataset };
};

const stopOf = (place) => marks.stops.findLast(({ at }) => at <= place) ?? marks.stops[0];

// Marks of the whole library tell nothing of numbers in a selection: there the place of the page in sight is looked for among them.
const scaled = (seen) => {
  const { after } = placeOf(seen) ?? { after: "" }, { stops } = marks;
  const isDown = stops.length < 3 || stops[1].after > stops[2].after;
  return stops.findLast((stop) => !stop.after || (after && (isDown ? stop.after >= after : stop.after <= after)))?.at ?? 0;
};

const show = () => {
  const { label, at, count } = stopOf(rank), shown = Math.min(rank + 1, marks.total);
  bar.style.setProperty("--at", Math.min(1, rank / Math.max(1, marks.total - 1)));
  says.textContent = label;
  bar.setAttribute("aria-valuemin", 1);
  bar.setAttribute("aria-valuemax", marks.total);
  bar.setAttribute("aria-valuenow", shown);
  bar.setAttribute("aria-valuetext", marks.isScale || marks.isShare ? label : `${label}, picture ${shown.toLocaleString("en")} of ${marks.told}`);
  return at + count;
};

const follow = () => {
  const seen = !isMoved && !timer && marks && asked === wallNow() && firstSeen();
  if (!seen) return;
  const isAtEnd = asked.querySelector(":scope > .end") && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  if (isAtEnd) rank = marks.total - 1; // the thumb is at its end where the wall is
  else rank = marks.isScale ? scaled(seen) : (rankOf(seen) ?? rank);
  show();
};

// Where one mark ends and another begins, as far as there is room to see it.
const drawTicks = () => {
  const { stops, total } = marks, lines = [];
  let last = -1;
  for (const [n, { at, label }] of stops.entries()) {
    if (n && stops[n - 1].label === label) continue;
    if (at / total - last < 0.012) continue;
    last = at / total;
    const line = make("tick");
    line.style.setProperty("--at", last);
    lines.push(line);
  }
  ticks.replaceChildren(...lines);
};

const load = async () => {
  const grid = wallNow();
  if (grid === asked) return;
  asked = grid;
  bar.remove();
  marks = null;
  if (!grid?.querySelector(":scope > .next, :scope > .earlier")) return;
  holder.replaceChildren();
  await htmx.ajax("GET", grid.dataset.jump, { source: holder, target: holder, swap: "innerHTML" }).catch(() => {});
  const list = holder.firstElementChild;
  if (!list?.children.length || asked !== grid) return;
  marks = read(list, grid);
  drawTicks();
  bar.setAttribute("aria-controls", grid.id);
  document.getElementById("main").append(bar);
  follow();
};

// Going there

const put = (tile) => {
  if (!tile) return;
  const top = tile.getBoundingClientRect().top - document.getElementById("main").offsetTop - 12;
  scrollBy({ top, behavior: "instant" });
};

const jump = async (stop, further) => {
  const grid = asked;
  bar.setAttribute("aria-busy", "true");
  try {
    await htmx.ajax("GET", withPlace(stop.path, stop.after), { source: bar, target: grid, swap: "innerHTML" });
  } catch {
    return; // the toast tells it
  } finally {
    bar.removeAttribute("aria-busy");
  }
  begin(grid, stop.after, marks.isScale ? null : stop.at);
  const tiles = allTiles(grid);
  if (!stop.after && !further) scrollTo({ top: 0, behavior: "instant" });
  else put(tiles[further] ?? tiles[0]);
};

const go = async () => {
  clearTimeout(timer);
  timer = 0;
  const wanted = rank, grid = asked, { base } = about(grid);
  const tile = marks.isScale || base === null ? null : tileAt(grid, wanted - base);
  if (tile) {
    if (wanted) put(tile);
    else scrollTo({ top: 0, behavior: "instant" });
  } else await jump(stopOf(wanted), wanted - stopOf(wanted).at);
};

const want = (place) => {
  rank = Math.max(0, Math.min(marks.total - 1, Math.round(place)));
  show();
  clearTimeout(timer);
  timer = setTimeout(go, PAUSE_MS);
};

// Hands

const wake = () => {
  bar.classList.add("moves");
  clearTimeout(leaving);
  leaving = setTimeout(() => bar.classList.remove("moves"), LEAVES_MS);
};

let grip = 0; // where the thumb was taken
bar.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  bar.focus({ preventScroll: true });
  bar.setPointerCapture(event.pointerId);
  const box = thumb.getBoundingClientRect();
  grip = event.target === thumb ? event.clientY - box.top : box.height / 2;
  isMoved = true;
  bar.classList.add("held");
  if (event.target !== thumb) moved(event);
});

const moved = ({ clientY }) => {
  const box = bar.getBoundingClientRect(), room = box.height - thumb.offsetHeight;
  want(((clientY - box.top - grip) / Math.max(1, room)) * (marks.total - 1));
};
bar.addEventListener("pointermove", (event) => {
  if (isMoved) moved(event);
});
for (const end of ["pointerup", "pointercancel"]) {
  bar.addEventListener(end, async () => {
    if (!isMoved) return;
    bar.classList.remove("held");
    if (timer) await go();
    isMoved = false;
    follow();
    wake();
  });
}

bar.addEventListener("keydown", (event) => {
  const here = stopOf(rank), { stops, total } = marks;
  const next = stops.find(({ at, label }) => at > rank && label !== here.label);
  const first = stops.find(({ label }) => label === here.label), before = stops.findLast(({ at }) => at < first.at);
  const back = rank > first.at ? first : (before && stops.find(({ label }) => label === before.label));
  const to = {
    ArrowDown: next?.at ?? total - 1, ArrowUp: back?.at ?? 0, ArrowRight: next?.at ?? total - 1, ArrowLeft: back?.at ?? 0,
    PageDown: rank + total / 10, PageUp: rank - total / 10, Home: 0, End: total - 1,
  }[event.key];
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  want(to);
});

let isDue = false;
addEventListener("scroll", () => {
  if (!marks || isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    follow();
    wake();
  });
}, { passive: true });

onStand(follow);
document.addEventListener("htmx:afterSettle", load);
addEventListener("popstate", () => setTimeout(load));
(window.requestIdleCallback ?? setTimeout)(load);
