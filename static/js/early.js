// The keys that were pressed while the modules were on their way are pressed now. The last module of a page.
import { isTyping } from "./keyboard.js";

document.removeEventListener("keydown", window.keepEarly, true);
for (const event of window.early.splice(0)) {
  const { key, shiftKey, target } = event;
  // What the browser does by itself with other keys is done already.
  if (!(key.length === 1 && key !== " ") && !key.startsWith("Arrow")) continue;
  const to = target === document.body ? document.activeElement : target; // an earlier key may have moved the focus
  if (isTyping(event) || !to.isConnected) continue;
  to.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
}
