// Choosing pictures of a list by their check boxes: all at once, all between two, by keys; what was chosen stays chosen while
// the list is paged, narrowed or read again, and where the form has a name (`data-selection`) also when the page is.

import { allTiles } from "./wall.js";

const person = document.getElementById("toasts")?.dataset.user ?? "";
const key = (form) => `pindeck-chosen-${form.dataset.selection}-${person}`;
const boxes = (form) => [...document.querySelectorAll('.check[name="ids"]')].filter((box) => box.form === form);
// With those of rows that left the page because nobody sees them.
const everyBox = (form) => {
  const all = allTiles().map((tile) => tile.querySelector('.check[name="ids"]')).filter(Boolean);
  return all.length ? all.filter((box) => box.getAttribute("form") === form.id) : boxes(form);
};
const forms = () => [...document.querySelectorAll("form:has([data-chosen])")];
const isPick = (element) => element.matches?.('.check[name="ids"]') && element.form;
const sets = new Map(); // by the id of a form, because the form comes anew
let last = null; // what was pressed before, from where Shift chooses

const remembered = (form) => {
  try {
    return JSON.parse(sessionStorage.getItem(key(form))) ?? [];
  } catch {
    return []; // private windows may refuse
  }
};

/** The ids that are chosen in a list, in the order in which they were. */
export const chosenOf = (form) => {
  if (!sets.has(form.id)) sets.set(form.id, new Set(form.dataset.selection ? remembered(form) : []));
  return sets.get(form.id);
};

const show = (form) => {
  const ids = chosenOf(form), all = everyBox(form), line = form.querySelector("[data-chosen]");
  for (const box of all) box.checked = ids.has(box.value);
  const here = all.filter((box) => box.checked).length, elsewhere = ids.size - here;
  if (line) line.textContent = ids.size ? `${ids.size} chosen${elsewhere ? `, ${elsewhere} not shown here` : ""}` : "";
  const toAll = form.querySelector("[data-check-all]");
  if (toAll) toAll.checked = here > 0 && here === all.length;
  form.classList.toggle("has-chosen", ids.size > 0);
  for (const none of form.querySelectorAll("[data-choose-none]")) none.hidden = !ids.size;
  if (!form.dataset.selection) return;
  try {
    sessionStorage.setItem(key(form), JSON.stringify([...ids]));
  } catch {
    // private windows may refuse
  }
};

const changed = (form) => {
  show(form);
  form.dispatchEvent(new CustomEvent("pindeck:chosen", { bubbles: true }));
};

/** Choose, or with `on` false let go, these ids of a list. */
export const choose = (form, ids, on = true) => {
  const held = chosenOf(form);
  for (const id of ids) on ? held.add(id) : held.delete(id);
  changed(form);
};

/** Whatever lies between the box that was pressed before and this one becomes as `on` says. */
export const chooseTo = (box, on = true) => {
  const all = everyBox(box.form), from = all.findIndex((each) => each.value === last), to = all.indexOf(box);
  const between = from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  choose(box.form, between.map((each) => each.value), on);
};

export const pressed = (box) => {
  last = box.value;
};

export const chooseAll = (form) => choose(form, everyBox(form).map((box) => box.value));

export const chooseNone = (form) => choose(form, [...chosenOf(form)], false);

// The space bar clicks as well, so Shift means the same with both.
document.addEventListener("click", ({ target, shiftKey }) => {
  if (!isPick(target)) return;
  if (shiftKey) chooseTo(target, target.checked);
  pressed(target);
});

document.addEventListener("change", ({ target }) => {
  if (isPick(target)) choose(target.form, [target.value], target.checked);
  else if (target.matches("[data-check-all]")) choose(target.form, everyBox(target.form).map((box) => box.value), target.checked);
});

document.addEventListener("click", ({ target }) => {
  const none = target.closest?.("[data-choose-none]");
  if (none) chooseNone(none.form);
});

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  if (!isPick(event.target) || !STEPS[event.key] || event.metaKey || event.ctrlKey || event.altKey) return;
  const all = boxes(event.target.form), next = all[all.indexOf(event.target) + STEPS[event.key]];
  event.preventDefault();
  next?.focus();
});

// What is chosen and not on the page goes along.
document.addEventListener("htmx:configRequest", ({ detail: { elt, verb, formData } }) => {
  const form = elt.form ?? elt;
  if (verb !== "post" || !form.matches?.("form:has([data-chosen])")) return;
  const here = new Set(boxes(form).map((box) => box.value));
  for (const id of chosenOf(form)) if (!here.has(id)) formData.append("ids", id);
});

// After something was done with what was chosen. A list that tells which pictures went keeps the rest chosen.
document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, xhr } }) => {
  const form = requestConfig.elt.form ?? requestConfig.elt;
  if (requestConfig.verb !== "post" || xhr.status >= 400 || !form.matches?.("form:has([data-chosen])")) return;
  if (!form.dataset.selection || requestConfig.formData?.get?.("all") === "1") chosenOf(form).clear();
});

const told = () => {
  const decided = document.getElementById("decided"), form = document.querySelector("form[data-selection]");
  if (!decided?.dataset.gone || !form) return;
  const ids = decided.dataset.gone.split(" ");
  delete decided.dataset.gone;
  choose(form, ids, false);
};

document.addEventListener("htmx:afterSettle", () => {
  told();
  forms().forEach(show);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  told();
  forms().forEach(show);
});
forms().forEach(show);
