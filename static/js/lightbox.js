// Full window: arrows move through the pictures of the page, wheel, double click and pinch zoom, Esc closes.
import { tileOf } from "./history.js";
import { toast } from "./page.js";
import { menuOf } from "./tiles.js";
import { allTiles, near, rankOf, tileIn } from "./wall.js";

const FARTHEST = 12;
const QUIET_MS = 2000;
const box = document.getElementById("lightbox");
const img = box.querySelector("img");
const title = box.querySelector(".top p"), where = box.querySelector(".top span"), load = box.querySelector(".top a"), palette = box.querySelector(".pal");
const pointers = new Map();
let scale = 1, x = 0, y = 0;
let current = null, opener = null;
let sharper = [], coming = null; // addresses with more pixels than what is shown, and the one that is on its way
let moved = false, start = null, turn = 0, dozing = 0;

// How near it is

const place = () => {
  img.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  box.classList.toggle("zoomed", scale > 1);
};

const reset = () => {
  scale = 1;
  x = y = 0;
  place();
};

// As sharp as the screen can show it at this nearness: what is there stays until what has more pixels has arrived.
const sharpen = () => {
  if (coming || !sharper.length || !img.naturalWidth) return;
  const across = Math.min(innerWidth / img.naturalWidth, innerHeight / img.naturalHeight) * devicePixelRatio * scale;
  if (across <= 1) return;
  const next = (coming = new Image());
  next.src = sharper[0];
  sharper = sharper.slice(1);
  next.decode().then(() => {
    if (next !== coming) return;
    coming = null;
    img.src = next.src;
  }, () => {
    if (next === coming) coming = null; // it cannot be made now; what is shown will do
  });
};

const zoom = (factor, cx, cy) => {
  const next = Math.min(FARTHEST, Math.max(1, scale * factor));
  x = cx - ((cx - x) * next) / scale;
  y = cy - ((cy - y) * next) / scale;
  scale = next;
  if (scale === 1) x = y = 0;
  place();
  sharpen();
};

// What is shown

const ofTile = async (tile) => {
  const { large, sharper: more, download } = (await menuOf(tile)).dataset, style = getComputedStyle(tile);
  return {
    tile,
    title: tile.querySelector(".cap").textContent,
    small: tile.querySelector("img").currentSrc,
    large,
    sharper: more,
    download,
    colors: ["a", "b", "c", "d", "e"].map((name) => style.getPropertyValue(`--${name}`).trim()).filter(Boolean),
  };
};

const ofSheet = ({ dataset }, small) => ({
  tile: tileOf(dataset.page),
  title: dataset.title,
  small,
  large: dataset.large,
  sharper: dataset.sharper,
  download: dataset.download,
  colors: dataset.colors.split(" ").filter(Boolean),
});

// The place of a picture that has not come is passed over.
const beside = (step) => {
  near(current);
  const way = step > 0 ? "nextElementSibling" : "previousElementSibling";
  let next = current?.[way];
  while (next?.matches(".tile.absent")) next = next[way];
  return next?.matches(".tile") ? next : null;
};

const vivid = (colour) => {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return Math.max(...parts) - Math.min(...parts);
};

const paint = (colors) => {
  palette.replaceChildren(
    ...colors.map((colour) => {
      const stripe = document.createElement("i");
      stripe.style.setProperty("--s", colour);
      return stripe;
    }),
  );
  const [accent] = [...colors].sort((one, two) => vivid(two) - vivid(one));
  if (accent) box.style.setProperty("--accent", accent);
};

// Of how many: those of the page, if no more follow below, else the number above the wall once it has come.
const totalOf = (tiles) => {
  if (!document.querySelector(":is(.grid, #lines) > :is(.next, .earlier)")) return tiles.length;
  const [known] = document.getElementById("many").textContent.trim().split(" ");
  return known || `${tiles.length}+`;
};

// Where it stands among them.
const tell = () => {
  const tiles = allTiles().map(tileIn).filter((tile) => !tile.matches(".absent"));
  const at = rankOf(current) ?? (document.querySelector(":is(.grid, #lines) > .earlier") ? -1 : tiles.indexOf(current));
  const isLiked = current?.querySelector('.like[aria-pressed="true"]');
  where.textContent = at < 0 ? "" : `${isLiked ? "Liked, " : ""}${at + 1} / ${totalOf(tiles)}`;
};

// The bar, the arrows and the palette leave when no hand has moved for a while.
const wake = () => {
  box.classList.remove("quiet");
  clearTimeout(dozing);
  dozing = setTimeout(() => box.classList.add("quiet"), QUIET_MS);
};

const show = (picture) => {
  reset();
  wake();
  current = picture.tile ?? null;
  sharper = picture.sharper.split(" ").filter(Boolean);
  coming = null;
  img.removeAttribute("src");
  img.style.backgroundImage = picture.small ? `url("${picture.small}")` : "";
  img.src = picture.large;
  img.alt = title.textContent = picture.title;
  load.href = picture.download;
  paint(picture.colors);
  tell();
  for (const [side, step] of [[".prev", -1], [".nxt", 1]]) box.querySelector(side).hidden = !beside(step);
  if (!box.open) box.showModal();
  for (const step of [1, -1]) {
    const next = beside(step);
    if (next) menuOf(next).then((menu) => { if (menu) new Image().src = menu.dataset.large; }, () => {});
  }
};

