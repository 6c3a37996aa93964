// Pictures in their row: dragged to a place or onto a board in the menu, held and dragged by touch, or moved with Alt and the arrows.
import { ask } from "./ask.js";
import { addTo } from "./boards.js";
import { htmx } from "./htmx.js";
import { idOf } from "./tiles.js";

const FAR = 8; // pixels before a press becomes a drag
const HOLD_MS = 350; // a finger that rests so long takes the picture up
const rowOf = (element) => element?.closest?.("[data-put]");
const tilesOf = (row) => [...row.children].filter((child) => child.matches(".tile"));

let queue = Promise.resolve(); // one move after the other, so that each sees the order that the one before left

const send = (row, values) => htmx.ajax("POST", row.dataset.put, { source: row, target: row, swap: "none", values });

// Put it there at once; what was refused is read again as it is.
const put = async (tile, row, before) => {
  const from = rowOf(tile);
  if (from !== row && tile.dataset.alias) {
    const sure = await ask(`${tile.dataset.alias} is released, because aliases do not move to another project.`, "Move it");
    if (!sure) return;
  }
  const held = tile.contains(document.activeElement);
  row.insertBefore(tile, before ?? row.querySelector(":scope > .next, :scope > .end, :scope > .more"));
  if (held) tile.querySelector("a").focus({ preventScroll: true });
  const last = before ? null : tilesOf(row).at(-2); // behind the last one that is shown there may be more
  const place = before ? { before: idOf(before) } : last ? { after: idOf(last) } : {};
  const values = { ids: idOf(tile), ...place, ...(from !== row && { confirmed: 1 }) };
  queue = queue.then(() => send(row, values)).catch(() => {});
};

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.elt.matches?.("[data-put]")) document.dispatchEvent(new CustomEvent("pindeck:changed"));
});

// The keyboard

document.addEventListener("keydown", (event) => {
  const tile = event.altKey && event.target.closest?.("[data-put] > .tile");
  if (!tile || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  const row = rowOf(tile), all = tilesOf(row), at = all.indexOf(tile);
  if (event.key === "ArrowLeft" && at) put(tile, row, all[at - 1]);
  else if (event.key === "ArrowRight" && at < all.length - 1) put(tile, row, all[at + 2] ?? null);
  else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const rows = [...document.querySelectorAll("[data-put]")];
    const other = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
    if (other) put(tile, other, tilesOf(other)[at] ?? null);
  }
});

// Dragging

let carried = null; // the tile that is held: `ghost` once it moves, `row` and `before` or the `board` where it would land

const mark = (row, before, board) => {
  document.querySelector(".over[data-drop]")?.classList.remove("over");
  board?.classList.add("over");
  document.querySelector(".lands")?.classList.remove("lands");
  document.querySelector(".lands-last")?.classList.remove("lands-last");
  if (before) before.classList.add("lands");
  else row?.classList.add("lands-last");
};

const under = (x, y) => {
  const hit = document.elementFromPoint(x, y), row = rowOf(hit), tile = hit?.closest?.("[data-put] > .tile");
  if (!row) return [null, null, hit?.closest?.("[data-drop]")];
  if (!tile) return [row, null];
  const rect = tile.getBoundingClientRect(), all = tilesOf(row);
  return [row, x < rect.left + rect.width / 2 ? tile : (all[all.indexOf(tile) + 1] ?? null)];
};

const lift = () => {
  const img = carried.tile.querySelector("img");
  carried.ghost = Object.assign(document.createElement("img"), { className: "ghost", src: img.currentSrc || img.src, alt: "" });
  carried.tile.classList.add("carried");
  document.body.append(carried.ghost);
};

const move = (x, y) => {
  carried.ghost.style.transform = `translate(${x + 10}px, ${y + 10}px)`;
  const place = under(x, y);
  [carried.row, carried.before, carried.board] = place;
  mark(...place);
  if (carried.board) return;
  const edge = 60; // near an edge of the window the page moves along
  if (y < edge) scrollBy({ top: -14, behavior: "instant" });
  else if (y > innerHeight - edge) scrollBy({ top: 14, behavior: "instant" });
};

const end = (drops) => {
  if (!carried) return;
  const { tile, ghost, row, before, board, hold } = carried;
  clearTimeout(hold);
  carried = null;
  ghost?.remove();
  tile.classList.remove("carried");
  mark(null, null);
  if (drops && ghost && board) addTo(board, [idOf(tile)]);
  else if (drops && ghost && row && before !== tile && tile.nextElementSibling !== before) put(tile, row, before);
};

document.addEventListener("pointerdown", (event) => {
  const tile = event.target.closest?.("[data-put] > .tile");
  if (!tile || event.button || event.target.closest("button, .acts, .hues")) return;
  carried = { tile, x: event.clientX, y: event.clientY };
  if (event.pointerType === "touch") carried.hold = setTimeout(() => {
    lift();
    navigator.vibrate?.(8);
  }, HOLD_MS);
});

document.addEventListener("pointermove", (event) => {
  if (!carried) return;
  const isFar = Math.hypot(event.clientX - carried.x, event.clientY - carried.y) > FAR;
  if (!carried.ghost && isFar && event.pointerType === "touch") return end(false); // the finger scrolls
  if (!carried.ghost && isFar) lift();
  if (carried.ghost) move(event.clientX, event.clientY);
});

// The click that ends a drag opens no picture.
const swallow = (event) => {
  event.preventDefault();
  event.stopPropagation();
};
document.addEventListener("pointerup", () => {
  if (carried?.ghost) {
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, true));
  }
  end(true);
});
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", ({ key }) => key === "Escape" && end(false), true);
document.addEventListener("dragstart", (event) => rowOf(event.target) && event.preventDefault());
document.addEventListener("touchmove", (event) => carried?.ghost && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => carried && event.preventDefault());
