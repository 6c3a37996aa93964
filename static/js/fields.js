// Editing where it is read: Esc takes back, Enter saves, and answers take no words from under somebody's hands.
import { htmx } from "./htmx.js";
import { tileOf } from "./history.js";

// A new title shows at once wherever the picture is named.
const rename = (form) => {
  const { page } = form.dataset, title = form.elements?.value?.value;
  if (!page || !title || !form.querySelector(".mark")) return;
  const sheet = document.querySelector(`.sheet[data-page="${CSS.escape(page)}"]`), tile = tileOf(page);
  if (sheet) sheet.dataset.title = sheet.querySelector("h2").textContent = title;
  if (tile) tile.querySelector(".cap").textContent = title;
};

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches?.("form.field")) rename(elt);
});

// A field that was edited while it was being saved keeps the newer words and saves them next.
document.addEventListener("htmx:beforeSwap", ({ detail, defaultPrevented }) => {
  const { target, xhr, requestConfig } = detail;
  if (defaultPrevented || xhr.status !== 200 || !target.matches?.("form.field") || requestConfig?.verb !== "post") return;
  const input = target.elements.value, sent = requestConfig.formData.get("value");
  if (!input || sent === null || input.value === sent) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const fresh = page.querySelector('[name="based_on"]');
  if (fresh) target.elements.based_on.value = fresh.value;
  detail.shouldSwap = false;
  if (document.activeElement !== input) setTimeout(() => htmx.trigger(target, "submit"));
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.closest?.(".field") || input.closest(".tagbox")) return;
  if (event.key === "Escape") {
    input.value = input.defaultValue;
    event.stopPropagation();
    input.blur();
  } else if (event.key === "Enter" && (input.matches("input") || event.metaKey || event.ctrlKey)) {
    event.preventDefault(); // the focus stays, and htmx gives it to the field that comes as the answer
    if (input.value !== input.defaultValue) htmx.trigger(input.form, "submit");
  }
});

document.addEventListener("click", (event) => {
  const theirs = event.target.closest("[data-take]");
  if (!theirs) return;
  const form = theirs.closest("form");
  form.elements.value.value = theirs.dataset.take;
  htmx.trigger(form, "submit");
});
