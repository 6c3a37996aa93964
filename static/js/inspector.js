// The inspector of many opens in the place of the drawer, and follows what is chosen while it is open.
import { closeDrawer } from "./history.js";
import { isField } from "./keyboard.js";
import { chosenOf } from "./select.js";

const WAIT_MS = 250;
const box = document.getElementById("inspector");
const asks = () => document.querySelector("[data-inspect]");
let timer = 0, opener = null;

const close = () => {
  if (!box.classList.contains("open")) return;
  box.classList.remove("open");
  box.replaceChildren();
  (opener?.isConnected ? opener : document.getElementById("main")).focus({ preventScroll: true });
};

if (box) {
  document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target !== box) return;
    if (!box.classList.contains("open")) {
      opener = document.activeElement;
      closeDrawer();
      box.classList.add("open");
      box.focus({ preventScroll: true });
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#inspector [data-close-inspector]")) return;
    event.preventDefault();
    close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isField(event.target) && !document.querySelector("dialog[open]")) close();
  });

  document.addEventListener("pindeck:chosen", ({ target }) => {
    clearTimeout(timer);
    if (!box.classList.contains("open")) return;
    timer = setTimeout(() => {
      if (chosenOf(target).size) asks()?.click();
      else close();
    }, WAIT_MS);
  });
}
