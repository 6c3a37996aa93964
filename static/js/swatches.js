// A swatch copies its colour and opens the panel that names it; other copy buttons copy and say so.
import { toast } from "./page.js";

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or no https
  }
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || button.closest("details[open] > summary")) return; // that one closes the panel
  const { copy: text } = button.dataset, copied = await copy(text);
  const told = button.closest(".swatch")?.querySelector("[data-told]");
  if (told) told.textContent = copied ? "Copied" : "Select it to copy";
  else if (copied) toast(`${text} copied.`);
  else toast("The browser does not let pages copy here. Select it and copy it yourself.");
});
