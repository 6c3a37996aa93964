// A list that is read again and again: of what came only the lines that differ are put in, each where it stood.
import { htmx } from "./htmx.js";

const MOST = 200; // lines that may gather before the list begins anew

// "12 s ago" is another word with each answer; that alone makes no new line, or what is read would flicker.
const withoutTimes = (line) => {
  const copy = line.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.textContent = "";
  return copy;
};

const tellTimes = (old, came) => {
  const words = came.querySelectorAll("time");
  old.querySelectorAll("time").forEach((time, at) => { time.textContent = words[at].textContent; });
  return true;
};

const same = (old, came) => {
  if (came.dataset.every) return old.dataset.every === came.dataset.every;
  return old.isEqualNode(came) || (withoutTimes(old).isEqualNode(withoutTimes(came)) && tellTimes(old, came));
};

const put = (old, came) => {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(came);
  const at = held?.getAttribute("formaction") ?? held?.getAttribute("href");
  const like = at && [...came.querySelectorAll("a, button")].find((one) => (one.getAttribute("formaction") ?? one.getAttribute("href")) === at);
  (like || (held && (came.querySelector(held.localName) ?? came.querySelector("a, button"))))?.focus({ preventScroll: true });
  return came;
};

// A line that ended stays where it is; one that is new comes first. A line under way of which nothing is heard any more
// means that much happened since, and then the whole list comes anew.
const lines = (list, fresh) => {
  const came = [];
  const known = new Map([...list.children].map((line) => [line.id, line]));
  const isLost = (line) => /running|waiting/.test(line.dataset.state) && !fresh.querySelector(`#${CSS.escape(line.id)}`);
  if (list.children.length > MOST || [...list.children].some(isLost)) return [put(list, fresh)];
  for (const line of [...fresh.children].reverse()) {
    const old = known.get(line.id);
    if (!old) list.prepend(line), came.push(line);
    else if (!same(old, line)) came.push(put(old, line));
  }
  return came;
};

htmx.defineExtension("rows", {
  isInlineSwap: (style) => style === "rows",
  handleSwap: (style, target, fragment) => {
    if (style !== "rows") return false;
    const fresh = fragment.querySelector(`#${CSS.escape(target.id)}`);
    target.querySelector("[data-lost]")?.toggleAttribute("hidden", true);
    const parts = [...fresh.children].filter(({ id }) => id);
    for (const old of [...target.children]) if (old.id && !parts.some(({ id }) => id === old.id)) old.remove();
    let before = null;
    return parts.flatMap((part) => {
      const old = document.getElementById(part.id), last = before;
      before = part.id;
      if (!old) {
        if (last) document.getElementById(last).after(part);
        else target.prepend(part);
        return [part];
      }
      if (part.matches("form") || same(old, part)) return []; // a filter that is being chosen stays
      return part.matches("ol") ? lines(old, part) : [put(old, part)];
    });
  },
});

for (const wrong of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(wrong, ({ detail: { elt } }) => {
    if (elt.dataset.every) elt.parentElement?.querySelector("[data-lost]")?.removeAttribute("hidden");
  });
}
