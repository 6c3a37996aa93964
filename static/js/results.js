// The results of a filter, replaced without leaving the page; what goes is kept whole, with its scroll.
(() => {
  const KEPT = 12;
  const FILTERS = ["category", "group", "color", "liked"];
  const search = document.querySelector("[data-search]");
  const here = () => document.getElementById("results");
  const kept = new Map();
  let shown = here() ? location.pathname + location.search : null;
  let turn = 0;

  const keep = () => {
    if (shown && here()) kept.set(shown, { results: here(), filters: document.getElementById("filters"), scroll: scrollY });
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  };

  const put = (results, filters) => {
    here().replaceWith(results);
    if (filters) document.getElementById("filters")?.replaceWith(filters);
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  };

  // The search field says what is searched, and sends the other filters along.
  const syncSearch = (address) => {
    if (document.activeElement?.id !== "q") search.q.value = address.searchParams.get("q") ?? "";
    search.querySelectorAll('input[type="hidden"]').forEach((input) => input.remove());
    for (const name of FILTERS) {
      const value = address.searchParams.get(name);
      if (value) search.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  };

  // `push` makes an entry in the history, or changes the present one while somebody is `typing`; `fresh` reads again
  // what was kept.
  const show = async (url, { push = true, fresh = false, typing = false } = {}) => {
    const mine = ++turn;
    const address = new URL(url, location), key = address.pathname + address.search;
    keep();
    const saved = push || fresh ? null : kept.get(key);
    if (saved) {
      put(saved.results, saved.filters);
      scrollTo(0, saved.scroll);
    } else {
      const html = await pindeck.fragment(url);
      if (html === null || mine !== turn) return; // a newer search is on its way
      const page = new DOMParser().parseFromString(html, "text/html");
      put(page.getElementById("results"), page.getElementById("filters"));
      htmx.process(here());
      if (push) scrollTo(0, 0);
    }
    shown = key;
    if (push) history[typing ? "replaceState" : "pushState"]({}, "", url);
    syncSearch(address);
    document.getElementById("rail").classList.remove("open");
  };

  pindeck.results = { here, show, shown: () => shown };

  let waiting;
  search?.addEventListener("input", () => {
    if (!here()) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const values = new URLSearchParams([...new FormData(search)].filter(([, value]) => value));
      show("/" + (values.size ? `?${values}` : ""), { typing: new URLSearchParams(location.search).has("q") });
    }, 250);
  });
  search?.addEventListener("submit", (event) => {
    if (here()) event.preventDefault();
  });
})();
