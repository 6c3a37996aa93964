// The table: arrows walk between cells, Enter, two presses or one tap edit the one that has the focus, Escape takes back what is typed; a range is
// pasted where it begins; headings are pulled wider.
import { htmx } from "./htmx.js";
import { allTiles } from "./wall.js";

const CELL = ".cells tbody > tr > [tabindex]";
const kept = new WeakMap(); // what stood in a cell before its editor
let last = null; // the picture and the column that had the focus
const table = () => document.getElementById("cells");
const cellOf = (target) => target.closest?.(CELL);
const row = (cell) => cell.parentElement;
const address = (cell) => table().dataset.cell.replace("ID", row(cell).dataset.id).replace("NAME", cell.dataset.edit);

const stand = (cell) => {
  if (!cell) return;
  for (const other of table().querySelectorAll('tbody [tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
};

const beside = (cell, key) => {
  const across = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[key];
  if (across) return cell[across]?.matches(CELL) ? cell[across] : null;
  const line = row(cell)[key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling"];
  return line?.dataset.id ? line.children[cell.cellIndex] : null;
};

const edit = async (cell) => {
  if (kept.has(cell) || !cell.dataset.edit) return;
  kept.set(cell, [...cell.childNodes]);
  await htmx.ajax("GET", address(cell), { source: cell, target: cell, swap: "innerHTML" }).catch(() => {});
  const input = cell.querySelector("[name=value]");
  if (!input) return restore(cell, false);
  const shown = cell.querySelector(".tagbox input") ?? input;
  shown.focus();
  shown.select?.();
  return undefined;
};

const restore = (cell, focused = true) => {
  if (!kept.has(cell)) return;
  const input = cell.querySelector("form [name=value]");
  if (input) input.value = input.defaultValue; // a field that leaves with other words would save them
  if (focused) stand(cell);
  cell.replaceChildren(...kept.get(cell));
  kept.delete(cell);
};

const changed = (cell) => {
  const input = cell.querySelector("form [name=value]");
  return Boolean(input) && input.value !== input.defaultValue;
};

// Before the keys of the page, which know the arrows as well.
document.addEventListener("keydown", (event) => {
  const { key, target } = event, cell = cellOf(target);
  if (!cell || document.querySelector("dialog[open]")) return;
  const isIn = cell !== target;
  if (isIn && key === "Escape") restore(cell);
  else if (isIn && key === "Enter" && target.matches("input") && !changed(cell) && !target.closest(".tagbox")) restore(cell);
  else if (isIn || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key.startsWith("Arrow")) stand(beside(cell, key));
  else if (key === "Home") stand(row(cell).querySelector("[tabindex]"));
  else if (key === "End") stand([...row(cell).querySelectorAll("[tabindex]")].at(-1));
  else if (key === "Enter" || key === "F2") edit(cell);
  else return;
  event.preventDefault();
  if (!event.shiftKey) event.stopImmediatePropagation(); // rows are chosen with it (picking.js), after the focus has moved
}, true);

document.addEventListener("dblclick", ({ target }) => {
  const cell = cellOf(target);
  if (cell && !target.closest("form, a")) edit(cell);
});

// A finger edits with one tap: it has no second press, and no keys before the editor is there.
document.addEventListener("click", ({ target, pointerType }) => {
  const cell = cellOf(target);
  if (!cell || target.closest("form, a")) return;
  stand(cell);
  if (pointerType === "touch") edit(cell);
});

document.addEventListener("focusin", ({ target }) => {
  const cell = cellOf(target);
  if (cell === target) last = { id: row(cell).dataset.id, at: cell.cellIndex };
});

// What was not changed needs no saving; what was saves itself, as every field does.
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const cell = cellOf(target);
  if (!cell || cell === target || cell.contains(relatedTarget)) return;
  setTimeout(() => {
    if (cell.isConnected && !cell.contains(document.activeElement) && !changed(cell) && !cell.querySelector(".error")) restore(cell, false);
  });
});

document.addEventListener("htmx:afterSettle", ({ detail: { target, elt } }) => {
  const cell = cellOf(elt) ?? cellOf(target);
  const isFree = document.activeElement === document.body || document.activeElement?.id === "main";
  if (cell && !cell.querySelector("form") && kept.delete(cell) && isFree) stand(cell);
  else if (target.id === "results" && last && isFree) stand(table()?.querySelector(`tr[data-id="${last.id}"]`)?.children[last.at]);
});

// A range of a spreadsheet begins in the cell that has the focus, and is shown before anything is changed.
document.addEventListener("paste", (event) => {
  const cell = cellOf(document.activeElement ?? event.target), form = document.getElementById("paste-form");
  const text = event.clipboardData?.getData("text/plain");
  if (!cell || cell !== document.activeElement || !form || !text || !cell.dataset.edit) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const lines = allTiles();
  const names = [...row(cell).children].slice(cell.cellIndex).map((other) => other.dataset.edit).filter(Boolean);
  form.elements.ids.value = lines.slice(lines.indexOf(row(cell))).map((line) => line.dataset.id).join(" ");
  form.elements.columns.value = names.join(" ");
  const box = Object.assign(document.createElement("textarea"), { name: "text", value: text, hidden: true });
  form.append(box);
  form.submit();
}, true);

// Headings are pulled wider; the widths are kept when the pointer lets go.
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.(".grip");
  if (!grip) return;
  event.preventDefault();
  const head = grip.parentElement, column = table().querySelectorAll("col")[head.cellIndex];
  const from = event.clientX, wide = head.offsetWidth;
  const pull = ({ clientX }) => { column.style.width = `${Math.min(900, Math.max(48, wide + clientX - from))}px`; };
  const end = () => {
    removeEventListener("pointermove", pull);
    const heads = [...table().querySelectorAll("[data-column]")];
    const columns = heads.map((each) => `${each.dataset.column}:${Math.min(900, Math.round(each.offsetWidth))}`).join("~");
    htmx.ajax("POST", table().dataset.columns, { source: grip, target: grip, swap: "none", values: { at: "gallery", columns } }).catch(() => {});
  };
  addEventListener("pointermove", pull);
  addEventListener("pointerup", end, { once: true });
});
