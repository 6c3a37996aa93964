// A sign-in that comes too early, or while too many sign in, is sent again by itself when its time has come.
import { htmx } from "./htmx.js";

const LONGEST_S = 60;
const waiting = new WeakSet();

const say = (form, text) => {
  let line = form.querySelector("[data-wait]");
  if (!line) {
    line = document.createElement("p");
    line.className = "hint";
    line.dataset.wait = "";
    line.setAttribute("role", "status");
    form.querySelector('[name="password"]').after(line);
  }
  if (line.textContent !== text) line.textContent = text;
};

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("[data-door]")) detail.elt.querySelector('[type="submit"]').disabled = true;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.matches("[data-door]") && !waiting.has(detail.elt)) {
    detail.elt.querySelector('[type="submit"]').disabled = false;
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const form = requestConfig.elt, wait = Number(xhr.getResponseHeader("Retry-After"));
  if (!form.matches("[data-door]") || ![429, 503].includes(xhr.status) || !(wait > 0 && wait <= LONGEST_S)) return;
  event.preventDefault();
  waiting.add(form);
  say(form, `Many people are signing in. Trying again in ${wait === 1 ? "a second" : `${wait} seconds`}…`);
  // A little apart, so that those who were sent away together do not come back together.
  setTimeout(() => {
    waiting.delete(form);
    if (form.isConnected) htmx.trigger(form, "submit");
  }, (wait + Math.random()) * 1000);
}, true);
