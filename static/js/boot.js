// Runs before the first paint: says that scripts work.
document.documentElement.classList.add("js");
