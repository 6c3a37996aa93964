// The inspector of many, and what describing them costs, open in the place of the drawer, and follow what is chosen meanwhile.
import { closeDrawer } from "./history.js";
import { isField } from "./keyboard.js";
import { chosenOf } from "./select.js";

const WAIT_MS = 250;
// The wall of the gallery carries none, because few who look at it choose something.
const made = () => {
  const drawer = document.getElementById("drawer"), box = drawer?.cloneNode(false);
  box?.setAttribute("aria-label", "Fields of the chosen pictures");
  if (box) drawer.after(Object.assign(box, { id: "inspector", className: "drawer" }));
  return box;
};
const box = document.getElementById("inspector") ?? (document.querySelector("[data-choose]") && made());
const asks = () => document.querySelector(`[data-inspect="${kind}"]`);
let timer = 0, opener = null, kind = "edit";

const close = () => {
  if (!box.classList.contains("open")) return;
  box.classList.remove("open");
  box.replaceChildren();
  (opener?.isConnected ? opener : document.getElementById("main")).focus({ preventScroll: true });
};

if (box) {
  document.addEventListener("htmx:afterSwap", ({ detail: { target, requestConfig } }) => {
    if (target !== box) return;
    kind = requestConfig?.elt?.dataset.inspect ?? kind;
    if (!box.classList.contains("open")) {
      opener = document.activeElement;
      closeDrawer();
      box.classList.add("open");
      box.focus({ preventScroll: true });
    }
  });

  // What was asked there has begun.
  document.addEventListener("htmx:afterSettle", () => {
    if (!box.firstElementChild) close();
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
