// What becomes of a canvas: acts are sent one after the other, and what they and others changed is put in where it stood.
import { canvas, plane } from "./canvas_plane.js";
import { chosen, choose, focusOn, tell } from "./canvas_chosen.js";
import { htmx } from "./htmx.js";

const form = document.getElementById("canvas-form"), pulse = document.getElementById("canvas-pulse");
const { since } = form.elements;
const held = new Set(); // ids of objects that a hand moves, or a word is typed in: news of them wait
const sent = new Set(); // ids of objects whose change is on its way
const due = new Map(); // how many changes of an object wait or are on their way, by id
let queue = Promise.resolve(), comes = false, waiting = 0;

export const hold = (objects) => objects.forEach(({ dataset }) => held.add(dataset.id));
export const letGo = (objects) => objects.forEach(({ dataset }) => held.delete(dataset.id));

const ask = (verb, path, values, source = canvas) => {
  waiting += 1;
  queue = queue
    .then(() => htmx.ajax(verb, path, { source, target: "#canvas-news", swap: "outerHTML", values: { since: since.value, ...values() } }))
    .catch(() => {})
    .finally(() => { waiting -= 1; });
  return queue;
};

/** Tell the server what objects become: `[object, {x, y, …}]` each. */
export const change = (changes) => {
  const ids = changes.map(([object]) => object.dataset.id);
  ids.forEach((id) => due.set(id, (due.get(id) ?? 0) + 1));
  return ask("POST", canvas.dataset.change, () => {
    ids.forEach((id) => sent.add(id));
    const told = changes.map(([{ dataset }, fields]) => [dataset.id, { ...fields, version: Number(objectOf(dataset.id)?.dataset.version ?? dataset.version) }]);
    return { changes: JSON.stringify(Object.fromEntries(told)) };
  }).finally(() => ids.forEach((id) => {
    sent.delete(id);
    due.set(id, due.get(id) - 1);
  }));
};

/** Place a picture or something new. */
export const add = (values) => {
  comes = true;
  return ask("POST", canvas.dataset.add, () => values);
};

const read = () => (waiting ? queue : ask("GET", canvas.dataset.news, () => ({}), pulse));

export const objectOf = (id) => plane.querySelector(`.object[data-id="${CSS.escape(id)}"]`);

// A picture that only moved is not loaded again.
const put = (old, fresh) => {
  if (old.innerHTML !== fresh.innerHTML) {
    const box = old.querySelector(".objectpick"), here = fresh.querySelector(".objectpick");
    if (box) here.checked = box.checked;
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) here?.focus({ preventScroll: true });
    return;
  }
  old.style.cssText = fresh.style.cssText;
  delete old.dataset.group;
  Object.assign(old.dataset, fresh.dataset);
};

// The page is ahead of an answer where a hand holds an object, or a later change of it waits.
const isAhead = (id) => held.has(id) || (due.get(id) ?? 0) > (sent.has(id) ? 1 : 0);

const merge = (news) => {
  const { version, ids } = news.dataset;
  let late = false;
  const came = [];
  for (const fresh of news.querySelectorAll(".object")) {
    const old = objectOf(fresh.dataset.id);
    if (!old) {
      plane.append(fresh);
      came.push(fresh);
    } else if (!isAhead(fresh.dataset.id)) put(old, fresh);
    else if (sent.has(fresh.dataset.id)) old.dataset.version = fresh.dataset.version;
    else late = true;
  }
  if (ids !== undefined) {
    const all = new Set(ids.split(" "));
    for (const old of [...plane.children]) if (!all.has(old.dataset.id)) old.remove();
    document.getElementById("canvas-empty").hidden = plane.childElementCount > 0;
  }
  if (!late) since.value = version;
  news.replaceChildren();
  if (comes && came.length) {
    choose(came);
    focusOn(came[0]);
    came[0].dispatchEvent(new Event("canvas:came", { bubbles: true }));
  } else tell();
  comes = false;
};

document.addEventListener("htmx:afterSwap", () => {
  const news = document.getElementById("canvas-news");
  if (news?.dataset.version && news.firstElementChild) merge(news);
});

// What a button of the bar sends: those that are chosen in one field, and the middle of the view for what comes.
form.addEventListener("htmx:configRequest", ({ detail }) => {
  const { formData, path } = detail;
  formData.delete("ids");
  if (chosen().length) formData.set("ids", chosen().map(({ dataset }) => dataset.id).join(" "));
  if (path === canvas.dataset.add) {
    comes = true;
    const place = placeOf(formData.get("image") ? "picture" : formData.get("kind"));
    formData.set("x", place.x);
    formData.set("y", place.y);
  }
});

let placeOf = () => ({ x: "", y: "" });
export const placeNewAt = (where) => { placeOf = where; };

canvas.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keep-theirs]")) return;
  event.preventDefault();
  document.getElementById("canvas-met").replaceChildren();
});

document.body.addEventListener("pindeck:changed", read);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") read();
});
setInterval(() => {
  if (document.visibilityState === "visible") read();
}, Number(pulse.dataset.every));
