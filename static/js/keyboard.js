// Single letters are keys only when nobody types, no modifier is held and no dialog is open.

export const isField = (element) => Boolean(element.matches?.("input, textarea, select, [contenteditable]"));

export const isTyping = (event) =>
  event.metaKey || event.ctrlKey || event.altKey || isField(event.target) || Boolean(document.querySelector("dialog[open]"));
