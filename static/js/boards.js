// Boards: the choice of one for a picture or for those that are chosen (B), pictures dragged onto one in the menu, and their
// order on a board by dragging or by keys.
import { htmx } from "./htmx.js";
import { isTyping } from "./keyboard.js";
import { chosenOf } from "./select.js";
import { idOf } from "./tiles.js";

// A board is chosen

const openChoice = (verb, url, values) => {
  let dialog = document.getElementById("board-choice");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "board-choice";
    dialog.className = "sheetdialog";
    dialog.setAttribute("aria-label", "Add to board");
    document.body.append(dialog);
  }
  dialog.replaceChildren();
  htmx.ajax(verb, url, { source: dialog, target: dialog, swap: "innerHTML", values }).then(() => {
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
  }).catch(() => {});
};

const here = () => location.pathname + location.search;

// Those that are chosen in a form, or all that its query finds.
const ofForm = ({ form, formAction }) => {
  const { all, query } = form.elements, ids = [...chosenOf(form)];
  if (all?.checked) openChoice("POST", formAction, { all: "1", query: query.value, next: here() });
  else if (ids.length) openChoice("POST", formAction, { ids: ids.join(" "), next: here() });
};

document.addEventListener("click", (event) => {
  const way = event.target.closest?.("[data-to-board]");
  if (!way) return;
  event.preventDefault();
  if (way.form) ofForm(way);
  else openChoice("GET", way.dataset.toBoard);
});

// What is chosen, else the picture that has the focus, else the one that is open.
document.addEventListener("keydown", (event) => {
  const choice = document.querySelector("[data-choice]")?.dataset.choice;
  if (event.key !== "b" || isTyping(event) || !choice) return;
  const way = document.querySelector("form [data-to-board]"), form = way?.form;
  const tile = event.target.closest?.(".tile, #cells tr[data-id]"), sheet = document.querySelector("#drawer.open [data-page], .imagepage [data-page]");
  const one = idOf(tile) ?? idOf(sheet);
  if (form && (chosenOf(form).size || form.elements.all?.checked)) ofForm(way);
  else if (one) openChoice("GET", choice, { ids: one, next: here() });
  else return;
  event.preventDefault();
});

/** Ask for a board for the picture with this id. */
export const chooseBoard = (one) => {
  const choice = document.querySelector("[data-choice]")?.dataset.choice;
  if (choice && one) openChoice("GET", choice, { ids: one, next: here() });
};

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  if (requestConfig.verb !== "post" || xhr.status !== 200 || !requestConfig.elt.matches?.("#board-choice form")) return;
  document.getElementById("board-choice").close();
  changed();
});

const changed = () => {
  const rail = document.getElementById("rail-boards");
  if (rail) htmx.trigger(rail, "again");
};

// A picture is dragged onto a board in the menu

const TYPE = "application/x-pindeck-picture";
document.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.(".tile");
  const id = idOf(tile);
  if (!id || !event.dataTransfer) return;
  const form = tile.querySelector(".check")?.form, chosen = form ? [...chosenOf(form)] : [];
  event.dataTransfer.setData(TYPE, (chosen.includes(id) ? chosen : [id]).join(" "));
  event.dataTransfer.effectAllowed = "copyMove";
});

const place = (event) => (event.dataTransfer?.types.includes(TYPE) ? event.target.closest?.("[data-drop]") : null);
document.addEventListener("dragover", (event) => {
  for (const old of document.querySelectorAll(".over[data-drop]")) old.classList.remove("over");
  const over = place(event);
  if (!over) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  over.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const over = place(event);
  if (!over) return;
  event.preventDefault();
  over.classList.remove("over");
  const ids = event.dataTransfer.getData(TYPE).split(" ");
  addTo(over, ids);
});

/** Put these pictures onto the board of a place in the menu. */
export const addTo = (over, ids) =>
  htmx.ajax("POST", over.dataset.drop, { source: over, target: over, swap: "none", values: { ids } }).then(changed, () => {});

// The order of a board

const grid = () => document.querySelector(".pins");
const said = (text) => {
  const line = document.getElementById("moved");
  if (line) line.textContent = text;
};

// Where a tile stands now is what the server is told: before the next one, or at the end of its section.
const tell = (tile) => {
  const form = document.getElementById("board-form");
  let next = tile.nextElementSibling, head = tile;
  while (head && !head.matches("[data-section]")) head = head.previousElementSibling;
  while (next && !next.matches(".tile, [data-section], .next")) next = next.nextElementSibling;
  const values = { ids: tile.dataset.id, quiet: "1", section: head?.dataset.section ?? "" };
  if (next?.matches(".tile")) values.before = next.dataset.id;
  else if (next?.matches(".next") && tile.previousElementSibling?.matches(".tile")) values.after = tile.previousElementSibling.dataset.id;
  const all = [...grid().querySelectorAll(".tile")];
  said(`Place ${all.indexOf(tile) + 1} of ${all.length}.`);
  return htmx.ajax("POST", form.dataset.move, { source: tile, target: tile, swap: "none", values }).catch(read);
};

const read = () => document.body.dispatchEvent(new CustomEvent("pindeck:changed"));

const move = (tile, by) => {
  const beside = (one) => (by < 0 ? one?.previousElementSibling : one?.nextElementSibling);
  let other = beside(tile);
  if (other?.matches(".rest")) other = beside(other);
  if (!other?.matches(".tile, [data-section]")) return;
  const filler = other.previousElementSibling;
  if (by < 0) (filler?.matches(".rest") ? filler : other).before(tile);
  else other.after(tile);
  tile.querySelector("a").focus();
  tile.scrollIntoView({ block: "nearest" });
  tell(tile);
};

document.addEventListener("keydown", (event) => {
  const tile = event.target.closest?.(".pins > .tile"), by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!tile || !by || !event.altKey || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  move(tile, by);
});

document.addEventListener("keydown", (event) => {
  const tile = event.target.closest?.(".pins > .tile");
  if (!tile || event.key !== "s" || isTyping(event)) return;
  event.preventDefault();
  tile.querySelector(".check").click();
});

const ready = new WeakSet();
const arrange = async () => {
  const wall = grid();
  if (!wall || ready.has(wall)) return;
  ready.add(wall);
  await import("../vendor/sortable-1.15.7.min.js");
  window.Sortable.create(wall, {
    draggable: ".tile", ghostClass: "drags", animation: 120, delay: 220, delayOnTouchOnly: true, touchStartThreshold: 6,
    filter: ".pick, .pinmore", preventOnFilter: false,
    setData: () => {}, // what is carried is set above
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex !== newIndex) tell(item);
    },
  });
};
document.addEventListener("htmx:afterSettle", arrange);
arrange();
