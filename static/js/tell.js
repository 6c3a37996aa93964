// What a voice says of the wall: how many pictures there are and how many of them are chosen, and in which order they stand now.
const PAUSE_MS = 350; // whoever chooses on hears the last number alone

const line = Object.assign(document.createElement("p"), { className: "sr", id: "tells" });
line.setAttribute("role", "status");
if (document.querySelector("#results #many")) document.getElementById("main").append(line);

const many = () => document.getElementById("many")?.textContent.trim() ?? "";
let timer = 0, order = new URLSearchParams(location.search).get("sort") ?? "";

const tell = (words) => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    line.textContent = words();
  }, PAUSE_MS);
};

document.addEventListener("pindeck:chosen", ({ target }) => {
  const chosen = target.querySelector("[data-chosen]");
  if (line.isConnected && chosen) tell(() => [many(), chosen.textContent || "none chosen"].filter(Boolean).join(", "));
});

// The order stands in the line above the wall, and the number comes a moment after it.
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  const now = new URLSearchParams(location.search).get("sort") ?? "";
  if (target.id !== "many" || now === order) return;
  order = now;
  const label = document.querySelector("#sort > summary, a#sort")?.textContent.trim();
  if (label) tell(() => `In order: ${label.toLowerCase()}. ${many()}`);
});
