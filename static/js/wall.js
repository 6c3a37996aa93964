// The wall of the gallery, however long it is. Rows far from the window leave the page and come back before they are seen, so
// that a page has as many nodes after five thousand pictures as after three hundred. Each picture has its number, counted from
// the beginning of the library where that is known, and each fetched page of them its place. Rows of the wall leave as one empty
// place that is as high as they were. In columns and on a contact sheet each picture leaves one of its own measures, so that the
// others stand where they stood, however wide the window becomes. The table is such a wall as well; its rows are the tiles.
import { idOf } from "./tiles.js";

const FAR = 3600, NEAR = 2400; // pixels from the window: beyond the one a row leaves, within the other it comes back
const RUN = 40; // pictures that leave and come back together, so that neither holds up a frame
const MANY = 1000; // that stay beside the drawer
const WAIT_MS = 150, MOST_MS = 400; // after a scroll, or while it goes on

const held = new WeakMap(); // what left, by the empty place that stands for it: tiles, and the size of the place
const numbers = new WeakMap(); // by tile, from the first one that was fetched
const known = new WeakMap(); // by wall: the places of its pages, and how many pictures come before number 0
const listeners = new Set();
const isTable = () => document.documentElement.dataset.view === "table";
const hasRows = () => isTable() || document.documentElement.dataset.view === "wall"; // as rows of their own, not in a grid of columns
const TILE = ".grid > .tile, #lines > [data-id]";

export const wallNow = () => document.querySelector(":is(#grid, #lines)[data-jump]");
const isTile = (element) => element?.matches(".tile, tr[data-id]") ?? false;
const own = (picture) => picture?.closest("#lines > tr") ?? picture; // what stands on the wall
/** The small picture of a row of the table; elsewhere the tile itself. */
export const tileIn = (tile) => (tile?.matches("tr") ? tile.querySelector(".tile") : tile);
const isParked = (element) => held.has(element);
const margin = () => document.getElementById("main").offsetTop;

export const about = (grid) => {
  if (!known.has(grid)) {
    const after = new URL(grid.dataset.jump, location).searchParams.get("after") ?? "";
    known.set(grid, { base: after ? null : 0, starts: [{ number: 0, after }] });
  }
  return known.get(grid);
};

/** All tiles in their order, those that left included. */
export const allTiles = (grid = wallNow()) =>
  [...(grid?.children ?? document.querySelectorAll(TILE))].flatMap((each) => (isParked(each) ? held.get(each).tiles : isTile(each) ? [each] : []));

/** The first tile of which something is in sight. */
export const firstSeen = () =>
  [...document.querySelectorAll(TILE)].find((tile) => tile.getBoundingClientRect().bottom > margin());

/** Do something that changes heights above the window, and leave what is seen where it is. */
const steadily = (change) => {
  const seen = firstSeen(), top = seen?.getBoundingClientRect().top;
  change();
  if (seen?.isConnected) scrollBy({ top: seen.getBoundingClientRect().top - top, behavior: "instant" });
};

// Numbers

const numberOf = (tile) => numbers.get(tile);

/** How many pictures come before this one in the whole library, or null where that is not known yet. */
export const rankOf = (picture) => {
  const tile = own(picture);
  const grid = tile?.parentElement ?? wallNow(), { base } = grid ? about(grid) : { base: null };
  return base === null || !numbers.has(tile) ? null : base + numbers.get(tile);
};

const count = (grid) => {
  const tiles = allTiles(grid), first = Math.max(0, tiles.findIndex((tile) => numbers.has(tile)));
  if (!tiles.length) return;
  if (!numbers.has(tiles[first])) numbers.set(tiles[first], 0);
  for (let at = first - 1; at >= 0; at -= 1) numbers.set(tiles[at], numbers.get(tiles[at + 1]) - 1);
  for (let at = first + 1; at < tiles.length; at += 1) if (!numbers.has(tiles[at])) numbers.set(tiles[at], numbers.get(tiles[at - 1]) + 1);
};

/** The place of the page that a tile came with: what its address goes on after. */
export const placeOf = (tile) => {
  const grid = tile.parentElement, number = numbers.get(tile);
  return grid && number !== undefined ? about(grid).starts.findLast((start) => start.number <= number) : undefined;
};

/** Other pictures stand there now: those after this place, `base` of the library come before. */
export const begin = (grid, after, base) => {
  known.set(grid, { base, starts: [{ number: 0, after }] });
  allTiles(grid).forEach((tile, at) => numbers.set(tile, at));
};

// Leaving and coming back

const back = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) release(target);
}, { rootMargin: `${NEAR}px 0px` });

