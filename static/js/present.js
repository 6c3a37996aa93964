// Presenting: one slide over the whole window, moved by keys, a clicker, touch or the other window; what comes next is loaded and
// decoded before it is asked for.
import { htmx } from "./htmx.js";

const QUIET_MS = 2000, FAR_PX = 48; // how long a hand rests before the buttons leave; how far a finger goes for a swipe
const AHEAD = 2, BEHIND = 1, SOON = 20; // slides that are kept ready, and how near the end more of them are asked for
const { body } = document;
const list = document.getElementById("slides"), veil = document.getElementById("veil"), sheet = document.getElementById("keys");
const isSpeaker = body.classList.contains("speaks");
const count = Number(body.dataset.count);
const button = (act) => document.querySelector(`[data-act="${act}"]`);
const slideOf = (number) => document.getElementById(String(number));
const last = () => list.querySelectorAll(".slide").length;

let stage = null; // the plane of a canvas, where the slides are places on one

// Pictures

// What has as many pixels as the screen shows of it: what is there stays until that is decoded.
const sharperOf = (img) => {
  const { width, height } = stage?.acrossOf(img) ?? img.parentElement.getBoundingClientRect();
  const ratio = img.naturalWidth / img.naturalHeight;
  const across = (img.matches(".cut") ? Math.max(width, height * ratio) : Math.min(width, height * ratio)) * devicePixelRatio;
  const steps = (img.dataset.sharper ?? "").split(" ").filter(Boolean);
  let best = null, pixels = img.naturalWidth;
  for (let at = 0; at < steps.length && pixels < across; at += 2) {
    pixels = Number(steps[at]);
    best = steps[at + 1];
  }
  return best;
};

const large = async (img) => {
  img.loading = "eager";
  await img.decode().catch(() => {}); // a picture that does not come leaves its words
};

const sharp = async (img) => {
  const address = img.naturalWidth ? sharperOf(img) : null;
  if (!address || img.getAttribute("src") === address || img.dataset.failed === address) return;
  const next = new Image();
  next.src = address;
  try {
    await next.decode();
    img.src = address;
    await img.decode();
  } catch {
    img.dataset.failed = address; // it cannot be made now; what is shown will do
  }
};

let turn = 0;
// Each of those that are near, the next one first; then each of them as sharp as the screen.
const load = async (numbers) => {
  const mine = ++turn;
  const pictures = numbers.flatMap((number) => [...(slideOf(number)?.querySelectorAll(".screen img, img[data-sharper]") ?? []), ...(stage?.picturesAt(number) ?? [])]);
  for (const step of [large, sharp]) {
    for (const img of pictures) {
      if (mine !== turn) return;
      await step(img);
    }
  }
  list.dataset.ready = at;
};

// Which slide, and what lies over it

let at = 0, over = ""; // the number of the slide; "black", "white" or "pause"
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`pindeck-present:${location.pathname}`) : null;
const tell = () => channel?.postMessage({ at, over });

let coming = null;
// The next slides, whether they have come.
const fetchMore = () => {
  const more = document.getElementById("more");
  if (!more || coming) return coming ?? false;
  const asked = htmx.ajax("GET", more.href, { source: more, target: more, swap: "outerHTML" });
  coming = asked.then(() => !more.isConnected, () => false).finally(() => { coming = null; });
  return coming;
};

const prompt = () => {
  const notes = document.getElementById("notes"), here = slideOf(at);
  if (notes) notes.textContent = here?.querySelector(".aside")?.textContent ?? "";
};

const place = (number) => {
  for (const old of list.querySelectorAll(".slide:is(.near, .on, .following)")) old.classList.remove("near", "on", "following");
  at = number;
  const ready = [at];
  for (let by = 1; by <= Math.max(AHEAD, BEHIND); by += 1) {
    if (by <= AHEAD) ready.push(at + by);
    if (by <= BEHIND) ready.push(at - by);
  }
  for (const near of ready.map(slideOf).filter(Boolean)) {
    near.classList.add("near");
    near.inert = near.id !== String(at); // no key gets to what is not seen
  }
  slideOf(at).classList.add("on");
  slideOf(at + 1)?.classList.add("following");
  stage?.lookAt(at);
  document.getElementById("at").textContent = at;
  button("back").disabled = at === 1;
  button("on").disabled = at >= last() && !document.getElementById("more");
  prompt();
  history.replaceState(history.state, "", `#${at}`);
  load(ready);
  if (last() - at < SOON) fetchMore();
};

const cover = (what) => {
  over = what;
  veil.hidden = !over;
  veil.dataset.is = over;
};

// A slide that has not come yet is waited for.
const goTo = async (number, { quietly = false } = {}) => {
  const wanted = Math.max(1, number);
  while (wanted > last() && (await fetchMore()));
  const there = Math.min(wanted, last());
  if (there !== at) place(there);
  if (!quietly) tell();
};

