// The keyboard: single letters only when nobody types and no modifier is held.
(() => {
  const typing = (el) => el.matches?.("input, textarea, select, [contenteditable]");
  const sheet = document.getElementById("keys");
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) sheet.showModal(); });

  const move = (tile, key) => {
    const all = [...document.querySelectorAll(".grid > .tile")];
    if (key === "ArrowRight" || key === "ArrowLeft") return all[all.indexOf(tile) + (key === "ArrowRight" ? 1 : -1)];
    const here = tile.getBoundingClientRect(), middle = here.left + here.width / 2, down = key === "ArrowDown";
    const rows = all.map((t) => [t, t.getBoundingClientRect()]).filter(([, r]) => (down ? r.top > here.top + 4 : r.top < here.top - 4));
    const edge = down ? Math.min(...rows.map(([, r]) => r.top)) : Math.max(...rows.map(([, r]) => r.top));
    return rows.filter(([, r]) => Math.abs(r.top - edge) < 4).sort((p, q) => Math.abs(p[1].left + p[1].width / 2 - middle) - Math.abs(q[1].left + q[1].width / 2 - middle))[0]?.[0];
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if ((event.metaKey || event.ctrlKey) && key.toLowerCase() === "k") {
      event.preventDefault();
      document.getElementById("q")?.select();
      return;
    }
    if (key === "Escape") {
      const pop = document.querySelector("details.pop[open]");
      if (document.querySelector("dialog[open]")) return;
      if (pop) { pop.open = false; pop.querySelector("summary").focus(); }
      else if (pindeck.closeRail?.()) return;
      else if (typing(target)) target.blur();
      else pindeck.drawer?.close();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || typing(target) || document.querySelector("dialog[open]")) return;
    const tile = target.closest?.(".tile");
    if (key.startsWith("Arrow")) {
      const open = pindeck.drawer?.isOpen();
      if (open && !tile && (key === "ArrowLeft" || key === "ArrowRight")) {
        document.querySelector(`#drawer [data-step="${key === "ArrowRight" ? 1 : -1}"]`)?.click();
      } else if (tile) {
        const next = move(tile, key);
        if (next) { event.preventDefault(); next.querySelector("a").focus(); }
      } else if (key === "ArrowDown" && target === document.body) document.querySelector(".tile a")?.focus({ preventScroll: true });
    } else if (key === "/") { event.preventDefault(); document.getElementById("q")?.select(); }
    else if (key === "?") sheet.showModal();
    else if (key === " " && tile) { event.preventDefault(); pindeck.look(tile); }
    else if (key === "l") (tile ?? document.querySelector("#drawer.open, .imagepage"))?.querySelector(".like")?.click();
    else {
      const view = [...document.querySelectorAll(".nav a")].find((link) => link.dataset.key === key);
      if (view) location.assign(view.href);
    }
  });
})();
