// The tray of uploads: three are sent at a time, the server is asked how they get on, and what was sent survives
// leaving the page. An item is one file, from `waiting` over the stages of the server to `done` or `failed`.
(() => {
  const tray = document.getElementById("tray");
  if (!tray) return;
  const AT_ONCE = 3;
  const TURNS = 5; // so often a file is sent again by itself while the server is busy
  const STORE = "pindeck-uploads";
  const WORDS = { waiting: "Waiting", sending: "Sending", sent: "Sent", storing: "Storing", sizing: "Sizing", colours: "Reading colours", done: "Done" };
  const list = tray.querySelector("ul"), summary = tray.querySelector("[data-summary]");
  const items = new Set();
  const queue = [];
  let sending = 0, polling = 0;

  const isOver = (item) => ["done", "failed"].includes(item.stage);

  // What is seen

  const change = (item, values) => {
    Object.assign(item, values);
    const part = (name) => item.row.querySelector(name);
    item.row.className = `up ${item.stage}`;
    item.row.style.setProperty("--p", item.percent);
    part(".nm").textContent = item.name;
    if (item.id) part(".nm").href = `/images/${item.id}`;
    if (item.thumb && !part(".pic").src) part(".pic").src = item.thumb;
    part(".st").textContent = item.error ?? (item.stage === "sending" ? `Sending ${Math.round(item.percent)} %` : WORDS[item.stage]);
    if (item.already && !item.error) {
      const link = Object.assign(document.createElement("a"), { href: item.already, textContent: "already here" });
      part(".st").append(". The same picture is ", link, ".");
    }
    part(".act").replaceChildren(...(item.stage === "failed" && (item.retry || item.file) ? [againButton(item)] : []));
    sumUp();
  };

  const againButton = (item) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Try again" });
    button.addEventListener("click", () => retry(item));
    return button;
  };

  const sumUp = () => {
    const all = [...items], count = (stage) => all.filter((item) => item.stage === stage).length;
    const done = count("done"), failed = count("failed");
    tray.hidden = !all.length;
    if (done + failed < all.length) summary.textContent = `${done} of ${all.length} ready`;
    else summary.textContent = failed ? `${failed} could not be used` : `${all.length} ready to review`;
    const open = all.filter((item) => item.id && item.stage !== "done").map(({ id, name, stage }) => ({ id, name, stage }));
    try { sessionStorage.setItem(STORE, JSON.stringify(open.slice(-200))); } catch { /* private windows may refuse */ }
  };

  const add = (name, values) => {
    const row = document.createElement("li");
    row.innerHTML = '<img class="pic" alt=""><a class="nm"></a><span class="st"></span><span class="act"></span><span class="meter"><i></i></span>';
    const item = { name, row, stage: "waiting", percent: 0 };
    list.prepend(row);
    items.add(item);
    change(item, values);
    return item;
  };

  // What is done

  const fail = (item, error) => change(item, { stage: "failed", percent: 100, error });

  const enqueue = (item) => {
    queue.push(item);
    next();
  };

  const next = () => {
    while (sending < AT_ONCE && queue.length) send(queue.shift());
  };

  // An XMLHttpRequest, because fetch does not tell how much of a body has gone.
  const send = (item) => {
    sending++;
    const form = new FormData();
    form.append("files", item.file, item.file.name || "pasted.png");
    const xhr = new XMLHttpRequest();
    xhr.open("POST", tray.dataset.upload);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.setRequestHeader("X-CSRFToken", pindeck.token());
    xhr.upload.onprogress = (event) => change(item, { percent: (event.loaded / event.total) * 100 });
    xhr.onloadend = () => {
      sending--;
      answered(item, xhr);
      next();
    };
    change(item, { stage: "sending" });
    xhr.send(form);
  };

  const answered = (item, xhr) => {
    if (!xhr.status) return fail(item, "The connection broke off. Try again.");
    const pause = Number(xhr.getResponseHeader("Retry-After"));
    if (xhr.status === 503 && pause && (item.turns = (item.turns ?? 0) + 1) <= TURNS) {
      change(item, { stage: "waiting", percent: 0 });
      return setTimeout(enqueue, pause * 1000, item);
    }
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html"), row = page.querySelector(".up");
    if (!row) return fail(item, page.querySelector("[data-toast] p")?.textContent.trim() || "The server did not take this file.");
    item.file = null; // it will not be sent again: it is safe, or it is no picture
    if (row.classList.contains("failed")) return fail(item, row.querySelector(".st").textContent.trim());
    change(item, { id: row.dataset.id, stage: "sent", percent: 5, already: row.querySelector(".st a")?.getAttribute("href") });
    return poll();
  };

  const retry = async (item) => {
    delete item.error;
    if (!item.retry) {
      change(item, { stage: "waiting", percent: 0 });
      return enqueue(item);
    }
    const response = await pindeck.post(item.retry).catch(() => null);
    if (!response?.ok) return fail(item, response ? await pindeck.reason(response) : "There is no connection.");
    change(item, { stage: "sent", percent: 5, retry: null });
    return poll();
  };

  // Once a second while anything is open.
  const poll = () => {
    polling ||= setTimeout(async () => {
      polling = 0;
      const open = [...items].filter((item) => item.id && !isOver(item));
      if (!open.length) return;
      const url = `${tray.dataset.progress}?ids=${open.map((item) => item.id).join(",")}`;
      const answer = await fetch(url).then((response) => (response.ok ? response.json() : null)).catch(() => null);
      if (answer) for (const item of open) tell(item, answer.items[item.id]);
      poll();
    }, 1000);
  };

  const tell = (item, now) => {
    if (now) return change(item, { stage: now.stage, percent: now.percent, error: now.error ?? undefined, retry: now.retry_url, thumb: now.thumb });
    items.delete(item); // it was deleted meanwhile
    item.row.remove();
    return sumUp();
  };

  pindeck.upload = (files) => {
    if (files.length) tray.querySelector("details").open = true;
    for (const file of files) enqueue(add(file.name || "Pasted picture", { file, thumb: URL.createObjectURL(file) }));
  };

  addEventListener("beforeunload", (event) => { if (sending || queue.length) event.preventDefault(); });

  // What was sent from an earlier page and was not finished then.
  try {
    for (const { id, name, stage } of JSON.parse(sessionStorage.getItem(STORE) ?? "[]")) {
      add(name, { id, stage: stage === "failed" ? "sent" : stage, percent: 5 });
    }
  } catch { /* nothing was kept */ }
  if (items.size) poll();
})();
