// Hearts: what somebody pressed last is what holds, also when it is pressed again before the answer, and when the page
// is left before it. Every request says what is wanted, so that one which arrives twice changes nothing.

const wanted = new Map(); // address of a like that is on its way -> whether the picture is to be liked
const heartsOf = (path) => document.querySelectorAll(`.like[hx-post="${CSS.escape(path)}"]`);
const isLiked = (heart) => heart.getAttribute("aria-pressed") === "true";

document.addEventListener("click", (event) => {
  const path = event.target.closest?.(".like")?.getAttribute("hx-post");
  if (!wanted.has(path)) return;
  event.preventDefault();
  event.stopPropagation();
  wanted.set(path, !wanted.get(path));
}, true);

document.addEventListener("htmx:configRequest", ({ detail: { elt, path, formData } }) => {
  if (!elt.matches(".like")) return;
  wanted.set(path, !isLiked(elt));
  formData.set("liked", wanted.get(path));
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, path } = detail.requestConfig;
  if (!elt.matches(".like")) return;
  const wish = wanted.get(path), [fresh] = heartsOf(path);
  wanted.delete(path);
  if (detail.xhr.status === 200 && fresh && isLiked(fresh) !== wish) fresh.click();
});

// The browser breaks off what is on its way when a page is left; a beacon goes on.
addEventListener("pagehide", () => {
  for (const [path, liked] of wanted) {
    const form = new FormData();
    form.set("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
    form.set("liked", liked);
    navigator.sendBeacon(path, form);
  }
});