// The addresses of a picture come with the menu of its tile; of several that were asked for the last is shown.
const showTile = async (tile) => {
  const mine = ++turn;
  try {
    const picture = await ofTile(tile);
    if (mine === turn) show(picture);
  } catch {
    toast("This picture could not be loaded. Try again.", { error: true });
  }
};

const step = (by) => {
  const next = beside(by);
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  showTile(next);
};

export const look = (tile) => {
  opener = tile.querySelector("a");
  return showTile(tile);
};

document.addEventListener("click", (event) => {
  const onTile = event.target.closest("[data-zoom-tile]"), link = event.target.closest("[data-zoom]");
  if (!onTile && !link) return;
  event.preventDefault();
  if (onTile) {
    look(onTile.closest(".tile"));
    return;
  }
  opener = link;
  const sheet = link.closest(".sheet") ?? link.closest(".imagepage")?.querySelector(".sheet");
  const shot = link.querySelector("img");
  if (sheet) show(ofSheet(sheet, shot.currentSrc));
  else show({ title: shot.alt, large: link.href, sharper: link.dataset.sharper ?? "", download: link.href, colors: [] });
});

box.addEventListener("close", () => {
  if (box.open) return; // it only came to lie on top again
  turn++;
  sharper = [];
  coming = null;
  clearTimeout(dozing);
  if (document.fullscreenElement) document.exitFullscreen();
  img.removeAttribute("src");
  const isLink = opener?.matches("[data-zoom]") && opener.isConnected;
  (isLink ? opener : (current?.querySelector("a") ?? opener))?.focus();
});

// By hand

box.querySelector(".prev").addEventListener("click", () => step(-1));
box.querySelector(".nxt").addEventListener("click", () => step(1));
box.querySelector("[data-close]").addEventListener("click", () => box.close());
box.addEventListener("click", (event) => {
  if (event.target === box && !moved) box.close();
});

for (const move of ["pointermove", "pointerdown", "keydown"]) box.addEventListener(move, wake);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (box.open && detail.requestConfig.elt.matches(".like")) tell();
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (box.open && target.id === "many") tell();
});

// What fills the screen last lies on top, so the window opens again after it.
const fillScreen = async () => {
  if (document.fullscreenElement) {
    document.exitFullscreen();
    return;
  }
  await document.documentElement.requestFullscreen().catch(() => {}); // some browsers have none
  if (!box.open) return;
  box.close();
  box.showModal();
};

// All that is known of the picture: its sheet, which may lie below already.
const tellAll = () => {
  const page = current?.querySelector("a");
  box.close();
  if (page && document.querySelector("#drawer .sheet")?.dataset.page !== page.getAttribute("href")) page.click();
};

box.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const middle = [innerWidth / 2, innerHeight / 2];
  if (event.key === "ArrowRight") step(1);
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "+" || event.key === "=") zoom(1.4, ...middle);
  else if (event.key === "-") zoom(1 / 1.4, ...middle);
  else if (event.key === "0") reset();
  else if (event.key === "l") current?.querySelector(".like")?.click();
  else if (event.key === "i") tellAll();
  else if (event.key === "f") fillScreen();
  else return;
  event.preventDefault();
});

box.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.18 : 1 / 1.18, event.clientX, event.clientY);
}, { passive: false });

// One click zooms in or out; the second of a double click changes nothing any more.
img.addEventListener("click", (event) => {
  if (moved || event.detail > 1) return;
  if (scale > 1) reset();
  else zoom(2.5, event.clientX, event.clientY);
});

img.addEventListener("load", sharpen);
addEventListener("resize", sharpen);

img.addEventListener("pointerdown", (event) => {
  pointers.set(event.pointerId, event);
  img.setPointerCapture(event.pointerId);
  moved = false;
  start = event;
});

img.addEventListener("pointermove", (event) => {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  if (pointers.size === 2) {
    const other = [...pointers.values()].find((pointer) => pointer.pointerId !== event.pointerId);
    const far = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const middle = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
    zoom(far(event) / Math.max(1, far(last)), ...middle);
  } else if (scale > 1) {
    x += event.clientX - last.clientX;
    y += event.clientY - last.clientY;
    place();
  }
  if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 6) moved = true;
  pointers.set(event.pointerId, event);
});

for (const end of ["pointerup", "pointercancel"]) {
  img.addEventListener(end, (event) => {
    const far = event.clientX - (start?.clientX ?? 0);
    const isSwipe = end === "pointerup" && event.pointerType === "touch" && scale === 1 && pointers.size === 1;
    if (isSwipe && Math.abs(far) > 60) step(far < 0 ? 1 : -1);
    pointers.delete(event.pointerId);
  });
}
