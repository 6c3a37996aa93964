// The canvas of a board: what it needs is loaded where there is one.
if (document.getElementById("canvas")) {
  import("./canvas_move.js");
  import("./canvas_keys.js");
  import("./canvas_tray.js");
}
