// The size of tiles follows the slider at once; htmx keeps it when the slider is let go.
const ON_SMALL = 0.52, root = document.documentElement; // the same as in web/hanging.py

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-size]")) return;
  root.style.setProperty("--row", `${target.value}px`);
  root.style.setProperty("--small-row", `${Math.round(target.value * ON_SMALL)}px`);
});

// Pictures that became larger need more pixels.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-size]")) return;
  for (const img of document.querySelectorAll(".grid > .tile img[srcset]")) img.sizes = `${Math.ceil(img.clientWidth)}px`;
});
