// Choosing pictures of a list by their check boxes: all at once, all between two, with the arrows; and a list that is read
// again keeps what was chosen.

const boxes = (form) => [...document.querySelectorAll('.check[name="ids"]')].filter((box) => box.form === form);
const checked = (form) => boxes(form).filter((box) => box.checked);
let last = null; // the box that was pressed before

const count = (form) => {
  const all = boxes(form), chosen = checked(form).length, line = form.querySelector("[data-chosen]");
  const toAll = form.querySelector("[data-check-all]");
  if (line) line.textContent = chosen ? `${chosen} chosen` : "";
  if (toAll) toAll.checked = chosen > 0 && chosen === all.length;
};

const isPick = (element) => element.matches?.('.check[name="ids"]') && element.form;

// The space bar clicks as well, so Shift means the same with both.
document.addEventListener("click", ({ target, shiftKey }) => {
  if (!isPick(target)) return;
  const all = boxes(target.form), from = all.indexOf(last), to = all.indexOf(target);
  if (shiftKey && from >= 0) {
    for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = target.checked;
  }
  last = target;
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-check-all]")) for (const box of boxes(target.form)) box.checked = target.checked;
  if (target.form && (isPick(target) || target.matches("[data-check-all]"))) count(target.form);
});

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  if (!isPick(event.target) || !STEPS[event.key] || event.metaKey || event.ctrlKey || event.altKey) return;
  const all = boxes(event.target.form), next = all[all.indexOf(event.target) + STEPS[event.key]];
  event.preventDefault();
  next?.focus();
});

// A list that is read again
const kept = new Set();
document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
  kept.clear();
  if (requestConfig.verb !== "get") return;
  for (const box of target.querySelectorAll('.check[name="ids"]:checked')) kept.add(box.value);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll("form:has([data-chosen])")) {
    for (const box of boxes(form)) if (kept.has(box.value)) box.checked = true;
    count(form);
  }
});
for (const form of document.querySelectorAll("form:has([data-chosen])")) count(form);
