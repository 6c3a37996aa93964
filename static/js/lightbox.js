// Full window: arrows move through the pictures of the page, wheel, double click and pinch zoom, Esc closes.
(() => {
  const box = document.getElementById("lightbox");
  if (!box) return;
  const img = box.querySelector("img"), title = box.querySelector(".top p"), load = box.querySelector(".top a"), pal = box.querySelector(".pal");
  let scale = 1, x = 0, y = 0, current = null, opener = null, original = "";
  const pointers = new Map();

  const place = () => {
    img.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    box.classList.toggle("zoomed", scale > 1);
  };
  const reset = () => { scale = 1; x = y = 0; place(); };
  const zoom = (factor, cx, cy) => {
    const next = Math.min(12, Math.max(1, scale * factor));
    x = cx - ((cx - x) * next) / scale;
    y = cy - ((cy - y) * next) / scale;
    scale = next;
    if (scale === 1) x = y = 0;
    if (scale > 1.6 && original && img.dataset.full !== original) {
      const full = new Image();
      full.onload = () => { if (img.dataset.full === full.getAttribute("src")) img.src = full.src; };
      img.dataset.full = original;
      full.src = original;
    }
    place();
  };

  const show = (picture) => {
    reset();
    current = picture.tile ?? null;
    original = picture.original;
    delete img.dataset.full;
    img.removeAttribute("src");
    img.style.backgroundImage = picture.small ? `url("${picture.small}")` : "";
    img.src = picture.large;
    img.alt = title.textContent = picture.title;
    load.href = picture.download;
    pal.replaceChildren(...picture.colors.map((c) => { const i = document.createElement("i"); i.style.setProperty("--s", c); return i; }));
    const vivid = (c) => { const v = [1, 3, 5].map((n) => parseInt(c.slice(n, n + 2), 16)); return Math.max(...v) - Math.min(...v); };
    const [accent] = [...picture.colors].sort((a, b) => vivid(b) - vivid(a));
    if (accent) box.style.setProperty("--accent", accent);
    for (const [side, step] of [[".prev", -1], [".nxt", 1]]) box.querySelector(side).hidden = !beside(step);
    if (!box.open) box.showModal();
    for (const by of [1, -1]) if (beside(by)) new Image().src = ofTile(beside(by)).large;
  };

  const ofTile = (tile) => {
    const id = pindeck.idOf(tile), medium = tile.querySelector("img");
    const style = getComputedStyle(tile);
    return {
      tile,
      title: tile.querySelector(".cap").textContent,
      small: medium.currentSrc,
      large: medium.src.includes("/media/") || medium.src.includes("-w320.") ? medium.src.replace("-w320.", "-w1280.") : `/i/${id}?size=large`,
      original: `/i/${id}`,
      download: `/i/${id}?download=1`,
      colors: ["a", "b", "c", "d", "e"].map((n) => style.getPropertyValue(`--${n}`).trim()).filter(Boolean),
    };
  };
  const ofSheet = (sheet) => ({
    tile: pindeck.tileOf?.(sheet.dataset.image),
    title: sheet.dataset.title,
    small: sheet.querySelector(".hero img")?.currentSrc,
    large: sheet.dataset.large,
    original: sheet.dataset.original,
    download: sheet.dataset.download,
    colors: sheet.dataset.colors.split(" ").filter(Boolean),
  });
  const beside = (step) => {
    let next = step > 0 ? current?.nextElementSibling : current?.previousElementSibling;
    if (next && !next.matches(".tile")) next = null;
    return next;
  };
  const step = (by) => {
    const next = beside(by);
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    show(ofTile(next));
  };
  pindeck.look = (tile) => { opener = tile.querySelector("a"); show(ofTile(tile)); };

  document.addEventListener("click", (event) => {
    const onTile = event.target.closest("[data-zoom-tile]"), link = event.target.closest("[data-zoom]");
    if (onTile) { event.preventDefault(); pindeck.look(onTile.closest(".tile")); }
    else if (link && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      opener = link;
      const sheet = link.closest(".sheet") ?? link.closest(".imagepage")?.querySelector(".sheet");
      const shot = link.querySelector("img");
      show(sheet ? ofSheet(sheet) : { title: shot.alt, large: link.href, original: "", download: link.href, colors: [] });
    }
  });
  box.querySelector(".prev").addEventListener("click", () => step(-1));
  box.querySelector(".nxt").addEventListener("click", () => step(1));
  box.querySelector("[data-close]").addEventListener("click", () => box.close());
  box.addEventListener("close", () => { img.removeAttribute("src"); const back = current?.querySelector("a") ?? opener; (opener?.matches("[data-zoom]") && opener.isConnected ? opener : back)?.focus(); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "+" || event.key === "=") zoom(1.4, innerWidth / 2, innerHeight / 2);
    else if (event.key === "-") zoom(1 / 1.4, innerWidth / 2, innerHeight / 2);
    else if (event.key === "0") reset();
    else return;
    event.preventDefault();
  });
  box.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY < 0 ? 1.18 : 1 / 1.18, event.clientX, event.clientY); }, { passive: false });
  let moved = false, start = null;
  // One click zooms in or out; the second of a double click changes nothing any more.
  img.addEventListener("click", (event) => {
    if (moved || event.detail > 1) return;
    if (scale > 1) reset();
    else zoom(2.5, event.clientX, event.clientY);
  });
  img.addEventListener("pointerdown", (event) => { pointers.set(event.pointerId, event); img.setPointerCapture(event.pointerId); moved = false; start = event; });
  img.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (pointers.size === 2) {
      const other = [...pointers.values()].find((p) => p.pointerId !== event.pointerId);
      const far = (p) => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
      zoom(far(event) / Math.max(1, far(last)), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    } else if (scale > 1) { x += event.clientX - last.clientX; y += event.clientY - last.clientY; place(); }
    if (Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 6) moved = true;
    pointers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"]) img.addEventListener(end, (event) => {
    const far = event.clientX - (start?.clientX ?? 0);
    if (end === "pointerup" && event.pointerType === "touch" && scale === 1 && pointers.size === 1 && Math.abs(far) > 60) step(far < 0 ? 1 : -1);
    pointers.delete(event.pointerId);
  });
  box.addEventListener("click", (event) => { if (event.target === box && !moved) box.close(); });
})();
