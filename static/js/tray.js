// The tray of uploads: three files are sent at a time, and what was sent survives leaving the page. A row is drawn here
// only until its file has arrived; from then on the server draws it, and is asked once a second while one is unfinished.
import { htmx } from "./htmx.js";

const AT_ONCE = 3;
const TURNS = 5; // so often a file is sent again by itself while the server is busy
const ASKED = 80; // of so many at most in one address
const STORE = "pindeck-uploads";

export const tray = document.getElementById("tray");
const list = tray?.querySelector("ul"), poller = tray?.querySelector("[data-poll]");
const files = new WeakMap(); // row -> the file that is not yet safe, and how often the server was too busy for it
const queue = [];
let sending = 0, polling = 0;

const say = (row, stage, text, percent = 0) => {
  row.className = `up ${stage}`;
  row.style.setProperty("--p", percent);
  row.querySelector(".st").textContent = text;
  row.querySelector(".act").replaceChildren();
};

const fail = (row, text) => {
  say(row, "failed", text, 100);
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
  list.prepend(row);
  return row;
};

// What is sent

const enqueue = (row) => {
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
  const { file } = files.get(row);
  const named = file.name ? file : new File([file], "pasted.png", { type: file.type });
  try {
    await htmx.ajax("POST", tray.dataset.upload, { source: row, target: row, swap: "outerHTML", values: { files: named } });
  } catch {
    fail(row, "The connection broke off. Try again.");
  }
  sending--;
  next();
  poll();
};

export const upload = (chosen) => {
  if (chosen.length) tray.querySelector("details").open = true;
  for (const file of chosen) {
    const row = add(file.name || "Pasted picture", "waiting", "Waiting");
    row.querySelector(".pic").src = URL.createObjectURL(file);
    files.set(row, { file, turns: 0 });
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

const sumUp = () => {
  const count = (stage) => list.querySelectorAll(`.up${stage}`).length;
  const all = count(""), done = count(".done"), failed = count(".failed");
  tray.hidden = !all;
  let text = failed ? `${failed} could not be used` : `${all} ready to review`;
  if (done + failed < all) text = `${done} of ${all} ready`;
  const summary = tray.querySelector("[data-summary]");
  if (summary.textContent !== text) summary.textContent = text;
  const open = [...list.querySelectorAll(".up[data-id]:not(.done)")];
  const kept = open.map((row) => ({ id: row.dataset.id, name: row.querySelector(".nm").textContent }));
  try {
    sessionStorage.setItem(STORE, JSON.stringify(kept.slice(0, 200)));
  } catch {
    // private windows may refuse
  }
};

// What was sent from an earlier page and was not finished then.
const recall = () => {
  let kept = [];
  try {
    kept = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
  } catch {
    // nothing was kept
  }
  for (const { id, name } of kept.reverse()) {
    const row = add(name, "sent", "Sent");
    row.id = `tray-${id}`;
    row.dataset.id = id;
    row.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: id }));
  }
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
    if (detail.elt === poller) detail.formData.set("ids", detail.formData.getAll("ids").slice(-ASKED).join(","));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt === poller || detail.target?.matches(".up")) poll();
  });
  addEventListener("beforeunload", (event) => {
    if (list.querySelector(".waiting, .sending")) event.preventDefault();
  });
  recall();
  new MutationObserver(sumUp).observe(list, { childList: true, subtree: true, attributeFilter: ["class"] });
  sumUp();
  poll();
}