// A step uncovers what is covered, and nothing more.
const step = (by) => {
  if (!over) return goTo(at + by);
  cover("");
  return tell();
};

const toggle = (what) => {
  cover(over === what ? "" : what);
  tell();
};

channel?.addEventListener("message", ({ data }) => {
  if (data.asks) {
    if (!isSpeaker) tell();
    return;
  }
  cover(data.over);
  goTo(data.at, { quietly: true });
});

// The screen

let filled = isSpeaker; // whether it has been asked for: who has left it is not brought back
const fill = () => {
  filled = true;
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // some browsers have none
};
const fillOnce = () => {
  if (!filled && !document.fullscreenElement) fill();
};

let dozing = 0;
const wake = () => {
  body.classList.remove("quiet");
  clearTimeout(dozing);
  if (!isSpeaker) dozing = setTimeout(() => body.classList.add("quiet"), QUIET_MS);
};
for (const move of ["pointermove", "pointerdown", "focusin"]) document.addEventListener(move, wake);

// The clock

let began = Date.now(), stood = 0; // when the talk began, and since when it pauses
const two = (number) => String(number).padStart(2, "0");
const tick = () => {
  const now = new Date();
  if (over === "pause") stood ||= Date.now();
  else if (stood) {
    began += Date.now() - stood;
    stood = 0;
  }
  const s = Math.floor(((stood || Date.now()) - began) / 1000), hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  document.getElementById("clock").textContent = `${two(now.getHours())}:${two(now.getMinutes())}`;
  document.getElementById("elapsed").textContent = `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(s % 60)}`;
};
const restart = () => {
  began = Date.now();
  stood = 0;
  tick();
};

// By hand

// Where there is nothing to leave to, what lies over the slide goes.
const leave = () => {
  if (button("leave")) return button("leave").click();
  cover("");
  return tell();
};
const acts = {
  back: () => step(-1),
  on: () => step(1),
  fill,
  restart,
  keys: () => sheet.showModal(),
};
const KEYS = {
  ArrowRight: acts.on, ArrowDown: acts.on, PageDown: acts.on, Enter: acts.on, " ": acts.on,
  ArrowLeft: acts.back, ArrowUp: acts.back, PageUp: acts.back, Backspace: acts.back,
  Home: () => goTo(1), End: () => goTo(count),
  b: () => toggle("black"), ".": () => toggle("black"), w: () => toggle("white"), ",": () => toggle("white"),
  p: () => toggle("pause"), Pause: () => toggle("pause"),
  f: fill, s: () => button("speaker")?.click(), t: () => body.classList.toggle("wordless"), "?": acts.keys,
  Escape: leave,
};

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || sheet.open) return;
  const isButton = event.target.closest("a, button") && [" ", "Enter"].includes(event.key);
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || isButton) return;
  event.preventDefault();
  if (!["f", "Escape", "s", "?"].includes(event.key)) fillOnce();
  act(event);
});

document.addEventListener("click", (event) => {
  const { act } = event.target.closest("[data-act]")?.dataset ?? {};
  if (acts[act]) acts[act]();
  if (act === "leave" && isSpeaker) {
    event.preventDefault();
    close(); // where the browser does not let it, the link holds
    location.assign(button("leave").href);
  }
});

// A finger goes to the side, or taps: the left third goes back. A mouse does the same with a click.
let start = null;
list.addEventListener("pointerdown", (event) => {
  start = event.isPrimary && event.button === 0 ? event : null;
});
list.addEventListener("pointerup", (event) => {
  if (!start || isSpeaker || !event.isPrimary || String(getSelection())) return;
  const x = event.clientX - start.clientX, y = event.clientY - start.clientY;
  start = null;
  if (event.target.closest("a, button")) return;
  fillOnce();
  if (Math.abs(x) > FAR_PX && Math.abs(x) > Math.abs(y)) step(x < 0 ? 1 : -1);
  else if (Math.hypot(x, y) < 10) step(event.clientX < innerWidth / 3 ? -1 : 1);
});
veil.addEventListener("click", () => step(1));
list.addEventListener("pointercancel", () => { start = null; });

addEventListener("hashchange", () => goTo(Number(location.hash.slice(1)) || 1));
addEventListener("resize", () => { if (at) place(at); });

if (document.querySelector(".canvasstage")) {
  import("./present_stage.js").then((there) => {
    stage = there;
    if (at) place(at);
  });
}
if (isSpeaker) {
  tick();
  setInterval(tick, 500);
}
if (slideOf(1)) {
  goTo(Number(location.hash.slice(1)) || 1, { quietly: true });
  if (isSpeaker) channel?.postMessage({ asks: true });
} else button("on").disabled = button("back").disabled = true;
wake();
