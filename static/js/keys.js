// The keyboard: where the letters and arrows lead.
import { closeDrawer, isAsked, isOpen, step } from "./history.js";
import { htmx } from "./htmx.js";
import { isField, isTyping } from "./keyboard.js";
import { look } from "./lightbox.js";
import { openPalette } from "./palette.js";
import { closeRail } from "./rail.js";

const sheet = document.getElementById("keys");
const search = () => document.getElementById("q")?.select();

// The keys of this page, which come when somebody asks for them.
const showKeys = async () => {
  if (!sheet.firstElementChild) await htmx.ajax("GET", sheet.dataset.sheet, { source: sheet, target: sheet, swap: "innerHTML" });
  if (sheet.firstElementChild && !sheet.open) sheet.showModal();
};

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys]")) return;
  event.preventDefault();
  showKeys();
});

// The tile beside, above or below, of rows whose tiles have different widths.
const neighbour = (tile, key) => {
  const all = [...document.querySelectorAll(".grid > .tile")];
  if (key === "ArrowRight" || key === "ArrowLeft") return all[all.indexOf(tile) + (key === "ArrowRight" ? 1 : -1)];
  const isDown = key === "ArrowDown", here = tile.getBoundingClientRect();
  const middle = (rect) => rect.left + rect.width / 2;
  const placed = all
    .map((other) => ({ other, rect: other.getBoundingClientRect() }))
    .filter(({ rect }) => (isDown ? rect.top > here.top + 4 : rect.top < here.top - 4));
  const tops = placed.map(({ rect }) => rect.top), edge = isDown ? Math.min(...tops) : Math.max(...tops);
  const far = ({ rect }) => Math.abs(middle(rect) - middle(here));
  const row = placed.filter(({ rect }) => Math.abs(rect.top - edge) < 4);
  return row.sort((one, two) => far(one) - far(two))[0]?.other;
};

const escape = (target) => {
  if (document.querySelector("dialog[open]")) return;
  const pop = document.querySelector("details.pop[open]");
  if (pop) {
    pop.open = false;
    pop.querySelector("summary").focus();
  } else if (closeRail()) return;
  else if (isField(target)) target.blur();
  else closeDrawer();
};

const arrow = (event, tile) => {
  const { key, target } = event;
  if ((isAsked() || (isOpen() && !tile)) && (key === "ArrowLeft" || key === "ArrowRight")) {
    event.preventDefault();
    step(key === "ArrowRight" ? 1 : -1);
  } else if (tile) {
    const next = neighbour(tile, key);
    if (!next) return;
    event.preventDefault();
    next.querySelector("a").focus();
  } else if (key === "ArrowDown" && target === document.body) {
    document.querySelector(".tile a")?.focus({ preventScroll: true });
  }
};

// In a field it is the browser's. Else it presses the Undo that is offered, or takes back the last thing that was done.
const isWriting = ({ target }) => isField(target) && !target.matches("[type=checkbox]");
const undo = (event) => {
  if (isWriting(event) || document.querySelector("dialog[open]")) return;
  const toasts = document.getElementById("toasts");
  const offered = [...toasts.querySelectorAll("form")].at(-1);
  if (!offered && !toasts.dataset.undo) return;
  event.preventDefault();
  if (offered) offered.requestSubmit();
  else htmx.ajax("POST", toasts.dataset.undo, { source: toasts, target: toasts, swap: "none" });
};

const redo = (event) => {
  const toasts = document.getElementById("toasts");
  if (isWriting(event) || document.querySelector("dialog[open]") || !toasts.dataset.redo) return;
  event.preventDefault();
  htmx.ajax("POST", toasts.dataset.redo, { source: toasts, target: toasts, swap: "none" });
};

// Yes or no to what a machine suggests: at the field that has the focus, else the first one; a capital is for all of them.
const answer = (key, target) => {
  const box = target.closest?.("form.field:has(.offer)") ?? document.querySelector("#drawer.open, .imagepage");
  box?.querySelector(`:not([hidden]) > [data-answer="${key}"]`)?.click();
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if ((event.metaKey || event.ctrlKey) && key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if ((event.metaKey || event.ctrlKey) && key.toLowerCase() === "z") {
    if (event.shiftKey) redo(event);
    else undo(event);
    return;
  }
  if (key === "Escape") escape(target);
  if (key === "Escape" || isTyping(event)) return;
  const tile = target.closest?.(".tile");
  if (key.startsWith("Arrow") && event.defaultPrevented) return; // a cell of the table has moved the focus
  if (key.startsWith("Arrow")) arrow(event, tile);
  else if (key === "/") {
    event.preventDefault();
    search();
  } else if (key === "?") showKeys();
  else if (key === " " && tile) {
    event.preventDefault();
    look(tile);
  } else if (key === "l") (tile ?? document.querySelector("#drawer.open, .imagepage"))?.querySelector(".like")?.click();
  else if ("yYnN".includes(key)) answer(key, target);
  else document.querySelector(`.nav a[data-key="${CSS.escape(key)}"]`)?.click();
});
