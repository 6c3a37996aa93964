// Tags as chips. The text field underneath is what is sent; each answer is the field anew, and while it is on its
// way somebody may type on: the chips and what is typed stay, only what the server says is taken from the answer.
import { htmx } from "./htmx.js";

const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${document.body.dataset.icons}#${name}"></use></svg>`;
const words = (text) => text.normalize("NFKC").split(",").map((word) => word.trim()).filter(Boolean);

// The word leads to the pictures that have it too, where the form says how; the button takes it away.
const chip = (tag, door, drop) => {
  const box = document.createElement("span");
  box.className = "tag";
  const word = document.createElement(door ? "a" : "span");
  word.textContent = tag;
  if (door) word.href = door + encodeURIComponent(tag);
  const button = Object.assign(document.createElement("button"), { type: "button", innerHTML: icon("x") });
  button.setAttribute("aria-label", `Remove ${tag}`);
  button.addEventListener("click", drop);
  box.append(word, button);
  return box;
};

// Where a tag is typed, with completion from tags that are in use.
const entryOf = (form, source) => {
  const entry = document.createElement("input");
  const attributes = {
    id: `${source.id}-entry`,
    type: "text",
    name: "q",
    placeholder: "Add tag",
    autocomplete: "off",
    maxlength: 60,
    "aria-label": "Add a tag",
    list: "known-tags",
    "hx-get": form.dataset.complete,
    "hx-trigger": "input changed delay:150ms",
    "hx-target": "#known-tags",
    "hx-swap": "innerHTML",
    "hx-sync": "this:replace",
  };
  for (const [name, value] of Object.entries(attributes)) entry.setAttribute(name, value);
  return entry;
};

const enhance = (form) => {
  const source = form.elements?.value;
  if (!source || source.type === "hidden") return;
  let tags = words(source.value);
  const box = Object.assign(document.createElement("div"), { className: "tagbox" });
  const entry = entryOf(form, source);
  const draw = () => {
    const without = (tag) => () => change(tags.filter((other) => other !== tag));
    box.replaceChildren(...tags.map((tag) => chip(tag, form.dataset.door, without(tag))), entry);
  };
  const change = (wanted) => {
    tags = wanted;
    draw();
    source.value = tags.join(", ");
    htmx.trigger(form, "submit");
  };
  const add = () => {
    const fresh = words(entry.value.toLowerCase()).filter((word) => !tags.includes(word));
    entry.value = "";
    if (fresh.length) change([...tags, ...new Set(fresh)]);
  };
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "," || event.key === "，") {
      event.preventDefault();
      add();
      entry.focus();
    } else if (event.key === "Backspace" && !entry.value && tags.length) {
      change(tags.slice(0, -1));
      entry.focus();
    } else if (event.key === "Escape") {
      entry.value = "";
      event.stopPropagation();
      entry.blur();
    }
  });
  entry.addEventListener("change", (event) => event.stopPropagation());
  entry.addEventListener("blur", add);
  source.type = "hidden";
  source.after(box);
  form.querySelector("label").htmlFor = entry.id;
  draw();
  htmx.process(entry);
};

const enhanceAll = (root) => root.querySelectorAll('form[data-field="tags"]').forEach(enhance);
enhanceAll(document);
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches?.('form[data-field="tags"]')) enhance(elt);
  enhanceAll(elt);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target: form, xhr, requestConfig } = event.detail;
  if (xhr.status !== 200 || requestConfig?.verb !== "post" || !form.matches?.('form[data-field="tags"]')) return;
  const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("form.field");
  if (!fresh) return;
  event.preventDefault();
  form.elements.based_on.value = fresh.elements.based_on.value;
  for (const old of form.querySelectorAll(".mark, .machine, .undo, .under")) old.remove();
  for (const part of fresh.querySelectorAll(".mark, .undo")) {
    form.append(part);
    htmx.process(part);
  }
  if (form.elements.value.value !== requestConfig.formData.get("value")) setTimeout(() => htmx.trigger(form, "submit"));
}, true);
