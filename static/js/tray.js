// The tray of uploads: three files are sent at a time, and what was sent survives leaving the page. A row is drawn here
// only until its file has arrived; from then on the server draws it, and is asked once a second while one is unfinished.
import { htmx } from "./htmx.js";
import * as kept from "./tray_memory.js";

const AT_ONCE = 3;
const TURNS = 5; // so often a file is sent again by itself while the server is busy
const ASKED = 80; // of so many at most in one address

export const tray = document.getElementById("tray");
const list = tray?.querySelector("ul"), poller = tray?.querySelector("[data-poll]");
const fold = tray?.querySelector("details");
const narrow = matchMedia("(max-width: 900px)");
const files = new WeakMap(); // row -> the file that is not yet safe, and how often the server was too busy for it
const held = new Map(); // row -> the event after which it is sent again by itself
const queue = [];
let sending = 0, polling = 0;

const say = (row, stage, text, percent = 0) => {
  row.className = `up ${stage}`;
  row.style.setProperty("--p", percent);
  row.querySelector(".st").textContent = text;
  row.querySelector(".act").replaceChildren();
};

// `until` is what ends the reason: the connection is back, or somebody signed in again.
const fail = (row, text, until) => {
  say(row, "failed", text, 100);
  if (until) held.set(row, until);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Try again" });
  button.addEventListener("click", () => enqueue(row));
  row.querySelector(".act").append(button);
};

const add = (name, stage, text) => {
  const row = document.createElement("li");
  row.innerHTML =
    '<img class="pic" alt=""><span class="nm"></span><span class="st"></span><span class="act"></span><span class="meter"><i></i></span>';
  row.querySelector(".nm").textContent = name;
  row.setAttribute("hx-encoding", "multipart/form-data");
  say(row, stage, text);
  list.append(row);
  return row;
};

// What is sent

const enqueue = (row) => {
  held.delete(row);
  say(row, "waiting", "Waiting");
  queue.push(row);
  next();
};

const next = () => {
  while (sending < AT_ONCE && queue.length) send(queue.shift());
};

const send = async (row) => {
  sending++;
  say(row, "sending", "Sending");
  const { file, words } = files.get(row);
  const named = file.name ? file : new File([file], "pasted.png", { type: file.type });
  try {
    await htmx.ajax("POST", tray.dataset.upload, { source: row, target: row, swap: "outerHTML", values: { ...words, files: named } });
  } catch {
    fail(row, "The connection broke off. Try again.", "online");
  }
  sending--;
  next();
  if (!sending && !queue.length) arrived();
  poll();
};

// One goes on in Review: there the list shows what has arrived, unless somebody writes in it or has scrolled away.
const arrived = () => {
  const review = document.querySelector("#results.review");
  const writes = review?.contains(document.activeElement) && document.activeElement.matches("input:not(.check), textarea, select");
  if (review && !writes && scrollY < innerHeight) htmx.trigger(review, "arrived");
};

// `words` go before each file: those that a person typed for it, by the name of their field, and the board of the form.
export const upload = (chosen, typed = {}) => {
  const board = document.querySelector("[data-dropform] [name=board]")?.value.trim();
  const words = board ? { ...typed, board } : typed;
  if (!kept.isFolded()) fold.open = true;
  for (const file of chosen) {
    const row = add(file.name || "Pasted picture", "waiting", "Waiting"), picture = row.querySelector(".pic");
    picture.addEventListener("load", sumUp, { once: true }); // its thumbnail can be kept now
    picture.src = URL.createObjectURL(file);
    files.set(row, { file, words, turns: 0 });
    enqueue(row);
  }
};

const judge = (event) => {
  const { xhr, requestConfig } = event.detail;
  const row = requestConfig.elt, sent = files.get(row);
  if (!sent) return;
  const pause = Number(xhr.getResponseHeader("Retry-After"));
  if (xhr.status === 503 && pause && ++sent.turns <= TURNS) {
    event.preventDefault();
    say(row, "waiting", "Waiting");
    setTimeout(enqueue, pause * 1000, row);
    return;
  }
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  if (page.querySelector(".up")) return;
  if (xhr.status === 401) { // the toast that offers to sign in is shown, and the file waits
    fail(row, "Not sent: you are signed out.", "pindeck:signed-in");
    return;
  }
  event.preventDefault();
  fail(row, page.querySelector("[data-toast] p")?.textContent.trim() || "The server did not take this file.");
};

