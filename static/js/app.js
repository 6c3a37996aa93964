// All htmx listeners, toasts, popovers, and small helpers the other files use.
const pindeck = {
  idOf: (tile) => tile.querySelector("a").pathname.split("/").pop(),

  token: () => document.querySelector('meta[name="csrf-token"]').content,

  toast(text, { error = false } = {}) {
    const box = document.createElement("div");
    box.className = error ? "toast error" : "toast";
    box.dataset.toast = "";
    const line = document.createElement("p");
    line.textContent = text;
    box.append(line);
    document.getElementById("toasts").append(box);
  },

  // POST a small form in the background. Returns the response; a network failure is a rejected promise.
  post(url, values = {}) {
    return fetch(url, {
      method: "POST",
      keepalive: true, // a like or an edit is not lost by leaving the page
      headers: { "X-CSRFToken": pindeck.token(), "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(values),
    });
  },

  // The fragment at an address; null after telling what went wrong.
  async fragment(url) {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    if (response.redirected && !response.headers.get("Vary")?.includes("HX-Request")) location.assign(response.url);
    if (response.ok) return response.text();
    pindeck.toast(await pindeck.reason(response), { error: true });
    return null;
  },

  // The message of an error answer: our toast's words, or a fixed sentence when a proxy answered.
  async reason(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.querySelector("[data-toast] p")?.textContent.trim() || "That did not work. Try again.";
  },
};
window.pindeck = pindeck;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = pindeck.token();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) return;
  const ours = xhr.status === 422 || xhr.status === 409 || xhr.getResponseHeader("HX-Retarget");
  event.detail.shouldSwap = Boolean(ours);
  event.detail.isError = !ours;
  if (!ours) pindeck.toast("The server did not answer as it should. Try again.", { error: true });
});

// A card that goes, or comes anew, leaves the focus to its neighbour or its successor.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!target.matches(".card") || !target.contains(document.activeElement)) return;
  const beside = target.nextElementSibling ?? target.previousElementSibling;
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    const card = document.getElementById(target.id) ?? (beside?.isConnected ? beside : null);
    (card?.querySelector(".foot form:last-child .btn") ?? document.getElementById("main")).focus({ preventScroll: true });
  });
});

document.addEventListener("htmx:sendError", () => {
  pindeck.toast("There is no connection. Nothing was changed; try again.", { error: true });
});

// Toasts leave by themselves, those with Undo later; a pointer or the focus on one holds it.
const life = (box) => (box.querySelector("form") ? 12000 : box.classList.contains("error") ? 9000 : 5000);
const leave = (box, wait) => setTimeout(() => (box.matches(":hover, :focus-within") ? leave(box, 2000) : box.remove()), wait);
const settle = (root) => root.querySelectorAll("[data-toast]:not([data-timed])").forEach((box) => {
  box.dataset.timed = "";
  leave(box, life(box));
});
new MutationObserver(() => settle(document.getElementById("toasts"))).observe(document.getElementById("toasts"), { childList: true });
settle(document);

document.addEventListener("click", (event) => {
  const { target } = event;
  target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
  document.querySelectorAll("details.pop[open]").forEach((pop) => { if (!pop.contains(target)) pop.open = false; });
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-tweaks]");
  if (form) {
    document.documentElement.dataset[event.target.name] = event.target.value;
    pindeck.post(form.action, { [event.target.name]: event.target.value });
  }
  if (event.target.matches("[data-check-all]")) {
    document.querySelectorAll('.cards input[name="ids"]').forEach((box) => { box.checked = event.target.checked; });
  }
});

// What a form without htmx asks before it destroys something.
document.addEventListener("submit", (event) => {
  const words = event.target.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});

// An undo or a finished preparation elsewhere: reload what the page shows.
document.addEventListener("htmx:afterRequest", (event) => {
  const path = event.detail.pathInfo?.requestPath ?? "";
  if (/\/(restore|bring-back)(\?|$)|\/images\/undo\//.test(path) && event.detail.successful) pindeck.refresh?.();
});
