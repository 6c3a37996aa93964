// The command palette: it comes when somebody asks for it, arrows walk through it, and the acts of a selection are pressed from it.
import { htmx } from "./htmx.js";
import { hasWall, quietWall } from "./quiet.js";

const known = () => document.getElementById("palette");

// Buttons that do something with what is chosen, as far as they can be pressed now.
const acts = () =>
  [...document.querySelectorAll("form[data-selection] button.chosen")].filter((button) => !button.disabled && button.checkVisibility());
const named = (button) => [...button.childNodes].filter((node) => !node.matches?.("kbd, svg")).map((node) => node.textContent).join("").trim();

const lineOf = (words, act) => {
  const line = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  line.addEventListener("click", () => {
    known().close();
    act();
  });
  return line;
};

const addActs = (list, typed) => {
  const isMeant = (words) => words.toLowerCase().includes(typed.toLowerCase());
  const chosen = acts().map((button) => [named(button), () => button.click()]).filter(([words]) => isMeant(words));
  const here = hasWall() && isMeant("Quiet wall") ? [["Quiet wall", quietWall]] : [];
  for (const [name, found] of [["On this page", here], ["With what is chosen", chosen]]) {
    if (!found.length) continue;
    const head = Object.assign(document.createElement("h2"), { className: "label", textContent: name });
    list.querySelector(".hint")?.remove();
    list.prepend(head, ...found.map(([words, act]) => lineOf(words, act)));
  }
};

const lines = () => [...known().querySelectorAll("#go-results a, #go-results button")];

const walk = (event) => {
  const field = known().querySelector("input"), all = lines(), at = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? field : all[Math.min(next, all.length - 1)])?.focus();
  } else if (event.key === "Enter" && event.target === field) {
    event.preventDefault();
    all[0]?.click();
  } else if (event.key === "Escape") {
    event.preventDefault(); // a search field would only be emptied
    known().close();
  } else if (event.key.length === 1 && event.target !== field && !event.ctrlKey && !event.metaKey && event.key !== " ") field.focus();
};

// Newer lines may come while the keys stand on a line: they stay on the one that says the same, or on the first.
let stood = null;
const keepPlace = () => {
  const now = document.activeElement;
  stood = lines().includes(now) ? now.textContent : null;
};
const findPlace = () => {
  if (stood === null) return;
  const all = lines();
  (all.find((line) => line.textContent === stood) ?? all[0] ?? known().querySelector("input"))?.focus();
  stood = null;
};

const make = () => {
  const box = Object.assign(document.createElement("dialog"), { id: "palette", className: "sheetdialog palette" });
  box.setAttribute("aria-label", "Go to");
  box.addEventListener("keydown", walk);
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("htmx:beforeSwap", keepPlace);
  box.addEventListener("htmx:afterSettle", () => {
    addActs(box.querySelector("#go-results"), box.querySelector("input").value);
    findPlace();
  });
  document.body.append(box);
  return box;
};

// It stands there at once and takes what is typed; what it leads to comes a moment later.
export const openPalette = async () => {
  const box = known() ?? make();
  if (box.open || document.querySelector("dialog[open]")) return;
  const first = Object.assign(document.createElement("input"), { className: "input", ariaLabel: "Go to" });
  box.replaceChildren(first);
  box.showModal();
  first.focus();
  await htmx.ajax("GET", document.getElementById("keys").dataset.go, { source: box, target: box, swap: "innerHTML" });
  const field = box.querySelector("#go");
  if (!field) return box.close();
  field.focus();
  if (!first.value) return;
  field.value = first.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
