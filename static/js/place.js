// Where somebody stands on the wall, as an address that opens there and a picture that stood at some pixel.
import { firstSeen, placeOf, tileWith, wallNow } from "./wall.js";

const GIVES_UP_MS = 4000; // how long a page may take to become as long as it was

/** The address without one of the words of its query; the rest stays as it is spelt. */
export const without = (path, word) => {
  const [bare, query = ""] = path.split("?");
  const rest = query.split("&").filter((part) => part && !part.startsWith(`${word}=`));
  return rest.length ? `${bare}?${rest.join("&")}` : bare;
};
export const withoutPlace = (path) => without(path, "after");

export const withPlace = (path, after) => {
  const bare = withoutPlace(path);
  return after ? `${bare}${bare.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}` : bare;
};

/** For results of this address: the address of the place in sight, and what stands where. Null where there is no wall. */
export const here = (path) => {
  const seen = wallNow() && firstSeen(), link = seen?.querySelector("a");
  if (!link) return null;
  const stand = { page: link.getAttribute("href"), top: seen.getBoundingClientRect().top };
  return { path: withPlace(path, placeOf(seen)?.after), stand };
};

/** The picture stands at that pixel again, as soon as the wall is long enough; a hand that moves it ends that. */
export const standAt = ({ page, top }) => {
  const hands = ["wheel", "touchstart", "pointerdown", "keydown"], given = performance.now();
  const wall = wallNow();
  if (!wall) return;
  const put = () => {
    const tile = tileWith(wall, page);
    const off = tile ? tile.getBoundingClientRect().top - top : 0;
    scrollBy({ top: off, behavior: "instant" });
    const isThere = tile && Math.abs(tile.getBoundingClientRect().top - top) < 1;
    if ((isThere || !tile) && !wall.querySelector(":scope > .next.htmx-request")) end();
    if (performance.now() - given > GIVES_UP_MS) end();
  };
  const end = () => {
    watch.disconnect();
    for (const hand of hands) removeEventListener(hand, end, true);
  };
  const watch = new ResizeObserver(put);
  watch.observe(wall);
  for (const hand of hands) addEventListener(hand, end, { capture: true, passive: true });
  put();
};
