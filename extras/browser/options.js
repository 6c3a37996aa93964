// Where Pindeck is, and the key. They are tried before they are kept.
import { check } from "./pindeck.js";
import { addressOf, patternOf, read, write } from "./settings.js";

const form = document.querySelector("form"), said = document.getElementById("said");
const TEXTS = ["address", "key", "project", "tags"];

const say = (text, isBad = false) => {
  said.textContent = text;
  said.className = isBad ? "bad" : "good";
};

const settings = await read();
for (const name of TEXTS) form.elements[name].value = settings[name];
form.elements.moderated.checked = settings.moderated;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = Object.fromEntries(TEXTS.map((name) => [name, form.elements[name].value.trim()]));
  try {
    given.address = addressOf(given.address);
    if (!given.key) throw new Error("Give a key. An administrator makes it under Programs.");
    // The browser asks its person, which it does in the press of a button alone.
    const isAllowed = await chrome.permissions.request({ origins: [patternOf(given.address)] });
    if (!isAllowed) throw new Error("The browser may not speak to this address. Try again and allow it.");
    await check(given);
  } catch (error) {
    say(error.message, true);
    return;
  }
  await write({ ...given, moderated: form.elements.moderated.checked });
  form.elements.address.value = given.address;
  say("Saved. Pindeck knows this key.");
});
