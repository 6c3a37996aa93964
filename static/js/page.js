// What every page needs: what went wrong as a toast, toasts that leave by themselves, popovers that close.

export const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${document.body.dataset.icons}#${name}"></use></svg>`;

export const toast = (text, { error = false } = {}) => {
  const box = document.createElement("div");
  box.className = error ? "toast error" : "toast";
  box.dataset.toast = "";
  const line = document.createElement("p");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-ghost btn-icon";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.innerHTML = icon("x");
  box.append(line, close);
  document.getElementById("toasts").append(box);
};

// A click that asks for a new tab or window belongs to the browser.
document.addEventListener("click", (event) => {
  const asksForMore = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (asksForMore && event.target.closest?.("a[href]")) event.stopPropagation();
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});

// A sign-on in front of this site may send a request elsewhere: its page is no fragment, so the browser goes there.
const isElsewhere = (xhr, path) =>
  xhr.responseURL && xhr.responseURL !== new URL(path, location).href && !xhr.getResponseHeader("Vary")?.includes("HX-Request");

// Whoever deals with an answer in another way has prevented the default before this listener.
document.addEventListener("htmx:beforeSwap", ({ detail, defaultPrevented }) => {
  const { xhr } = detail;
  if (defaultPrevented) return;
  if (xhr.status < 400) {
    if (!isElsewhere(xhr, detail.pathInfo.finalRequestPath)) return;
    detail.shouldSwap = false;
    location.assign(xhr.responseURL);
    return;
  }
  const isOurs = xhr.status === 422 || xhr.status === 409 || xhr.getResponseHeader("HX-Retarget");
  detail.shouldSwap = Boolean(isOurs);
  detail.isError = !isOurs;
  if (!isOurs && !detail.requestConfig.elt.dataset.every) toast("The server did not answer as it should. Try again.", { error: true });
});

// A read whose place has left the page meanwhile is told to nobody. Events of what has left do not reach the document, so
// the one who asks listens.
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target, xhr, requestConfig } }) => {
  if (requestConfig.verb !== "get") return;
  const drop = (event) => {
    if (event.detail.xhr === xhr && !target.isConnected) event.preventDefault();
  };
  elt.addEventListener("htmx:beforeOnLoad", drop);
  xhr.addEventListener("loadend", () => elt.removeEventListener("htmx:beforeOnLoad", drop));
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.elt.matches(".tile, .many, .marks, .up, [data-every]")) return; // nobody asked for those, or they say it themselves
  toast("There is no connection. Nothing was changed; try again.", { error: true });
});

// What goes from the trash, or comes anew, leaves the focus to its neighbour or its successor.
document.addEventListener("htmx:beforeSwap", ({ detail: { target, requestConfig } }) => {
  // A button that is disabled while its form is on its way has lost the focus already.
  const held = document.activeElement === document.body ? requestConfig.elt : document.activeElement;
  if (!target.matches(".gone") || held === target || !target.contains(held)) return;
  const beside = target.nextElementSibling ?? target.previousElementSibling;
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    const card = document.getElementById(target.id) ?? (beside?.isConnected ? beside : null);
    (card?.querySelector(".row .btn") ?? document.getElementById("main")).focus({ preventScroll: true });
  });
});

// A button that was disabled while its form was on its way gets the focus back that it lost. If it went with what it
// changed, its like gets it, or what stands in that place.
const successor = (pressed, target) => {
  const form = pressed.closest("form"), at = CSS.escape(pressed.getAttribute("formaction") ?? form?.getAttribute("action") ?? "");
  const like = document.querySelector(`button[formaction="${at}"], form[action="${at}"] button:not([formaction], [type="button"])`);
  const place = target?.id && document.getElementById(target.id);
  if (like) return like.closest("details.pop:not([open])")?.querySelector("summary") ?? like;
  return (place || null)?.querySelector("a[href], button, input:not([type=hidden]), select, summary") ?? document.getElementById("main");
};
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, target } }) => {
  const pressed = requestConfig.triggeringEvent?.submitter ?? requestConfig.elt;
  const isLetter = pressed.matches?.("[data-answer]") && !requestConfig.triggeringEvent?.isTrusted; // the next one follows
  const isAct = requestConfig.verb === "post" && requestConfig.triggeringEvent && pressed.matches("button") && !isLetter;
  setTimeout(() => {
    if (document.activeElement !== document.body) return;
    const menu = pressed.closest("details.pop:not([open])");
    if (pressed.isConnected) (menu?.querySelector("summary") ?? pressed).focus({ preventScroll: true });
    else if (isAct) successor(pressed, target)?.focus({ preventScroll: true });
  });
});

// A menu closes when what was chosen in it is done. One with choices that act while it is open stays, and one with an error.
document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr, requestConfig } }) => {
  const menu = elt.closest("details.pop[open]"), isChosen = ["click", "submit"].includes(requestConfig.triggeringEvent?.type);
  if (!menu || !isChosen || elt.closest("[data-panel]") || !(xhr.status >= 200 && xhr.status < 400)) return;
  if (menu.contains(document.activeElement)) menu.querySelector("summary").focus({ preventScroll: true });
  menu.open = false;
});

// What replaces the element that has the focus, such as a heart, gets it; and so does the same link among others.
document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  const held = document.activeElement, came = detail.fragment.firstElementChild;
  if (!came || !target.contains(held)) return; // nothing comes in the place of what is deleted
  const isSame = (link) => link.getAttribute("href") === held.getAttribute("href");
  const fresh = target === held ? came : [...came.querySelectorAll("a")].find(isSame);
  setTimeout(() => fresh?.focus({ preventScroll: true }));
});

// Toasts leave by themselves, those with Undo later; a pointer or the focus on one holds it.
const life = (box) => (box.querySelector("form") ? 12000 : box.classList.contains("error") ? 9000 : 5000);
const leave = (box, wait) =>
  setTimeout(() => (box.matches(":hover, :focus-within") ? leave(box, 2000) : box.remove()), wait);
const settle = (root) =>
  root.querySelectorAll("[data-toast]:not([data-timed])").forEach((box) => {
    box.dataset.timed = "";
    leave(box, life(box));
  });
// At most three stand there, and what is said again takes the place of what was said. What went wrong goes last.
const MOST = 3;
const words = (box) => box.querySelector("p").textContent;
const thin = (root) => {
  const all = [...root.querySelectorAll("[data-toast]")];
  const isSaidAgain = (box, at) => all.slice(at + 1).some((later) => words(later) === words(box));
  const older = all.filter((box, at) => !isSaidAgain(box, at)).slice(0, -1);
  const wrong = older.filter((box) => box.matches(".error")), well = older.filter((box) => !wrong.includes(box));
  const stays = [...well, ...wrong].slice(-(MOST - 1)).concat(all.slice(-1));
  for (const box of all) if (!stays.includes(box)) box.remove();
};
const toasts = document.getElementById("toasts");
new MutationObserver(() => {
  thin(toasts);
  settle(toasts);
}).observe(toasts, { childList: true });
thin(toasts);
settle(document);

document.addEventListener("click", (event) => {
  const { target } = event;
  target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
  for (const pop of document.querySelectorAll("details.pop[open]")) {
    if (!pop.contains(target) && !target.closest(".ask")) pop.open = false; // a question gives the focus back into it
  }
});

document.addEventListener("change", ({ target }) => {
  if (target.closest("[data-tweaks]")) document.documentElement.dataset[target.name] = target.value;
});

// A choice that saves itself and was refused shows again what holds. An error that is shown counts as success with htmx.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.status !== 200 && detail.elt.matches("[data-choice]")) detail.elt.reset();
});
