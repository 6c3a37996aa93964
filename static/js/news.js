// The mark of what is new moves when somebody has looked: when the oldest of the new pictures has stood in sight for three seconds.
import { htmx } from "./htmx.js";

const LOOK_MS = 3000;
let timer;

const watch = new IntersectionObserver((entries) => {
  clearTimeout(timer);
  if (!entries.at(-1).isIntersecting) return;
  timer = setTimeout(() => {
    watch.disconnect();
    const asks = document.querySelector("#news [hx-post]");
    if (asks && document.visibilityState === "visible") htmx.trigger(asks, asks.localName === "button" ? "click" : "seen");
  }, LOOK_MS);
}, { threshold: 0.5 });

// The tile may come with a later page of the wall, and the number with its own answer.
document.addEventListener("htmx:afterSettle", () => {
  const page = document.getElementById("news")?.dataset.oldest;
  const tile = page && document.querySelector(`.tile > a[href="${CSS.escape(page)}"]`)?.parentElement;
  if (tile) watch.observe(tile);
});
