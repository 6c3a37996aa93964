// The rail: a sheet on small screens, foldable on large ones; the focus goes where the hand is.
import { isTyping } from "./keyboard.js";

const rail = document.getElementById("rail");
const opener = document.querySelector("[data-open-rail]");
const root = document.documentElement;
const narrow = matchMedia("(max-width: 900px)");

const show = (open) => {
  if (narrow.matches) rail.classList.toggle("open", open);
  else {
    root.classList.toggle("folded", !open);
    try {
      localStorage.setItem("pindeck-rail", open ? "" : "folded");
    } catch {
      // private windows may refuse
    }
  }
  (open ? rail.querySelector("a, button") : opener).focus({ preventScroll: true });
};
const isOpen = () => (narrow.matches ? rail.classList.contains("open") : !root.classList.contains("folded"));

// True when there was a sheet to close.
export const closeRail = () => {
  const open = Boolean(rail) && narrow.matches && isOpen();
  if (open) show(false);
  return open;
};

if (rail) {
  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.closest("[data-open-rail]")) show(!isOpen());
    else if (target.closest("[data-fold-rail], .backdrop")) show(false);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "m" && !isTyping(event)) show(!isOpen());
  });
}
