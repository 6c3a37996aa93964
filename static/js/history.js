// Back and forward without loading the page: results return as the very nodes they were, at the same pixel, and the
// drawer opens, closes and gives the focus back. htmx asks for every fragment and writes every address.
import { htmx } from "./htmx.js";

const KEPT = 12; // so many results are kept whole
const PARTS = ["results", "filters", "search-filters"]; // what changes with a filter
const kept = new Map();
const box = document.getElementById("drawer");
const search = document.querySelector("[data-search]");
const narrow = matchMedia("(max-width: 900px)");
const part = (id) => document.getElementById(id);
const address = () => location.pathname + location.search;
const isGallery = () => location.pathname === new URL(search.action).pathname;

let shown = part("results") ? address() : null; // the address of the results on this page
let state = history.state ?? {}; // of the present entry: `under`, the results that lie under a picture
let opener = null; // where the focus returns to

// The drawer

export const isOpen = () => Boolean(box?.classList.contains("open"));
export const tileOf = (page) => document.querySelector(`.tile > a[href="${CSS.escape(page)}"]`)?.parentElement;
const tileShown = () => tileOf(box.querySelector("[data-page]")?.dataset.page ?? "");

// What lies under it is out of reach for the keyboard too; toasts and dialogs stay above.
const cover = () => {
  const covers = isOpen() && narrow.matches;
  for (const other of document.body.children) {
    if (other !== box && !other.matches(".toasts, dialog")) other.inert = covers;
  }
  if (covers) box.setAttribute("role", "dialog");
  else box.removeAttribute("role");
};

const opened = () => {
  box.classList.add("open");
  box.scrollTop = 0;
  cover();
  box.focus({ preventScroll: true });
};

export const closeDrawer = ({ back = true } = {}) => {
  if (!isOpen()) return;
  const tile = tileShown(), typing = document.activeElement === search.elements.q;
  box.classList.remove("open");
  box.replaceChildren();
  cover();
  if (back) history.back();
  if (typing) return;
  const home = opener?.isConnected ? opener : (tile?.querySelector("a") ?? part("main"));
  home.focus({ preventScroll: true });
};

const read = (path, target, swap) => htmx.ajax("GET", path, { source: target, target, swap });

// Results that leave are kept whole; an empty double takes the place of each part for htmx to replace.
const setAside = () => {
  const parts = PARTS.map(part).filter(Boolean);
  kept.delete(shown);
  kept.set(shown, { parts, scroll: scrollY });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  for (const old of parts) old.replaceWith(old.cloneNode(false));
};

// The search field says what is searched, unless somebody is typing there.
const arrived = (path) => {
  shown = path;
  const { q } = search.elements;
  if (document.activeElement !== q) q.value = new URL(path, location).searchParams.get("q") ?? "";
  if (document.activeElement === document.body) part("main").focus({ preventScroll: true });
  part("rail").classList.remove("open");
};

const bring = async (path) => {
  const saved = kept.get(path);
  if (!saved) {
    await read(path, part("results"), "outerHTML");
    return;
  }
  setAside();
  for (const old of saved.parts) part(old.id)?.replaceWith(old);
  scrollTo(0, saved.scroll);
  arrived(path);
};

// What htmx asks

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { elt } = detail;
  if (elt === search) {
    for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
  } else if (elt.matches("[data-step]")) {
    // To the neighbour in the grid; beyond its end to the one that the link names.
    const here = tileShown();
    const beside = elt.dataset.step > 0 ? here?.nextElementSibling : here?.previousElementSibling;
    if (!beside?.matches(".tile")) return;
    opener = beside.querySelector("a");
    detail.path = opener.getAttribute("href");
  } else if (elt.matches(".tile > a")) opener = elt;
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "results" || !detail.shouldSwap) return;
  setAside();
  detail.target = part("results");
});

// One entry for a search while it is typed, and one for the drawer however many pictures it shows.
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  history.replaceState(state, ""); // htmx wrote over the entry that is being left
  const goesOnTyping = detail.requestConfig.elt === search && new URLSearchParams(location.search).has("q");
  const goesOnLooking = detail.target === box && isOpen() && !isGallery();
  if (goesOnTyping || goesOnLooking) detail.history.type = "replace";
  if (detail.target !== box) closeDrawer({ back: false }); // its entry stays behind this one
});

for (const written of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
  document.addEventListener(written, () => {
    state = { under: shown };
    history.replaceState(state, "");
  });
}

document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.xhr.status !== 200) return;
  if (detail.target === box && detail.requestConfig.verb === "get") opened();
  else if (detail.target.id === "results") arrived(detail.pathInfo.responsePath ?? detail.pathInfo.finalRequestPath);
});

// A picture that was deleted from the drawer: its tile goes too.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || !detail.elt.matches("[data-removes]")) return;
  const tile = tileShown();
  opener = tile?.nextElementSibling?.querySelector("a") ?? null;
  tile?.remove();
  closeDrawer();
});

// After an undo: whatever of this page may have changed is read again, and nothing else moves.
document.addEventListener("pindeck:changed", async () => {
  if (isOpen()) await read(address(), box, "innerHTML");
  if (part("results")) await read(shown, part("results"), "outerHTML");
  else if (document.querySelector(".imagepage")) location.reload();
});

if (box) {
  narrow.addEventListener("change", cover);

  document.addEventListener("click", (event) => {
    if (!isOpen() || !event.target.closest("[data-close-drawer]")) return;
    event.preventDefault();
    closeDrawer();
  });

  addEventListener("popstate", async (event) => {
    event.stopImmediatePropagation(); // htmx would ask for the whole page
    if (!part("results")) return location.reload();
    state = event.state ?? {};
    if (isGallery()) closeDrawer({ back: false });
    const under = isGallery() ? address() : state.under;
    if (under && under !== shown) await bring(under);
    return isGallery() ? undefined : read(address(), box, "innerHTML");
  }, true);
}