/** What left comes back. */
const release = (place) => {
  if (!isParked(place) || !place.isConnected) return;
  back.unobserve(place);
  const { tiles } = held.get(place), isAbove = place.getBoundingClientRect().top < 0;
  const change = () => place.replaceWith(...tiles);
  held.delete(place);
  if (isAbove) steadily(change);
  else change();
};

/** A tile goes for good, wherever it is. */
export const drop = (tile) => {
  const place = tile.isConnected ? null : [...(wallNow()?.children ?? [])].find((each) => held.get(each)?.tiles.includes(tile));
  if (place) held.get(place).tiles = held.get(place).tiles.filter((each) => each !== tile);
  else tile.remove();
};

const BESIDE = 24; // in columns: as many as may stand above, below or beside one
/** The neighbours of a tile are there: for keys that go on from it. */
export const near = (picture) => {
  const tile = own(picture);
  for (const side of ["previousElementSibling", "nextElementSibling"]) {
    let one = tile;
    for (let n = hasRows() ? 1 : BESIDE; one && n; n -= 1) {
      const beside = one[side];
      one = beside && isParked(beside) && !hasRows() ? held.get(beside).tiles[0] : beside;
      release(beside);
    }
  }
};

const called = (grid, fits) => {
  const tile = allTiles(grid).find(fits);
  if (tile && !tile.isConnected) release([...grid.children].find((each) => held.get(each)?.tiles.includes(tile)));
  return tile;
};

/** The tile with this number, or of the picture with this page; it comes back if it left. */
export const tileAt = (grid, number) => called(grid, (each) => numbers.get(each) === number);
export const tileWith = (grid, page) => called(grid, (each) => each.querySelector("a").getAttribute("href") === page);

const parkOne = (tile) => {
  const place = document.createElement("div");
  place.className = "parked";
  place.style.cssText = tile.style.cssText; // its proportions
  held.set(place, { tiles: [tile] });
  tile.replaceWith(place);
};

// Tops never go back up the page, so what is near the window is found without reading all places.
const fill = () => {
  const grid = wallNow();
  if (!grid || hasRows()) return;
  const all = grid.children;
  let low = 0, high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().top < -NEAR) low = middle + 1;
    else high = middle;
  }
  const coming = [];
  for (let at = Math.max(0, low - BESIDE); at < all.length; at += 1) {
    if (!isParked(all[at])) continue;
    if (all[at].getBoundingClientRect().top > innerHeight + NEAR) break;
    coming.push(all[at]);
  }
  for (const place of coming) {
    place.replaceWith(...held.get(place).tiles);
    held.delete(place);
  }
};

const park = (rows, grid) => {
  const tiles = rows.flatMap((row) => row.tiles), place = document.createElement(isTable() ? "tr" : "div");
  const height = rows.at(-1).bottom - rows[0].top;
  place.className = "parked";
  place.style.height = `${height}px`;
  held.set(place, { tiles, height, width: grid.clientWidth });
  tiles[0].before(place);
  for (const tile of tiles) tile.remove();
  back.observe(place);
};

// Rows as they are laid out, between things that are no tiles.
const rowsOf = (grid) => {
  const parts = [];
  let before = null;
  for (const each of grid.children) {
    if (!isTile(each)) {
      before = null;
      continue;
    }
    const { top, bottom } = each.getBoundingClientRect();
    if (!before) parts.push([]);
    const part = parts.at(-1);
    if (before && Math.abs(part.at(-1).top - top) < 2) part.at(-1).tiles.push(each);
    else part.push({ top, bottom, tiles: [each] });
    part.at(-1).bottom = Math.max(part.at(-1).bottom, bottom);
    before = each;
  }
  return parts;
};

const isFar = ({ top, bottom }) => bottom < -FAR || top > innerHeight + FAR;
const isNeeded = ({ tiles }) => tiles.some((tile) => tile.contains(document.activeElement) || tile.querySelector("a[aria-current]"));

const tidy = () => {
  const grid = wallNow();
  if (!grid || document.querySelector(".carried, dialog[open]")) return;
  if (!hasRows()) {
    const far = [...grid.querySelectorAll(":scope > .tile")].filter((tile) => isFar(tile.getBoundingClientRect()) && !isNeeded({ tiles: [tile] }));
    for (const tile of far) parkOne(tile);
    return;
  }
  // Beside the drawer rows break in another way; what left then would not stand as it stood when the drawer closes.
  if (document.querySelector("#drawer.open") && grid.childElementCount < MANY) return;
  for (const part of rowsOf(grid)) {
    // The last row before the end of what was fetched is not full yet.
    const rows = part.at(-1)?.tiles.at(-1).nextElementSibling?.matches(".parked, .seam") ? part : part.slice(0, -1);
    let run = [], many = 0;
    const leave = (isWhole) => {
      if (many >= RUN || (isWhole && many >= RUN / 4)) park(run, grid);
      [run, many] = [[], 0];
    };
    for (const row of rows) {
      if (isFar(row) && !isNeeded(row)) {
        run.push(row);
        many += row.tiles.length;
        if (many >= RUN) leave();
      } else leave(true);
    }
  }
};

