// Back and forward without loading the page: results return as the very nodes they were, at the same pixel, and the
// drawer opens, closes and gives the focus back. htmx asks for every fragment and writes every address.
import { htmx } from "./htmx.js";
import { here, standAt, without, withoutPlace } from "./place.js";
import { firstSeen, fitPlaces, near, onStand, wallNow } from "./wall.js";

const KEPT = 12; // so many results are kept whole
const PARTS = ["results", "filters", "facets", "search-filters"]; // what changes with a filter
const SIDEWAYS = ".filmrow, .tablebox"; // what leaves the page forgets how far it was scrolled to the side
const kept = new Map();
const box = document.getElementById("drawer");
const search = document.querySelector("[data-search]");
const narrow = matchMedia("(max-width: 900px)"), beside = matchMedia("(min-width: 1200px)");
const part = (id) => document.getElementById(id);
// The place on the wall goes along in its address, and is no other page.
const address = () => withoutPlace(location.pathname + location.search);
// The page whose results these are: the gallery, or the sheet of review.
const home = part("results") || !search ? location.pathname : new URL(search.action).pathname;
const isHome = () => location.pathname === home;

let shown = part("results") ? address() : null; // the address of the results on this page
let state = history.state ?? {}; // of the entry of a picture: `under`, the results below it; `from`, those it was opened from
let opener = null; // where the focus returns to
let asked = null; // the picture that is on its way: its page, its request, and presses that wait for it
let leaving = false; // the way back from a drawer that was closed has not arrived yet

// The drawer

export const isOpen = () => Boolean(box?.classList.contains("open"));
export const tileOf = (page) => document.querySelector(`.tile > a[href="${CSS.escape(page)}"]`)?.parentElement;
export const isAsked = () => Boolean(asked);
const tileShown = () => tileOf(asked?.page ?? box.querySelector("[data-page]")?.dataset.page ?? "");

// What lies under it is out of reach for the keyboard too; toasts and dialogs stay above.
const cover = () => {
  const covers = isOpen() && narrow.matches;
  for (const other of document.body.children) {
    if (other !== box && !other.matches(".toasts, dialog")) other.inert = covers;
  }
  if (covers) box.setAttribute("role", "dialog");
  else box.removeAttribute("role");
};

const mark = (tile) => {
  for (const old of document.querySelectorAll(".tile > a[aria-current]")) old.removeAttribute("aria-current");
  tile?.querySelector("a").setAttribute("aria-current", "true");
};

// Where the drawer has a column of its own, the rows of the wall break anew: the picture stays where the eye is.
const reflow = (tile, change) => {
  if (!beside.matches) return change();
  const held = tile ?? firstSeen(), top = held?.getBoundingClientRect().top;
  change();
  fitPlaces();
  if (held) scrollBy({ top: held.getBoundingClientRect().top - top, behavior: "instant" });
  return undefined;
};

const opened = () => {
  const tile = tileShown(), isFirst = !isOpen();
  mark(tile);
  if (isFirst) reflow(tile, () => box.classList.add("open"));
  if (!isFirst || beside.matches) tile?.scrollIntoView({ block: "nearest" }); // somebody steps, and the wall follows
  box.scrollTop = 0;
  cover();
  box.focus({ preventScroll: true });
};

export const closeDrawer = ({ back = true } = {}) => {
  asked?.xhr.abort();
  if (!isOpen()) return;
  const tile = tileShown(), typing = document.activeElement === search.elements.q;
  reflow(tile, () => box.classList.remove("open"));
  mark(null);
  box.replaceChildren();
  cover();
  if (back && state.under !== state.from) history.replaceState({ under: state.under }, "", state.under);
  else if (back) {
    leaving = true;
    history.back();
  }
  if (typing) return;
  const home = opener?.isConnected ? opener : (tile?.querySelector("a") ?? part("main"));
  home.focus({ preventScroll: true });
};

// The picture beside the one that was asked for last; beyond the last tile to the one that the sheet names.
const tileBeside = (by) => {
  const tile = tileShown();
  near(tile);
  const beside = by > 0 ? tile?.nextElementSibling : tile?.previousElementSibling;
  return beside?.matches(".tile") ? beside : null;
};

export const step = (by) => {
  const tile = tileBeside(by);
  if (tile) tile.querySelector("a").click();
  else if (asked) asked.presses += by;
  else box.querySelector(`[data-step="${by}"]`)?.click();
};

