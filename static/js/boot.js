// Runs before the first paint: says that scripts work, and whether the rail is folded away.
document.documentElement.classList.add("js");
try { if (localStorage.getItem("pindeck-rail")) document.documentElement.classList.add("folded"); } catch { /* no storage */ }
