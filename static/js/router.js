// Filters, drawer and back button without losing the grid: what leaves the page is kept whole, with its scroll.
(() => {
  const drawer = document.getElementById("drawer");
  const results = () => document.getElementById("results");
  const isGallery = (url) => new URL(url, location).pathname === "/";
  const isImage = (url) => /^\/images\/[^/]+$/.test(new URL(url, location).pathname);
  const kept = new Map();
  let shown = results() ? location.pathname + location.search : null;
  let opener = null;

  const fetchFragment = async (url) => {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    if (response.redirected && !response.headers.get("Vary")?.includes("HX-Request")) location.assign(response.url);
    if (!response.ok) {
      pindeck.toast(await pindeck.reason(response), { error: true });
      return null;
    }
    return response.text();
  };

  const keep = () => {
    const filters = document.getElementById("filters");
    if (shown && results()) kept.set(shown, { node: results(), filters, scroll: scrollY });
    if (kept.size > 12) kept.delete(kept.keys().next().value);
  };

  let turn = 0;
  const showResults = async (url, { push = true, fresh = false, typing = false } = {}) => {
    const mine = ++turn;
    const there = new URL(url, location);
    const key = there.pathname + there.search;
    keep();
    const saved = push || fresh ? null : kept.get(key);
    if (saved) {
      results().replaceWith(saved.node);
      document.getElementById("filters")?.replaceWith(saved.filters);
      scrollTo(0, saved.scroll);
    } else {
      const html = await fetchFragment(url);
      if (html === null || mine !== turn) return; // a newer search is on its way
      const page = new DOMParser().parseFromString(html, "text/html");
      results().replaceWith(page.getElementById("results"));
      const filters = page.getElementById("filters");
      if (filters) document.getElementById("filters")?.replaceWith(filters);
      htmx.process(results());
      if (push) scrollTo(0, 0);
    }
    shown = key;
    if (push) history[typing ? "replaceState" : "pushState"]({}, "", url);
    syncSearch(there);
    document.getElementById("rail").classList.remove("open");
  };

  const syncSearch = (there) => {
    const form = document.querySelector("[data-search]");
    if (document.activeElement?.id !== "q") form.q.value = there.searchParams.get("q") ?? "";
    form.querySelectorAll('input[type="hidden"]').forEach((input) => input.remove());
    for (const name of ["category", "group", "liked"]) {
      const value = there.searchParams.get(name);
      if (value) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  };

  const openDrawer = async (url, { push = true } = {}) => {
    const html = await fetchFragment(url);
    if (html === null) return;
    drawer.innerHTML = html;
    htmx.process(drawer);
    pindeck.enhance?.(drawer);
    drawer.classList.add("open");
    drawer.scrollTop = 0;
    if (push) history[drawer.dataset.pushed && isImage(location) ? "replaceState" : "pushState"]({}, "", url);
    drawer.dataset.pushed = "1";
    drawer.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("drawer:opened"));
  };

  const closeDrawer = ({ back = true } = {}) => {
    if (!drawer.classList.contains("open")) return;
    drawer.classList.remove("open");
    drawer.innerHTML = "";
    if (back && drawer.dataset.pushed) history.back();
    delete drawer.dataset.pushed;
    opener?.isConnected && opener.focus({ preventScroll: true });
  };

  const tileOf = (id) => document.querySelector(`.tile > a[href="/images/${id}"]`)?.parentElement;
  // After an undo: whatever of this page may have changed is read again, and nothing else moves.
  const refresh = async () => {
    if (drawer.classList.contains("open")) await openDrawer(location.href, { push: false });
    if (results()) return showResults(shown, { push: false, fresh: true });
    const review = document.getElementById("review");
    if (!review) return document.querySelector(".imagepage") ? location.reload() : undefined;
    const html = await fetchFragment(location.href);
    const page = new DOMParser().parseFromString(html ?? "", "text/html").getElementById("review");
    if (!page) return undefined;
    review.replaceWith(page);
    htmx.process(page);
    return pindeck.enhance?.(page);
  };
  Object.assign(pindeck, { openDrawer, closeDrawer, tileOf, refresh, drawer });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.closest(".tile") && results()) {
      event.preventDefault();
      opener = link;
      openDrawer(link.href);
    } else if (link.matches("[data-close-drawer]") && drawer.contains(link)) {
      event.preventDefault();
      closeDrawer();
    } else if (link.matches("[data-step]") && drawer.contains(link)) {
      event.preventDefault();
      const here = tileOf(drawer.querySelector("[data-image]").dataset.image);
      const beside = link.dataset.step > 0 ? here?.nextElementSibling : here?.previousElementSibling;
      const next = beside?.matches(".tile") ? beside.querySelector("a") : null;
      opener = next ?? opener;
      openDrawer(next?.href ?? link.href);
    } else if (link.closest("[data-router]") && results() && isGallery(link.href)) {
      event.preventDefault();
      showResults(link.href);
    }
  });

  let waiting;
  document.querySelector("[data-search]")?.addEventListener("input", (event) => {
    if (!results()) return;
    clearTimeout(waiting);
    const form = event.currentTarget;
    waiting = setTimeout(() => {
      const values = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
      showResults("/" + (values.size ? `?${values}` : ""), { typing: new URLSearchParams(location.search).has("q") });
    }, 250);
  });
  document.querySelector("[data-search]")?.addEventListener("submit", (event) => {
    if (results()) event.preventDefault();
  });

  addEventListener("popstate", () => {
    if (isImage(location)) {
      if (results()) openDrawer(location.href, { push: false });
      else location.reload();
      return;
    }
    closeDrawer({ back: false });
    if (results() && isGallery(location) && location.pathname + location.search !== shown) {
      showResults(location.href, { push: false });
    } else if (!results()) location.reload();
  });

  // Deleting from the drawer: the tile goes, the drawer closes, the toast offers Undo.
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-removes]");
    if (!form || !drawer.contains(form)) return;
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
    closeDrawer();
    document.getElementById("toasts").append(toast);
    htmx.process(toast);
  });
})();
