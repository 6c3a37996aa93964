// Tiles: the blurred picture before the picture, likes that answer at once, and the menu on hover.
(() => {
  // ThumbHash (a DCT of a picture in some 25 bytes) to pixels; format: evanw.github.io/thumbhash.
  const channel = (bytes, at, nx, ny, scale) => {
    const ac = [];
    for (let cy = 0; cy < ny; cy++)
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++, at.i++)
        ac.push((((bytes[at.start + (at.i >> 1)] >> ((at.i & 1) << 2)) & 15) / 7.5 - 1) * scale);
    return ac;
  };
  const sum = (ac, nx, ny, fx, fy) => {
    let total = 0, j = 0;
    for (let cy = 0; cy < ny; cy++)
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++) total += ac[j++] * fx[cx] * fy[cy] * 2;
    return total;
  };
  const paint = (hash) => {
    const b = Uint8Array.from(atob(hash), (c) => c.charCodeAt(0));
    const low = b[0] | (b[1] << 8) | (b[2] << 16), high = b[3] | (b[4] << 8);
    const alpha = low >> 23, wide = high >> 15;
    const lx = Math.max(3, wide ? (alpha ? 5 : 7) : high & 7), ly = Math.max(3, wide ? high & 7 : alpha ? 5 : 7);
    const at = { start: alpha ? 6 : 5, i: 0 };
    const l = channel(b, at, lx, ly, ((low >> 18) & 31) / 31);
    const p = channel(b, at, 3, 3, (((high >> 3) & 63) / 63) * 1.25);
    const q = channel(b, at, 3, 3, (((high >> 9) & 63) / 63) * 1.25);
    const dc = [(low & 63) / 63, ((low >> 6) & 63) / 31.5 - 1, ((low >> 12) & 63) / 31.5 - 1];
    const ratio = lx / ly, w = Math.round(ratio > 1 ? 24 : 24 * ratio), h = Math.round(ratio > 1 ? 24 / ratio : 24);
    const waves = (n, size) => Array.from({ length: n }, (_, x) => Array.from({ length: 8 }, (_, c) => Math.cos((Math.PI / n) * (x + 0.5) * c)).slice(0, size));
    const fxs = waves(w, 8), fys = waves(h, 8);
    const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
    const image = new ImageData(w, h);
    for (let y = 0, i = 0; y < h; y++)
      for (let x = 0; x < w; x++, i += 4) {
        const L = dc[0] + sum(l, lx, ly, fxs[x], fys[y]), P = dc[1] + sum(p, 3, 3, fxs[x], fys[y]), Q = dc[2] + sum(q, 3, 3, fxs[x], fys[y]);
        const blue = L - (2 / 3) * P, red = (3 * L - blue + Q) / 2;
        image.data.set([red * 255, (red - Q) * 255, blue * 255, 255], i);
      }
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas.toDataURL();
  };

  const dress = (root) => {
    root.querySelectorAll(".tile[data-h]").forEach((tile) => {
      const img = tile.querySelector("img");
      if (img.complete && img.naturalWidth) img.classList.add("on");
      else tile.style.backgroundImage = `url(${paint(tile.dataset.h)})`;
      delete tile.dataset.h;
    });
    root.querySelectorAll(".tile img:not(.on)").forEach((img) => { if (img.complete) img.classList.add("on"); });
  };
  document.addEventListener("load", (event) => {
    if (event.target.matches?.(".tile img")) event.target.classList.add("on");
  }, true);
  document.addEventListener("error", (event) => {
    if (event.target.matches?.(".tile img")) event.target.classList.add("on");
  }, true);
  new MutationObserver((changes) => { if (changes.some((c) => c.addedNodes.length)) dress(document); })
    .observe(document.getElementById("main"), { childList: true, subtree: true });
  dress(document);

  const toggle = async (button) => {
    const was = button.getAttribute("aria-pressed") === "true";
    const number = button.lastChild, before = number?.textContent ?? "";
    const show = (on) => document.querySelectorAll(`.like[formaction="${button.getAttribute("formaction")}"]`).forEach((b) => {
      b.setAttribute("aria-pressed", String(on));
      const count = (parseInt(before.trim() || "0", 10) || 0) + (on === was ? 0 : on ? 1 : -1);
      b.textContent = count > 0 ? String(count) : "";
      b.setAttribute("aria-label", count > 0 ? `Like, ${count}` : "Like");
    });
    show(!was);
    const response = await pindeck.post(button.getAttribute("formaction")).catch(() => null);
    if (response?.ok) return;
    show(was);
    pindeck.toast(response ? await pindeck.reason(response) : "There is no connection; the like was taken back.", { error: true });
  };
  document.addEventListener("click", (event) => {
    const like = event.target.closest(".like");
    if (!like) return;
    event.preventDefault();
    toggle(like);
  });

  let timer;
  const menu = (tile) => {
    if (tile.querySelector(".acts") || tile.dataset.asked) return;
    tile.dataset.asked = "1";
    fetch(`/images/${pindeck.idOf(tile)}/menu`, { headers: { "HX-Request": "true" } })
      .then((r) => (r.ok ? r.text() : ""))
      .then((html) => tile.insertAdjacentHTML("beforeend", html))
      .catch(() => delete tile.dataset.asked);
  };
  for (const kind of ["pointerover", "focusin", "touchstart"])
    document.addEventListener(kind, (event) => {
      const tile = event.target.closest?.(".tile");
      clearTimeout(timer);
      if (tile) timer = setTimeout(menu, 160, tile);
    }, { passive: true });
})();
