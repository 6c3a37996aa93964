// Deciding on the sheet of review. A key acts on what is chosen; else on the picture that lies open or has the focus, and the
// next one follows at once, without waiting for the answer.
import { closeDrawer, isAsked, isOpen, tileOf } from "./history.js";
import { htmx } from "./htmx.js";
import { isTyping } from "./keyboard.js";
import { choose, chosenOf } from "./select.js";

const KEYS = "pkhxed";
const form = () => document.getElementById("sheet-form");
const boxOf = (tile) => tile.querySelector(".check");
const tileAt = (element) => element?.closest?.(".tile.waits");
const drawer = document.getElementById("drawer");
let current = null; // the id of the tile that had the focus last

document.addEventListener("focusin", ({ target }) => {
  current = tileAt(target)?.id ?? current;
});

const beside = (tile) => {
  const stays = (other) => other?.matches(".tile.waits:not(.going)");
  let after = tile.nextElementSibling, before = tile.previousElementSibling;
  while (after?.matches(".tile") && !stays(after)) after = after.nextElementSibling;
  while (before?.matches(".tile") && !stays(before)) before = before.previousElementSibling;
  return [after, before].find(stays) ?? null;
};

const focus = (tile) => {
  (tile?.querySelector("a") ?? document.getElementById("main")).focus({ preventScroll: true });
  tile?.scrollIntoView({ block: "nearest" });
};

// The tile asks for itself, so that any number of decisions may be on their way.
const decide = (tile, url, said) => {
  const next = beside(tile), isShown = isOpen();
  tile.classList.add("going");
  if (isShown && next) next.querySelector("a").click();
  else if (isShown) closeDrawer();
  if (!isShown) focus(next);
  const values = { ...said, ids: boxOf(tile).value };
  htmx
    .ajax("POST", url, { source: tile.querySelector(".flags"), target: tile, swap: "none", values })
    .catch(() => {})
    .finally(() => tile.classList.remove("going"));
};

const shownTile = () => isOpen() && tileOf(drawer.querySelector("[data-page]")?.dataset.page ?? "");

const press = (key) => {
  const bar = form(), button = bar?.querySelector(`[data-act="${key}"]`);
  if (isOpen() && isAsked()) return undefined; // nobody has seen the picture yet that this would be about
  const open = isOpen() && drawer.querySelector(`.verdict [data-act="${key}"]`);
  if (open) return open.click();
  if (!button) return undefined;
  if (chosenOf(bar).size) return button.click();
  const tile = tileAt(document.activeElement) ?? document.getElementById(current ?? "");
  if (!tile) return focus(document.querySelector(".tile.waits"));
  if (key === "e") return tile.querySelector("a").click();
  if (key === "d") {
    choose(bar, [boxOf(tile).value]);
    return button.click();
  }
  return decide(tile, button.getAttribute("formaction"), { reason: bar.elements.reason.value });
};

// A button of the drawer decides like a key: the next picture comes while the answer is on its way.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#drawer .verdict [data-act], #drawer [data-twin] .btn"), tile = button && shownTile();
  if (!tile?.matches(".waits") && !(button && isAsked())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isAsked()) return;
  decide(tile, button.getAttribute("formaction"), { ...Object.fromEntries(new FormData(button.form)), on_sheet: "1" });
}, true);

// After many were decided the focus goes on behind the last of them.
document.addEventListener("htmx:beforeRequest", ({ detail: { requestConfig } }) => {
  const bar = form();
  if (!bar || requestConfig.verb !== "post" || (requestConfig.elt.form ?? requestConfig.elt) !== bar) return;
  const ids = chosenOf(bar), here = [...document.querySelectorAll(".tile.waits")];
  const end = here.findLastIndex((tile) => ids.has(boxOf(tile).value));
  const next = here.slice(end + 1).find((tile) => !ids.has(boxOf(tile).value)) ?? here.find((tile) => !ids.has(boxOf(tile).value));
  current = next?.id ?? current;
});
const goOn = () => {
  setTimeout(() => {
    const tile = document.getElementById(current ?? "");
    if (!isOpen() && [document.body, document.getElementById("main")].includes(document.activeElement) && tile) focus(tile);
  });
};
document.addEventListener("htmx:oobAfterSwap", goOn);
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target.id === "results") goOn();
});

document.addEventListener("keydown", (event) => {
  const { key, target } = event, bar = form();
  if (!bar || document.querySelector("dialog[open]")) return;
  if (isTyping(event) && !(target.matches(".check") && !event.ctrlKey && !event.metaKey && !event.altKey)) return;
  if (key === "X") {
    event.preventDefault();
    (isOpen() ? drawer.querySelector(".verdict") : bar)?.elements.reason.focus();
  } else if (KEYS.includes(key)) {
    if (key === "d") event.stopImmediatePropagation(); // elsewhere it leads to the decks
    press(key);
  }
}, true);

// Enter after a reason discards; the browser would take the first button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.('[name="reason"]')) return;
  event.preventDefault();
  const { form: asked } = event.target;
  event.target.blur();
  if (asked === form()) press("x");
  else asked.querySelector('[data-act="x"]').click();
}, true);
