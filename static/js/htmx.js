// htmx is a classic script that was loaded before the modules; this is the one place that takes it from the window.
export const { htmx } = window;
