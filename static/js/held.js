// Pictures that wait in the upload form while a person looks at their words: two at a time are shown to the model, as
// reduced copies, and only those that somebody asks about. What comes back fills what is blank.
import { htmx } from "./htmx.js";
import { upload } from "./tray.js";

const AT_ONCE = 2;
const SIDE = 1024; // pixels of the longest side that the model gets
const QUALITIES = [0.82, 0.72, 0.62, 0.52];
const MOST = 3 * 1024 * 1024; // bytes, which are four MiB as text

const box = document.getElementById("held");
const list = box?.querySelector("ol"), chosen = box?.querySelector("[data-hold]");
const files = new WeakMap(); // card -> its file
const given = new WeakMap(); // field -> what the model wrote into it
const queue = [];
let going = 0;

const cards = () => [...list.children];
const look = (card) => card.querySelector(".look");
const words = (card) => [...card.querySelectorAll("[name^='word-']")];
const say = (card, text) => {
  const status = look(card);
  status.dataset.state = "over";
  status.replaceChildren(Object.assign(document.createElement("p"), { className: "hint", textContent: text }));
};

const sumUp = () => {
  const blank = cards().filter((card) => !card.matches("[data-asked]") && !look(card).dataset.preview).length;
  for (const part of box.querySelectorAll("[data-held]")) part.hidden = !list.children.length;
  box.querySelector("[data-ask-all]").disabled = !blank;
  box.querySelector("[data-ask-all] span").textContent = blank > 1 ? `Ask about all ${blank}` : "Ask about all";
  box.querySelector("[data-stop]").hidden = !queue.length;
  for (const card of cards()) {
    const isGoing = card.matches("[data-asked]");
    card.querySelector("[data-ask-one]").disabled = isGoing;
    card.querySelector("[data-send-one]").disabled = isGoing;
  }
};

// Asking

const reduced = async (file) => {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of QUALITIES) {
    const copy = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (copy && copy.size <= MOST) return new File([copy], file.name || "pasted.jpg", { type: "image/jpeg" });
  }
  throw new Error("too large");
};

const ask = (card) => {
  if (card.matches("[data-asked]")) return;
  card.dataset.asked = "waits";
  say(card, "Waits for its turn");
  queue.push(card);
  next();
};

const next = () => {
  sumUp();
  while (going < AT_ONCE && queue.length) begin(queue.shift());
};

const begin = async (card) => {
  if (!card.isConnected) return;
  going++;
  card.dataset.asked = "going";
  let copy;
  try {
    copy = await reduced(files.get(card));
  } catch {
    over(card, "This browser cannot show this file to the model. The picture can be sent all the same.");
    return;
  }
  if (!card.dataset.asked) return; // it was removed meanwhile
  const typed = Object.fromEntries(words(card).filter((field) => field.value && field.value !== given.get(field)).map((field) => [field.name, field.value]));
  try {
    await htmx.ajax("POST", box.dataset.ask, { source: look(card), target: look(card), swap: "outerHTML", values: { ...typed, picture: copy } });
  } catch {
    over(card, "The connection broke off. Ask again.");
    return;
  }
  if (look(card)?.dataset.state !== "going" && card.dataset.asked) over(card, "Not asked. The picture can be sent all the same.");
};

const over = (card, text) => {
  if (card.dataset.asked === "going") going--;
  delete card.dataset.asked;
  if (text) say(card, text);
  next();
};

const fill = (card) => {
  for (const { dataset, value } of look(card).querySelectorAll("data[data-word]")) {
    const field = card.querySelector(`[name="word-${dataset.word}"]`);
    if (!field || field.value) continue;
    if (field.matches("select") && ![...field.options].some((each) => each.value === value)) field.add(new Option(value));
    field.value = value;
    given.set(field, field.value);
  }
};

// Sending

const send = (card) => {
  // What the model wrote and nobody changed stays the model's: it is not sent, and comes with the answer that was paid for.
  const changed = words(card).filter((field) => field.value !== (given.get(field) ?? ""));
  const values = Object.fromEntries(changed.map((field) => [field.name, field.value]));
  const { preview } = look(card).dataset;
  upload([files.get(card)], preview ? { ...values, preview } : values);
  remove(card);
};

const remove = (card) => {
  const at = queue.indexOf(card);
  if (at >= 0) queue.splice(at, 1);
  look(card)?.querySelector("form button")?.click(); // what waits for a worker costs nothing
  if (card.dataset.asked === "going") going--;
  delete card.dataset.asked;
  const beside = card.nextElementSibling ?? card.previousElementSibling;
  URL.revokeObjectURL(card.querySelector("img").src);
  card.remove();
  (beside?.querySelector("[data-send-one]") ?? chosen).focus({ preventScroll: true });
  next();
};

// True when the files wait in the form.
export const hold = (chosenFiles) => {
  if (!chosen?.checked) return false;
  for (const file of chosenFiles) {
    const card = box.querySelector("template").content.firstElementChild.cloneNode(true);
    card.querySelector("img").src = URL.createObjectURL(file);
    card.querySelector(".name").textContent = file.name || "Pasted picture";
    look(card).setAttribute("hx-encoding", "multipart/form-data");
    files.set(card, file);
    list.append(card);
  }
  sumUp();
  return true;
};

if (box) {
  try {
    chosen.checked = localStorage.getItem("pindeck-hold") === "1";
  } catch {
    // private windows may refuse
  }
  chosen.addEventListener("change", () => {
    try {
      localStorage.setItem("pindeck-hold", chosen.checked ? "1" : "");
    } catch {
      // private windows may refuse
    }
  });
  box.addEventListener("click", ({ target }) => {
    const card = target.closest(".hold"), button = target.closest("button");
    if (button?.matches("[data-ask-all]")) cards().filter((each) => !look(each).dataset.preview).forEach(ask);
    else if (button?.matches("[data-stop]")) queue.splice(0).forEach((each) => over(each, "Not asked."));
    else if (button?.matches("[data-send-all]")) cards().filter((each) => !each.matches("[data-asked]")).forEach(send);
    else if (button?.matches("[data-ask-one]")) ask(card);
    else if (button?.matches("[data-send-one]")) send(card);
    else if (button?.matches("[data-drop-one]")) remove(card);
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    const card = target.closest?.("#held .hold");
    if (!card || look(card)?.dataset.state !== "over" || !card.dataset.asked) return;
    fill(card);
    look(card).setAttribute("hx-encoding", "multipart/form-data");
    over(card);
  });
  addEventListener("beforeunload", (event) => {
    if (list.children.length) event.preventDefault();
  });
}
