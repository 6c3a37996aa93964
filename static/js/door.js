// Signing in over a page whose session has ended, which stands still meanwhile. And a sign-in that comes too early, or
// while too many sign in, is sent again by itself when its time has come.
import { htmx } from "./htmx.js";

const over = Object.assign(document.createElement("dialog"), { className: "sheetdialog", id: "door", ariaLabel: "Sign in" });
document.body.append(over);

// The page's own token ended with its session.
const adopt = (token) => {
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll('[name="csrf_token"]')) input.value = token;
};

document.addEventListener("htmx:afterSwap", ({ target }) => {
  const form = target === over && over.querySelector("[data-door]");
  if (!form) return;
  adopt(form.elements.csrf_token.value);
  if (!over.open) over.showModal();
});

addEventListener("pindeck:signed-in", ({ detail: { token, user } }) => {
  over.close();
  over.replaceChildren();
  adopt(token);
  // Somebody else: what the page shows is not theirs.
  if (user !== document.getElementById("toasts").dataset.user) location.reload();
});

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
