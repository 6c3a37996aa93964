// The quiet wall: the pictures of this page one after another over the whole screen, by themselves or by a key, with nothing
// around them. L likes, B puts the picture on a board.
import { chooseBoard } from "./boards.js";
import { htmx } from "./htmx.js";
import { isTyping } from "./keyboard.js";
import { icon, toast } from "./page.js";
import { idOf, menuOf } from "./tiles.js";
import { allTiles, firstSeen, near, tileIn, wallNow } from "./wall.js";

const EACH_MS = 6000, AWAKE_MS = 2000, FAR_PX = 48, AHEAD = 2;
const OTHERS = "main .grid .tile[data-id], #cells .tile";

let box = null, current = null, opener = null;
let runs = true, timer = 0, dozing = 0, turn = 0, filled = false, lock = null;
const pictures = new WeakMap(); // by tile: what is shown of it, on its way or there
const hosts = new WeakMap(); // by tile of the table: what its menu comes into

const tiles = () => (wallNow() ? allTiles().map(tileIn) : [...document.querySelectorAll(OTHERS)]).filter((tile) => idOf(tile) && !tile.dataset.absent);
export const hasWall = () => tiles().length > 0;

const menu = (tile) => {
  if (tile.dataset.id) return menuOf(tile);
  if (!hosts.has(tile)) {
    const host = Object.assign(document.createElement("div"), { hidden: true });
    host.dataset.id = idOf(tile);
    box.append(host);
    hosts.set(tile, host);
  }
  return menuOf(hosts.get(tile));
};

// Pictures

// As many pixels as the screen shows of it; where those cannot be made now, the large size will do.
const fetched = async (tile) => {
  const { large, sharper } = (await menu(tile)).dataset;
  const steps = [large, ...sharper.split(" ").filter(Boolean)];
  let best = null;
  for (const address of steps) {
    const img = Object.assign(new Image(), { src: address, alt: nameOf(tile), draggable: false });
    try {
      await img.decode();
    } catch {
      break;
    }
    best = img;
    if (Math.min(innerWidth / img.naturalWidth, innerHeight / img.naturalHeight) * devicePixelRatio <= 1) break;
  }
  if (!best) throw new Error("no picture");
  return best;
};

const pictureOf = (tile) => {
  if (!pictures.has(tile)) {
    const coming = fetched(tile);
    coming.catch(() => pictures.delete(tile));
    pictures.set(tile, coming);
  }
  return pictures.get(tile);
};

const nameOf = (tile) => tile.querySelector(".cap")?.textContent.trim() ?? tile.querySelector("a")?.getAttribute("aria-label") ?? "";

const coloursOf = (tile) => {
  const style = getComputedStyle(tile);
  return ["a", "b", "c", "d", "e"].map((name) => style.getPropertyValue(`--${name}`).trim()).filter(Boolean);
};

const stripe = (colour) => {
  const part = document.createElement("i");
  part.style.setProperty("--s", colour);
  return part;
};

// Likes

const isLiked = async (tile) => {
  const heart = tile.querySelector(".like");
  return heart ? heart.getAttribute("aria-pressed") === "true" : (await menu(tile)).dataset.liked === "true";
};

const tell = async (tile) => {
  const liked = await isLiked(tile);
  if (tile !== current) return;
  const mark = box.querySelector('[data-quiet-act="like"]');
  mark.setAttribute("aria-pressed", liked);
  box.querySelector("[role=status]").textContent = `${nameOf(tile)}${liked ? ", liked" : ""}`;
};

const like = async () => {
  const tile = current, known = await menu(tile), heart = tile.querySelector(".like");
  if (!known.dataset.like) return;
  const liked = !(await isLiked(tile));
  known.dataset.liked = liked;
  if (heart) {
    heart.click();
    return;
  }
  if (![...document.querySelectorAll("[hx-post]")].some((each) => each.getAttribute("hx-post") === known.dataset.like)) {
    const place = Object.assign(document.createElement("div"), { hidden: true }); // the answer is a heart, and needs one to replace
    place.append(document.createElement("button"));
    place.firstChild.setAttribute("hx-post", known.dataset.like);
    box.append(place);
  }
  await htmx.ajax("POST", known.dataset.like, { source: box, target: box, swap: "none", values: { liked } });
  tell(tile);
};

// Steps

const later = () => {
  clearTimeout(timer);
  if (runs) timer = setTimeout(() => (document.querySelector("dialog[open]:not(#quiet)") ? later() : step(1)), EACH_MS);
};

const beside = (tile, by) => {
  if (wallNow()) near(tile);
  const all = tiles();
  return all[(all.indexOf(tile) + by + all.length) % all.length];
};

