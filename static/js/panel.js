// The panel of work in the bar asks while it is open, and holds nothing that asks while it is shut.
import { htmx } from "./htmx.js";

document.addEventListener(
  "toggle",
  ({ target }) => {
    const panel = target.querySelector?.(":scope > .body > [data-panel]");
    if (!panel) return;
    if (target.open) htmx.trigger(panel, "open");
    else panel.replaceChildren();
  },
  true,
);

// An answer that was on its way when the panel was shut.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.matches("[data-panel]") && !detail.target.closest("[open]")) detail.shouldSwap = false;
});