// An answer that does not come is told as a toast, and one that a newer press took the place of is no news.
const read = (path, target, swap) => htmx.ajax("GET", path, { source: target, target, swap }).catch(() => {});

// How many there are is read anew; what was asked about other results does not arrive here.
const count = () => {
  const many = part("many");
  if (many) htmx.trigger(many, "again");
};

// Results that leave are kept whole; an empty double takes the place of each part for htmx to replace.
const setAside = () => {
  const parts = PARTS.map(part).filter(Boolean);
  const aside = [...document.querySelectorAll(SIDEWAYS)].map((box) => [box, box.scrollLeft]);
  kept.delete(shown);
  const seen = firstSeen();
  kept.set(shown, { parts, aside, scroll: scrollY, width: part("main").clientWidth, seen, top: seen?.getBoundingClientRect().top });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  for (const old of parts) old.replaceWith(old.cloneNode(false));
};

// The search field says what is searched, unless somebody is typing there.
const arrived = (path) => {
  shown = withoutPlace(path);
  if (isOpen()) {
    state = { ...state, under: path };
    history.replaceState(state, "");
  }
  const { q } = search.elements;
  if (document.activeElement !== q) q.value = new URL(path, location).searchParams.get("q") ?? "";
  if (document.activeElement === document.body) part("main").focus({ preventScroll: true });
  part("rail").classList.remove("open");
};

const bring = async (path) => {
  const saved = kept.get(path);
  if (!saved || part("results").matches(".review, .board")) { // what waited when it was left may be decided by now
    await read(isHome() ? location.pathname + location.search : path, part("results"), "outerHTML");
    if (isHome() && state.stand) standAt(state.stand);
    return;
  }
  htmx.trigger(part("main"), "htmx:abort"); // numbers on their way belong to the results that leave
  setAside();
  for (const old of saved.parts) part(old.id)?.replaceWith(old);
  for (const [box, left] of saved.aside) box.scrollTo({ left, behavior: "instant" });
  const stand = () => {
    scrollTo(0, saved.scroll);
    if (!saved.seen?.isConnected || saved.width === part("main").clientWidth) return;
    scrollBy({ top: saved.seen.getBoundingClientRect().top - saved.top, behavior: "instant" });
  };
  stand();
  requestAnimationFrame(stand); // the browser knows another place, from before the drawer opened
  if (!part("filters")?.querySelector(".count")) count(); // they left before their numbers came
  arrived(path);
};

// The address says where on the wall somebody stands, so that it can be sent and opened again.
const follow = () => {
  const place = isHome() && shown === address() ? here(shown) : null;
  if (!place) return;
  state = { ...state, stand: place.stand };
  history.replaceState(state, "", place.path);
};
// What htmx asks

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { elt } = detail;
  if (elt === search) {
    for (const [name, value] of [...detail.formData]) if (!value) detail.formData.delete(name);
  } else if (elt.matches(".tile > a")) opener = elt;
});

// A colour or a word that leads from the sheet of review to the gallery is a page of its own.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { target, requestConfig, pathInfo } = event.detail;
  if (target.id !== "results" || requestConfig.verb !== "get") return;
  if (new URL(pathInfo.finalRequestPath, location).pathname === home) return;
  event.preventDefault();
  location.assign(pathInfo.finalRequestPath);
});

// One picture is on its way at a time: a newer press takes the place of an older one, so no slow answer overtakes.
document.addEventListener("htmx:beforeSend", ({ detail: { target, requestConfig, pathInfo, xhr } }) => {
  if (target !== box || requestConfig.verb !== "get") return;
  asked?.xhr.abort();
  asked = { page: pathInfo.requestPath, xhr, presses: 0 };
});

document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  if (!asked || xhr !== asked.xhr) return;
  const { presses } = asked;
  asked = null;
  if (xhr.status !== 200 || !presses) return;
  step(Math.sign(presses));
  if (asked) asked.presses = presses - Math.sign(presses);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "results" || !detail.shouldSwap || detail.xhr.getResponseHeader("HX-Reswap") === "none") return;
  setAside();
  detail.target = part("results");
});

