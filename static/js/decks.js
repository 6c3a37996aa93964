// A deck: in the picker arrows walk between pictures, M asks for more like one and Escape closes it; an answer that brings the deck
// anew leaves the focus where it was.
import { isTyping } from "./keyboard.js";

const deck = () => document.getElementById("deck");
let held = ""; // what had the focus before the deck came anew, as a selector
let opener = ""; // the link that opened the picker

const placeOf = (link) => `.swap[href="${CSS.escape(link.getAttribute("href"))}"]`;
const middle = (button) => {
  const { left, width, top } = button.getBoundingClientRect();
  return { x: left + width / 2, y: top };
};

const beside = (all, here, key) => {
  const at = all.indexOf(here), from = middle(here);
  if (key === "Home" || key === "End") return all.at(key === "Home" ? 0 : -1);
  if (key === "ArrowLeft" || key === "ArrowRight") return all[at + (key === "ArrowRight" ? 1 : -1)];
  const isDown = key === "ArrowDown";
  const rows = all.map((button) => ({ button, ...middle(button) })).filter(({ y }) => (isDown ? y > from.y + 4 : y < from.y - 4));
  if (!rows.length) return undefined;
  const next = rows.reduce((near, each) => (isDown ? Math.min(near, each.y) : Math.max(near, each.y)), isDown ? Infinity : -Infinity);
  const row = rows.filter(({ y }) => Math.abs(y - next) < 4);
  return row.sort((a, b) => Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0].button;
};

document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.("#deck .picker"), { key } = event;
  if (!picker) return;
  if (key === "Escape") {
    picker.replaceChildren();
    deck().querySelector(opener || ".swap")?.focus();
  } else {
    const here = event.target.closest(".offer > button");
    if (!here || isTyping(event)) return;
    if (key === "m") here.parentElement.querySelector("a").click();
    else if (/^Arrow|^Home$|^End$/.test(key)) beside([...picker.querySelectorAll(".offer > button")], here, key)?.focus();
    else return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("#deck .swap");
  if (link) opener = placeOf(link);
});

document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target } }) => {
  if (!target || target !== deck()) return;
  const button = elt.querySelector?.("button[id]");
  held = elt.closest(".picker") ? opener : button ? `#${CSS.escape(button.id)}` : "";
});
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (!held || target.id !== "deck") return;
  if (document.activeElement === document.body) deck().querySelector(held)?.focus({ preventScroll: true });
  held = "";
});
