// Two pictures over each other: the slider says where the first one ends. Without scripts they stand side by side.

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-wipes]")) {
    event.target.closest("[data-wipe]").style.setProperty("--at", `${event.target.value}%`);
  }
});