/** A place keeps its area when the wall becomes wider or narrower; what is in it breaks anew when it comes back. */
export const fitPlaces = () => {
  const grid = wallNow(), width = grid?.clientWidth;
  for (const place of grid?.children ?? []) {
    const kept = held.get(place);
    if (kept?.height) place.style.height = `${(kept.height * kept.width) / width}px`;
  }
};
let width = 0;
new ResizeObserver(() => {
  const now = wallNow()?.clientWidth ?? 0;
  if (now && now !== width) {
    for (const tile of wallNow().querySelectorAll(":scope > [style*='grid-column-start']")) tile.style.gridColumnStart = "";
    steadily(fitPlaces);
    fill();
  }
  width = now;
}).observe(document.getElementById("main"));

// Whoever wants to know where somebody stands is told a moment after a scroll, and now and then while it goes on.
export const onStand = (listener) => listeners.add(listener);
let waiting = 0, since = 0;
const stand = () => {
  clearTimeout(waiting);
  since = 0;
  for (const listener of listeners) listener();
  if (window.requestIdleCallback) requestIdleCallback(tidy, { timeout: 300 });
  else setTimeout(tidy);
};
addEventListener("scroll", () => {
  if (!wallNow()) return;
  fill();
  clearTimeout(waiting);
  since ||= performance.now();
  if (performance.now() - since > MOST_MS) stand();
  else waiting = setTimeout(stand, WAIT_MS);
}, { passive: true });

// Pages that come

document.addEventListener("keydown", ({ target, key }) => {
  if (key.startsWith("Arrow")) near(target.closest?.(":is(#grid > .tile, #lines > tr)"));
}, true);

let coming = null;
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, shouldSwap, xhr } }) => {
  const grid = wallNow(), { elt } = requestConfig;
  if (!shouldSwap || elt.parentElement !== grid || !elt.matches(".next, .earlier")) return;
  count(grid);
  const seen = firstSeen(), tiles = allTiles(grid);
  coming = { grid, isEarlier: elt.matches(".earlier"), after: new URL(xhr.responseURL).searchParams.get("after") ?? "", tiles, seen, top: seen?.getBoundingClientRect().top };
});

// On a contact sheet the rows below stay as they are when the first one above begins further right, until the wall begins there.
const align = (grid, first, came) => {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const was = Number(first.style.gridColumnStart || 1) - 1, isWhole = !grid.querySelector(":scope > .earlier");
  first.style.gridColumnStart = "";
  if (came.length && !isWhole) came[0].style.gridColumnStart = ((((was - came.length) % columns) + columns) % columns) + 1;
};

// Of the pictures before, those stand there already that came in between; a seam keeps the rows below as they are.
const joined = ({ grid, tiles, after, seen, top }) => {
  const was = new Set(tiles), first = tiles[0], there = new Set(tiles.map(idOf));
  const came = [];
  for (const each of [...grid.children]) {
    if (each === first || isParked(each)) break;
    if (isTile(each) && !was.has(each)) there.has(idOf(each)) ? each.remove() : came.push(each);
    else if (each.matches(".next, hr.end")) each.remove();
  }
  if (document.documentElement.dataset.view === "sheet") first && align(grid, first, came);
  else if (!isTable()) first?.before(Object.assign(document.createElement("i"), { className: "seam" }));
  count(grid);
  const { starts } = about(grid);
  if (came[0]) starts.unshift({ number: numbers.get(came[0]), after });
  if (seen?.isConnected) scrollBy({ top: seen.getBoundingClientRect().top - top, behavior: "instant" });
};

document.addEventListener("htmx:afterSwap", () => {
  if (!coming) return;
  const now = coming;
  coming = null;
  if (now.isEarlier) joined(now);
  else {
    const last = now.tiles.length ? numbers.get(now.tiles.at(-1)) : -1;
    count(now.grid);
    about(now.grid).starts.push({ number: last + 1, after: now.after });
  }
  stand();
});

document.addEventListener("htmx:afterSettle", () => {
  const grid = wallNow();
  if (grid) count(grid);
});
if (wallNow()) {
  about(wallNow());
  count(wallNow());
}
