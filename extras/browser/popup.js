// The pictures of the page in front, to choose from, with a project for those that are saved.
import { pictures } from "./page.js";
import { save } from "./pindeck.js";
import { read, write } from "./settings.js";

const AT_ONCE = 3;
const form = document.querySelector("form"), list = document.getElementById("pictures");
const said = document.getElementById("said"), button = form.querySelector("button"), all = document.getElementById("all");

const say = (text, isBad = false) => {
  said.textContent = text;
  said.className = isBad ? "bad" : "";
};

const boxes = () => [...list.querySelectorAll("input:not(:disabled)")];
const count = () => {
  const chosen = boxes().filter((box) => box.checked).length;
  button.textContent = chosen ? `Save ${chosen}` : "Save";
  button.disabled = !chosen;
  all.checked = chosen > 0 && chosen === boxes().length;
};

// What a page says stands in properties alone, never in HTML.
const show = ([url, width, height]) => {
  const item = document.createElement("li"), label = document.createElement("label"), image = new Image();
  const box = Object.assign(document.createElement("input"), { type: "checkbox", value: url, ariaLabel: `${width} × ${height}` });
  const size = Object.assign(document.createElement("span"), { textContent: `${width} × ${height}` });
  Object.assign(image, { src: url, alt: "", referrerPolicy: "no-referrer", loading: "lazy" });
  label.append(image, box, size);
  item.append(label);
  return item;
};

const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });

const look = async () => {
  const settings = await read();
  if (!settings.address || !settings.key) return say("Open the options: tell them where Pindeck is, and give them your key.", true);
  form.elements.project.value = settings.project;
  form.elements.tags.value = settings.tags;
  let found;
  try {
    [{ result: found }] = await chrome.scripting.executeScript({ target: { tabId: tab.id }, func: pictures });
  } catch {
    return say("The browser lets nobody look into this page.", true);
  }
  if (!found?.length) return say("There is no picture on this page that can be saved.");
  say(`${found.length} ${found.length === 1 ? "picture" : "pictures"} on this page`);
  list.append(...found.map(show));
  for (const id of ["words", "acts"]) document.getElementById(id).hidden = false;
  all.click();
};

const send = async (box, words, tally) => {
  const item = box.closest("li");
  box.disabled = true;
  try {
    const isNew = await save({ imageUrl: box.value, sourceUrl: tab.url, title: tab.title ?? "" }, words);
    tally[isNew ? "saved" : "there"]++;
    item.className = "good";
  } catch (error) {
    tally.failed++;
    tally.why = error.message;
    box.disabled = false;
    item.className = "bad";
  }
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = { project: form.elements.project.value.trim(), tags: form.elements.tags.value.trim() };
  await write(words); // the next picture, also one from the menu, most likely belongs there as well
  const waiting = boxes().filter((box) => box.checked), tally = { saved: 0, there: 0, failed: 0, why: "" };
  button.disabled = true;
  say(`Saving ${waiting.length}…`);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (waiting.length) await send(waiting.shift(), words, tally);
  }));
  const told = [
    tally.saved && `${tally.saved} on the way to Pindeck`, tally.there && `${tally.there} there already`, tally.failed && `${tally.failed} failed`,
  ];
  say(`${told.filter(Boolean).join(", ")}. ${tally.why}`.trim(), tally.failed > 0);
  count();
});

list.addEventListener("change", count);
all.addEventListener("change", () => {
  for (const box of boxes()) box.checked = all.checked;
  count();
});

await look();
count();
