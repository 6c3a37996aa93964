// Runs before the first paint: says that scripts work, and whether the rail is folded away.
document.documentElement.classList.add("js");
try { if (localStorage.getItem("pindeck-rail")) document.documentElement.classList.add("folded"); } catch { /* no storage */ }
// A key that is pressed before the modules are there waits for them.
window.early = [];
window.keepEarly = (event) => window.early.push(event);
document.addEventListener("keydown", window.keepEarly, true);