// What the server says

const poll = () => {
  polling ||= setTimeout(() => {
    polling = 0;
    if (list.querySelector('[name="ids"]')) htmx.trigger(poller, "poll");
  }, 1000);
};

// The picture from the local file stays if the browser can show it, and so does the focus.
const keep = (old, fresh) => {
  const picture = old.querySelector("img.pic[src]");
  if (picture?.naturalWidth) fresh.querySelector(".pic").replaceWith(picture);
  if (old.contains(document.activeElement)) setTimeout(() => fresh.querySelector("a")?.focus({ preventScroll: true }));
};

const sentence = (all, done, failed) => {
  if (done + failed < all) return `${done} of ${all} ready`;
  return [done && `${done} ready to review`, failed && `${failed} could not be used`].filter(Boolean).join(", ");
};

const sumUp = () => {
  const count = (stage) => list.querySelectorAll(`.up${stage}`).length;
  const all = count(""), done = count(".done"), failed = count(".failed");
  tray.hidden = !all;
  tray.querySelector("[data-dismiss-tray]").hidden = done + failed < all;
  const text = sentence(all, done, failed), summary = tray.querySelector("[data-summary]");
  if (summary.textContent !== text) summary.textContent = text;
  kept.save([...list.querySelectorAll(".up[data-id]")]);
};

const ask = (row) => row.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: row.dataset.id }));

// What was sent from an earlier page, as it was there. The server is asked about all of it, and corrects that.
const recall = () => {
  // Open, it takes half of a small screen, and in Review the pictures themselves are there.
  const isThere = tray.querySelector("[data-next]").pathname === location.pathname;
  fold.open = !(kept.isFolded() ?? (narrow.matches || isThere));
  for (const { id, name, stage, text, thumb } of kept.load()) {
    const row = add(name, stage, text);
    if (thumb) row.querySelector(".pic").src = thumb;
    row.id = `tray-${id}`;
    row.dataset.id = id;
    ask(row);
  }
};

// What was done in Review is no longer ready to review, so the server is asked about all of it once more.
const askAgain = () => {
  for (const row of list.querySelectorAll(".up[data-id]")) if (!row.querySelector('[name="ids"]')) ask(row);
  poll();
};

if (tray) {
  document.addEventListener("htmx:beforeSwap", judge, true);
  document.addEventListener("htmx:xhr:progress", ({ target: row, detail: { loaded, total } }) => {
    if (!row.matches?.(".up.sending") || !total) return;
    const percent = (loaded / total) * 100;
    row.style.setProperty("--p", percent);
    row.querySelector(".st").textContent = `Sending ${Math.round(percent)} %`;
  });
  document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
    if (target.matches?.("#tray .up") && detail.target?.matches(".up")) keep(detail.target, target);
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
    const fresh = detail.fragment.firstElementChild;
    if (target.matches("#tray .up") && fresh?.matches(".up")) keep(target, fresh);
  });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    // Who keeps the earlier picture goes there, unless files would be lost with this page.
    if (detail.elt.matches("#tray .keep") && list.querySelector(".waiting, .sending")) detail.formData.set("stay", "1");
    if (detail.elt === poller) detail.formData.set("ids", detail.formData.getAll("ids").slice(0, ASKED).join(","));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { elt, verb } = detail.requestConfig;
    if (elt === poller || detail.target?.matches(".up")) poll();
    else if (verb === "post" && detail.xhr.status === 200 && elt.closest(".review, .verdict, #toasts")) askAgain();
  });
  for (const end of ["online", "pindeck:signed-in"]) {
    addEventListener(end, () => {
      for (const [row, until] of held) if (until === end && row.isConnected) enqueue(row);
    });
  }
  tray.querySelector("[data-dismiss-tray]").addEventListener("click", () => {
    htmx.trigger(poller, "htmx:abort"); // what is on its way is about rows that leave
    list.replaceChildren();
  });
  // The click comes before the change, and no script clicks here: only what a hand chose is remembered.
  fold.querySelector("summary").addEventListener("click", () => kept.setFolded(fold.open));
  addEventListener("beforeunload", (event) => {
    if (list.querySelector(".waiting, .sending")) event.preventDefault();
  });
  recall();
  new MutationObserver(sumUp).observe(list, { childList: true, subtree: true, attributeFilter: ["class"] });
  sumUp();
  poll();
}
