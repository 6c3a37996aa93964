// Tags, and terms of a field that takes several, as chips. The text field underneath is what is sent; each answer is the field anew, and while it is on its
// way somebody may type on: the chips and what is typed stay, only what the server says is taken from the answer.
import { htmx } from "./htmx.js";
import { icon } from "./page.js";

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

const fields = 'form:is([data-field="tags"], [data-field="terms"])';
const redraws = new WeakMap();

// Where one is typed: tags are completed from those that are in use, terms from the list of their field.
const entryOf = (form, source) => {
  const entry = document.createElement("input");
  const asked = form.dataset.complete;
  const attributes = {
    id: `${source.id}-entry`,
    type: "text",
    name: "q",
    placeholder: asked ? "Add tag" : source.placeholder,
    autocomplete: "off",
    maxlength: 60,
    "aria-label": asked ? "Add a tag" : `Add to ${form.querySelector("label").textContent}`,
    list: asked ? "known-tags" : source.getAttribute("list"),
    ...(source.hasAttribute("aria-describedby") && { "aria-describedby": source.getAttribute("aria-describedby") }),
    ...(asked && {
      "hx-get": asked,
      "hx-trigger": "input changed delay:150ms",
      "hx-target": "#known-tags",
      "hx-swap": "innerHTML",
      "hx-sync": "this:replace",
    }),
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
  box.append(entry); // it stays where it is, with the focus and what is being typed
  const draw = () => {
    const without = (tag) => () => change(tags.filter((other) => other !== tag));
    for (const old of box.querySelectorAll(".tag")) old.remove();
    entry.before(...tags.map((tag) => chip(tag, form.dataset.door, without(tag))));
    if (!form.dataset.complete) entry.placeholder = tags.length ? "Add" : source.placeholder;
  };
  const change = (wanted) => {
    tags = wanted;
    draw();
    source.value = tags.join(", ");
    htmx.trigger(form, "submit");
  };
  const add = () => {
    const typed = form.dataset.complete ? entry.value.toLowerCase() : entry.value;
    const fresh = words(typed).filter((word) => !tags.includes(word));
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
  redraws.set(form, (text) => {
    tags = words(text);
    source.value = text;
    draw();
  });
  htmx.process(entry);
};

const enhanceAll = (root) => root.querySelectorAll(fields).forEach(enhance);
enhanceAll(document);
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches?.(fields)) enhance(elt);
  enhanceAll(elt);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target: form, xhr, requestConfig } = event.detail;
  if (xhr.status !== 200 || requestConfig?.verb !== "post" || !form.matches?.(fields)) return;
  const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("form.field");
  if (!fresh) return;
  event.preventDefault();
  form.elements.based_on.value = fresh.elements.based_on.value;
  for (const old of form.querySelectorAll(".mark, .machine, .undo, .under")) old.remove();
  for (const part of fresh.querySelectorAll(".mark, .undo")) {
    form.append(part);
    htmx.process(part);
  }
  // The server knows the standard spelling of what was sent; what was chosen since is sent next.
  if (form.elements.value.value === requestConfig.formData.get("value")) redraws.get(form)?.(fresh.elements.value.value);
  else setTimeout(() => htmx.trigger(form, "submit"));
}, true);
