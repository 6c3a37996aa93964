// The drawer: one picture beside the grid, at its own address. On a small screen it covers the page.
(() => {
  const box = document.getElementById("drawer");
  if (!box) return;
  const narrow = matchMedia("(max-width: 900px)");
  const isImage = (url) => /^\/images\/[^/]+$/.test(new URL(url, location).pathname);
  const isOpen = () => box.classList.contains("open");
  const tileOf = (id) => document.querySelector(`.tile > a[href="/images/${id}"]`)?.parentElement;
  let opener = null;

  // What lies under it is out of reach for the keyboard too; toasts and dialogs stay above.
  const cover = () => {
    const covers = isOpen() && narrow.matches;
    for (const part of document.body.children) if (part !== box && !part.matches(".toasts, dialog")) part.inert = covers;
    if (covers) box.setAttribute("role", "dialog");
    else box.removeAttribute("role");
  };
  narrow.addEventListener("change", cover);

  // The entry in the history says which results lay under the picture, for whoever comes back to it.
  const open = async (url, { push = true, from = opener } = {}) => {
    const html = await pindeck.fragment(url);
    if (html === null) return;
    opener = from;
    box.innerHTML = html;
    htmx.process(box);
    pindeck.enhance?.(box);
    box.classList.add("open");
    box.scrollTop = 0;
    cover();
    if (push) {
      const entry = box.dataset.pushed && isImage(location) ? "replaceState" : "pushState";
      history[entry]({ under: pindeck.results.shown() }, "", url);
    }
    box.dataset.pushed = "1";
    box.focus({ preventScroll: true });
  };

  const close = ({ back = true } = {}) => {
    if (!isOpen()) return;
    const tile = tileOf(box.querySelector("[data-image]")?.dataset.image);
    box.classList.remove("open");
    box.innerHTML = "";
    cover();
    if (back && box.dataset.pushed) history.back();
    delete box.dataset.pushed;
    const home = opener?.isConnected ? opener : tile?.querySelector("a") ?? document.getElementById("main");
    home.focus({ preventScroll: true });
  };

  // To the neighbour in the grid; beyond its end to the one the link names.
  const step = (link) => {
    const here = tileOf(box.querySelector("[data-image]").dataset.image);
    const beside = link.dataset.step > 0 ? here?.nextElementSibling : here?.previousElementSibling;
    const next = beside?.matches(".tile") ? beside.querySelector("a") : null;
    return open(next?.href ?? link.href, { from: next ?? opener });
  };

  // Deleting: the tile goes, the drawer closes, the toast offers Undo.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-removes]");
    if (!form || !box.contains(form)) return;
    event.preventDefault();
    const tile = tileOf(form.dataset.removes);
    const response = await pindeck.post(form.action).catch(() => null);
    if (!response?.ok) {
      pindeck.toast(response ? await pindeck.reason(response) : "There is no connection.", { error: true });
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const toast = page.querySelector("[data-toast]");
    opener = tile?.nextElementSibling?.querySelector("a") ?? null;
    tile?.remove();
    close();
    document.getElementById("toasts").append(toast);
    htmx.process(toast);
  });

  Object.assign(pindeck, { tileOf, drawer: { box, open, close, step, isOpen, isImage } });
})();