// What stands there stays until the next one is decoded; one that does not come is passed over, but not all of them for ever.
const show = async (tile, by = 1, tries = 3) => {
  const mine = ++turn;
  let img;
  try {
    img = await pictureOf(tile);
  } catch {
    if (mine !== turn) return;
    if (tries > 0 && tiles().length > 1) show(beside(tile, by), by, tries - 1);
    else {
      box.close();
      toast("These pictures could not be loaded. Try again.", { error: true });
    }
    return;
  }
  if (mine !== turn || !box.open) return;
  current = tile;
  const before = box.querySelectorAll("img");
  if (before.length !== 1 || before[0] !== img) {
    img.className = "comes";
    box.prepend(img);
    img.getBoundingClientRect(); // it begins unseen
    img.className = "";
    for (const old of before) {
      if (old === img) continue;
      old.className = "goes";
      setTimeout(() => old.className === "goes" && old.remove(), 200);
    }
  }
  box.querySelector(".pal").replaceChildren(...coloursOf(tile).map(stripe));
  tile.scrollIntoView({ block: "nearest" }); // so that those that follow are fetched
  tell(tile).catch(() => {});
  later();
  for (let more = 1, next = tile; more <= AHEAD; more += 1) {
    next = beside(next, by);
    pictureOf(next).catch(() => {});
  }
};

const step = (by) => show(beside(current, by), by);

const setRuns = (wanted) => {
  runs = wanted;
  box.querySelector('[data-quiet-act="run"]').setAttribute("aria-pressed", runs);
  later();
};

// The screen

const wake = () => {
  box.classList.remove("quiet");
  clearTimeout(dozing);
  dozing = setTimeout(() => box.classList.add("quiet"), AWAKE_MS);
};

const acts = {
  like: () => like().catch(() => {}),
  board: () => chooseBoard(idOf(current)),
  run: () => setRuns(!runs),
  leave: () => box.close(),
};
const KEYS = {
  ArrowRight: () => step(1), ArrowDown: () => step(1), PageDown: () => step(1),
  ArrowLeft: () => step(-1), ArrowUp: () => step(-1), PageUp: () => step(-1),
  " ": acts.run, l: acts.like, b: acts.board, f: acts.leave, Escape: acts.leave,
};

const press = (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || (event.key === " " && event.target.closest("button"))) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
};

const touched = () => {
  let start = null;
  box.addEventListener("pointerdown", (event) => { start = event.isPrimary && event.button === 0 ? event : null; });
  box.addEventListener("pointerup", (event) => {
    if (!start || event.target.closest("button")) return;
    const x = event.clientX - start.clientX;
    start = null;
    if (Math.abs(x) > FAR_PX) step(x < 0 ? 1 : -1);
    else step(event.clientX < innerWidth / 3 ? -1 : 1);
  });
};

const left = () => {
  turn += 1;
  clearTimeout(timer);
  clearTimeout(dozing);
  lock?.release();
  lock = null;
  if (document.fullscreenElement) document.exitFullscreen();
  for (const img of box.querySelectorAll("img")) img.remove();
  const link = current?.querySelector("a");
  (link?.isConnected ? link : opener)?.focus();
};

const BUTTONS = {
  like: `<button class="btn" type="button" data-quiet-act="like" aria-pressed="false">Like</button>`,
  board: `<button class="btn" type="button" data-quiet-act="board">${icon("pin")}Board</button>`,
  run: `<button class="btn" type="button" data-quiet-act="run" aria-pressed="true">By itself</button>`,
  leave: `<button class="btn btn-icon" type="button" data-quiet-act="leave" aria-label="Leave the quiet wall">${icon("x")}</button>`,
};

const make = () => {
  box = document.getElementById("quiet");
  const hand = Object.assign(document.createElement("div"), { className: "hand" });
  hand.innerHTML = box.dataset.acts.split(" ").map((name) => BUTTONS[name]).join("");
  box.innerHTML = '<p class="sr" role="status"></p><div class="pal" aria-hidden="true"></div>';
  box.append(hand);
  box.addEventListener("keydown", press);
  box.addEventListener("close", left);
  box.addEventListener("click", (event) => acts[event.target.closest("[data-quiet-act]")?.dataset.quietAct]?.());
  for (const move of ["pointermove", "pointerdown", "focusin"]) box.addEventListener(move, wake);
  document.addEventListener("fullscreenchange", () => {
    if (filled && !document.fullscreenElement && box.open) box.close(); // Esc is the browser's there
    filled = Boolean(document.fullscreenElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (box.open && current) tell(current).catch(() => {});
  });
  touched();
};

// What fills the screen last lies on top, so the wall opens after it.
const fillScreen = () => document.documentElement.requestFullscreen?.().catch(() => {}); // some browsers have none

export const quietWall = async () => {
  if (!box) make();
  const all = tiles(), focused = document.activeElement?.closest(".tile"), open = document.querySelector('.tile > a[aria-current="true"]')?.closest(".tile");
  const first = [focused, open, tileIn(firstSeen())].find((tile) => all.includes(tile)) ?? all[0];
  if (!first || box.open) return;
  opener = document.activeElement;
  current = first;
  await fillScreen();
  if (box.open) return;
  box.showModal();
  box.focus(); // a space is a key of its own here, and presses no button
  navigator.wakeLock?.request("screen").then((held) => { lock = held; }, () => {});
  setRuns(true);
  wake();
  show(first);
};

document.addEventListener("keydown", (event) => {
  if (event.key !== "f" || isTyping(event) || !hasWall()) return;
  event.preventDefault();
  quietWall();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-quiet-wall]")) quietWall();
});
