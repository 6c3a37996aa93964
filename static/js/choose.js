// Choosing on the wall of the gallery: the bar comes when it is asked for, and each tile gets its check box then. What is
// chosen stays so while the wall is paged, narrowed and loaded again.
import { htmx } from "./htmx.js";
import { isField, isTyping } from "./keyboard.js";
import { choose, chosenOf, pressed } from "./select.js";
import { idOf } from "./tiles.js";
import { allTiles, drop } from "./wall.js";

const link = () => document.querySelector("[data-choose]");
const place = link() && Object.assign(document.createElement("div"), { id: "choosing" });
document.getElementById("results")?.before(place ?? "");
const bar = () => document.getElementById("choose-form");
/** What can be chosen: tiles of the wall, and the small pictures of the table, each of which stands for its row. */
export const TILES = "#grid > .tile[data-id], #cells .thumb > .tile";
export const tileOf = (element) => element?.closest?.("#grid > .tile[data-id]") ?? element?.closest?.("#cells tr[data-id]")?.querySelector(".tile");
const ACTS = "ed";
const isFree = (event) => !isTyping(event) || event.target.matches(".check") && !event.ctrlKey && !event.metaKey && !event.altKey;
const isHeld = () => {
  try {
    return Object.keys(sessionStorage).some((key) => key.startsWith("pindeck-chosen-gallery-") && sessionStorage[key].length > 2);
  } catch {
    return false; // private windows may refuse
  }
};
let first = null; // the tile that was to be chosen when the bar was not there yet

const fit = () => {
  if (!bar()) return;
  const held = chosenOf(bar());
  for (const box of document.querySelectorAll("#grid .check, #cells .pick .check")) box.checked = held.has(box.value);
  for (const tile of document.querySelectorAll(`:is(${TILES}):not(:has(.pick))`)) {
    const pick = Object.assign(document.createElement("label"), { className: "pick" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "ids", value: idOf(tile), className: "check" });
    box.setAttribute("form", "choose-form");
    box.setAttribute("aria-label", `Choose ${tile.querySelector(".cap")?.textContent ?? tile.closest("tr")?.querySelector("th")?.textContent.trim() ?? "the picture"}`);
    pick.append(box);
    tile.querySelector("a").after(pick);
    box.checked = held.has(box.value);
  }
};

const open = async () => {
  if (!link()) return;
  await htmx.ajax("GET", link().getAttribute("href"), { source: place, target: place, swap: "innerHTML" }).catch(() => {});
  fit();
  if (!first || !bar()) return;
  const box = first.querySelector(".check");
  first = null;
  choose(bar(), [box.value]);
  pressed(box);
};

/** These pictures are chosen, or with `on` false let go; the bar comes when it is not there yet. */
export const take = async (ids, on = true) => {
  if (!bar()) await open();
  if (bar() && ids.length) choose(bar(), ids, on);
};

const end = () => {
  choose(bar(), [...chosenOf(bar())], false);
  place.replaceChildren();
  for (const tile of [...allTiles(), ...document.querySelectorAll("#cells .tile")]) tile.querySelector(".pick")?.remove();
  link()?.focus({ preventScroll: true });
};

if (place) {
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-choose-end]")) end();
    if (!event.target.closest?.("[data-choose]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (bar()) end();
    else open();
  });

  // With S or Shift the first picture is chosen at once; Ctrl opens a new tab until then.
  const begins = (event, tile) => {
    if (!tile || bar() || !link()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    first = tile;
    open();
  };
  document.addEventListener("keydown", (event) => {
    const isAll = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && !isField(event.target);
    if (event.key === "s" && !isTyping(event)) begins(event, tileOf(event.target));
    else if (isAll && !bar() && link() && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      take(allTiles().map(idOf));
    } else if (ACTS.includes(event.key) && bar() && chosenOf(bar()).size && isFree(event)) {
      event.stopImmediatePropagation(); // the same letter leads elsewhere where nothing is chosen
      bar().querySelector(`[data-act="${event.key}"]`)?.click();
    }
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".tile > a") || !event.shiftKey || event.ctrlKey || event.metaKey) return;
    begins(event, tileOf(event.target));
  }, true);

  // The bar says how many match the filters that stand now.
  document.addEventListener("htmx:afterSettle", ({ detail: { target, requestConfig } }) => {
    if (target.id === "results" && requestConfig.verb === "get" && bar()) open();
  });
  document.addEventListener("htmx:afterSwap", fit);
  new MutationObserver(fit).observe(document.getElementById("main"), { childList: true, subtree: true });

  // What went to the trash leaves the wall.
  const gone = () => {
    const told = document.getElementById("decided"), ids = new Set(told?.dataset.removed?.split(" ") ?? []);
    if (!ids.size) return;
    delete told.dataset.removed;
    for (const tile of allTiles()) if (ids.has(idOf(tile))) drop(tile);
    for (const row of document.querySelectorAll("#cells tr[data-id]")) if (ids.has(row.dataset.id)) row.remove();
    const many = document.getElementById("many");
    if (many) htmx.trigger(many, "again");
  };
  document.addEventListener("htmx:oobAfterSwap", gone);

  // A browser that sends the form by itself, for a download, sends what is chosen and not on the page as well.
  document.addEventListener("submit", ({ target, submitter }) => {
    if (target !== bar() || !submitter?.matches("[data-plain]")) return;
    const here = new Set([...target.elements].filter((each) => each.name === "ids").map((each) => each.value));
    const rest = [...chosenOf(target)].filter((id) => !here.has(id));
    if (!rest.length) return;
    const more = Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: rest.join(" ") });
    target.append(more);
    setTimeout(() => more.remove());
  });

  if (isHeld()) open();
}