// One entry for a search while it is typed, and one for the drawer however many pictures it shows.
document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  follow();
  history.replaceState(state, ""); // htmx wrote over the entry that is being left
  if (detail.requestConfig.elt === search && isOpen()) { // the picture stays beside what is found
    Object.assign(detail.history, { type: "replace", path: address() });
    return;
  }
  const goesOnTyping = detail.requestConfig.elt === search && new URLSearchParams(location.search).has("q");
  const goesOnLooking = detail.target === box && isOpen() && !isHome();
  if (goesOnTyping || goesOnLooking) detail.history.type = "replace";
  if (detail.target !== box) closeDrawer({ back: false }); // its entry stays behind this one
});

for (const written of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"]) {
  document.addEventListener(written, () => {
    state = { under: shown, from: written.includes("pushed") ? shown : (state.from ?? shown) };
    history.replaceState(state, "");
  });
}

document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.xhr.status !== 200) return;
  if (detail.target === box && detail.requestConfig.verb === "get") opened();
  else if (detail.target.id === "results" && detail.requestConfig.verb === "get") arrived(without(detail.pathInfo.responsePath ?? detail.pathInfo.finalRequestPath, "many"));
});

// A picture that was deleted from the drawer: its tile goes, and the next one is shown.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const page = detail.requestConfig.elt.dataset?.removes;
  if (!page || detail.xhr.status !== 200) return; // an error that is shown counts as success with htmx
  const tile = tileOf(page), isShown = tileShown() === tile;
  const next = tileBeside(1) ?? tileBeside(-1), beyond = box.querySelector('[data-step="1"]');
  tile?.remove();
  count();
  if (!isShown) return; // somebody went on already
  opener = next?.querySelector("a") ?? null;
  if (opener) opener.click();
  else if (beyond) beyond.click();
  else closeDrawer();
});

// A sheet that was scrolled comes back as long as it was.
const asManyAgain = () => {
  const place = wallNow() && here(shown);
  if (place) return place.path;
  const many = document.querySelectorAll(".review .tile.waits").length;
  return many ? `${shown}${shown.includes("?") ? "&" : "?"}many=${many}` : shown;
};

// After an undo: whatever of this page may have changed is read again, and nothing else moves.
document.addEventListener("pindeck:changed", async () => {
  if (isOpen()) await read(address(), box, "innerHTML");
  const place = wallNow() && here(shown);
  if (part("results")) await read(asManyAgain(), part("results"), "outerHTML");
  if (place) standAt(place.stand);
  else if (document.querySelector(".imagepage")) location.reload();
});

onStand(follow);
if (wallNow()) {
  history.scrollRestoration = "manual"; // a wall that comes back is as long as one page, so it is put there by its picture
  if (state.stand) standAt(state.stand);
}
addEventListener("pagehide", () => wallNow() && follow());

if (box) {
  narrow.addEventListener("change", cover);

  box.addEventListener("click", (event) => {
    const by = Number(event.target.closest("[data-step]")?.dataset.step);
    const asksForMore = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!by || asksForMore || !(asked || tileBeside(by))) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  }, true);

  // A word leads to its results as a link of the rail does; inside a field's form it would inherit what the form says.
  box.addEventListener("click", (event) => {
    const word = event.target.closest(".fields a[href], .facts a[href]");
    if (!word || !part("results") || word.pathname !== home) return;
    event.preventDefault();
    const where = { source: part("filters"), target: "#results", swap: "outerHTML show:window:top" };
    htmx.ajax("GET", word.getAttribute("href"), where).catch(() => {});
  });

  document.addEventListener("click", (event) => {
    if (!isOpen() || !event.target.closest("[data-close-drawer]")) return;
    event.preventDefault();
    closeDrawer();
  });

  addEventListener("popstate", async (event) => {
    event.stopImmediatePropagation(); // htmx would ask for the whole page
    if (!part("results")) return location.reload();
    const goesOn = leaving && asked; // a picture that was pressed since the drawer was closed opens
    leaving = false;
    if (!goesOn) asked?.xhr.abort();
    state = event.state ?? {};
    if (isHome()) {
      if (!goesOn) closeDrawer({ back: false });
    } else if (beside.matches) box.classList.add("open"); // the wall comes back as it was, which is beside the drawer
    const under = isHome() ? address() : state.under;
    if (under && under !== shown) await bring(under);
    if (isHome()) {
      const { stand } = state;
      if (stand && wallNow()) requestAnimationFrame(() => standAt(stand)); // the browser knows another place, from before the drawer opened
      return undefined;
    }
    await read(address(), box, "innerHTML");
    if (!asked && !box.querySelector(".sheet")) closeDrawer({ back: false }); // it did not come
    return undefined;
  }, true);
}
