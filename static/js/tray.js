// Uploads: from drop, paste or the form into the tray; three at a time; what was sent survives leaving the page.
(() => {
  const tray = document.getElementById("tray");
  if (!tray) return;
  const fold = tray.querySelector("details"), list = tray.querySelector("ul"), summary = tray.querySelector("[data-summary]");
  const words = { waiting: "Waiting", sending: "Sending", sent: "Sent", storing: "Storing", sizing: "Sizing", colours: "Reading colours", done: "Done" };
  const STORE = "pindeck-uploads";
  const items = new Map();
  const queue = [];
  let sending = 0, polling = 0;

  const remember = () => {
    const open = [...items.values()].filter((i) => i.id && i.stage !== "done").map(({ id, name, stage }) => ({ id, name, stage }));
    try { sessionStorage.setItem(STORE, JSON.stringify(open.slice(-200))); } catch { /* private windows may refuse */ }
  };

  const draw = (item) => {
    const { row } = item;
    row.className = `up ${item.stage}`;
    row.style.setProperty("--p", item.percent);
    row.querySelector(".nm").textContent = item.name;
    const state = row.querySelector(".st");
    state.textContent = item.error ?? (item.stage === "sending" ? `Sending ${Math.round(item.percent)} %` : words[item.stage]);
    if (item.already && !item.error) {
      const link = Object.assign(document.createElement("a"), { href: item.already, textContent: "already here" });
      link.style.textDecoration = "underline";
      state.append(". The same picture is ", link, ".");
    }
    const act = row.querySelector(".act");
    act.replaceChildren();
    if (item.stage === "failed" && (item.retry || item.file)) {
      const again = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Try again" });
      again.addEventListener("click", () => retry(item));
      act.append(again);
    }
    count();
  };

  const count = () => {
    const all = [...items.values()], failed = all.filter((i) => i.stage === "failed").length, done = all.filter((i) => i.stage === "done").length;
    tray.hidden = !all.length;
    summary.textContent = done + failed < all.length ? `${done} of ${all.length} ready` : failed ? `${failed} could not be used` : `${all.length} ready to review`;
    remember();
  };

  const make = (name, file) => {
    const row = document.createElement("li");
    row.innerHTML = '<img class="pic" alt=""><a class="nm"></a><span class="st"></span><span class="act"></span><span class="meter"><i></i></span>';
    const item = { key: Symbol(name), name, file, row, stage: "waiting", percent: 0 };
    if (file) row.querySelector(".pic").src = URL.createObjectURL(file);
    list.prepend(row);
    items.set(item.key, item);
    draw(item);
    return item;
  };

  const fail = (item, reason) => { Object.assign(item, { stage: "failed", percent: 100, error: reason }); draw(item); };

  const retry = async (item) => {
    delete item.error;
    if (item.retry) {
      const response = await pindeck.post(item.retry).catch(() => null);
      if (!response?.ok) return fail(item, response ? await pindeck.reason(response) : "There is no connection.");
      Object.assign(item, { stage: "sent", percent: 5, retry: null });
      draw(item);
      poll();
    } else {
      Object.assign(item, { stage: "waiting", percent: 0 });
      draw(item);
      queue.push(item);
      next();
    }
  };

  const next = () => {
    while (sending < 3 && queue.length) send(queue.shift());
  };

  const send = (item) => {
    sending++;
    const form = new FormData();
    form.append("files", item.file, item.file.name || "pasted.png");
    const xhr = new XMLHttpRequest();
    xhr.open("POST", tray.dataset.upload);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.setRequestHeader("X-CSRFToken", pindeck.token());
    item.stage = "sending";
    xhr.upload.onprogress = (event) => { item.percent = (event.loaded / event.total) * 100; draw(item); };
    xhr.onloadend = () => {
      sending--;
      if (!xhr.status) fail(item, "The connection broke off. Try again.");
      else {
        const row = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".up");
        if (!row) fail(item, new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-toast] p")?.textContent.trim() || "The server did not take this file.");
        else if (row.classList.contains("failed")) { item.file = null; fail(item, row.querySelector(".st").textContent.trim()); }
        else {
          Object.assign(item, { id: row.dataset.id, stage: "sent", percent: 5, file: null, already: row.querySelector(".st a")?.getAttribute("href") });
          item.row.querySelector(".nm").href = `/images/${item.id}`;
          draw(item);
          poll();
        }
      }
      next();
    };
    draw(item);
    xhr.send(form);
  };

  const poll = () => {
    if (polling) return;
    polling = setTimeout(async () => {
      polling = 0;
      const open = [...items.values()].filter((i) => i.id && !["done", "failed"].includes(i.stage));
      if (!open.length) return;
      const answer = await fetch(`${tray.dataset.progress}?ids=${open.map((i) => i.id).join(",")}`).then((r) => (r.ok ? r.json() : null)).catch(() => null);
      for (const item of open) {
        const now = answer?.items[item.id];
        if (!now) { if (answer) { items.delete(item.key); item.row.remove(); count(); } continue; }
        Object.assign(item, { stage: now.stage, percent: now.percent, error: now.error ?? undefined, retry: now.retry_url });
        if (now.thumb && !item.row.querySelector(".pic").src) item.row.querySelector(".pic").src = now.thumb;
        draw(item);
      }
      if ([...items.values()].every((i) => ["done", "failed"].includes(i.stage))) document.dispatchEvent(new CustomEvent("uploads:finished"));
      poll();
    }, 1000);
  };

  const take = (files) => {
    const pictures = [...files];
    if (!pictures.length) return;
    fold.open = true;
    for (const file of pictures) queue.push(make(file.name || "Pasted picture", file));
    next();
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches('[data-dropform] input[type="file"]')) { take(event.target.files); event.target.value = ""; }
  });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-dropform]")) event.preventDefault(); });
  document.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) take(event.clipboardData.files); });

  let depth = 0, veil = null;
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const unveil = () => { depth = 0; veil?.remove(); veil = null; };
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event) || depth++) return;
    veil = Object.assign(document.createElement("div"), { className: "dropall", innerHTML: "<span>Drop to upload</span>" });
    document.body.append(veil);
  });
  document.addEventListener("dragleave", (event) => { if (holdsFiles(event) && --depth <= 0) unveil(); });
  document.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    unveil();
    take(event.dataTransfer.files);
  });

  addEventListener("beforeunload", (event) => { if (sending || queue.length) event.preventDefault(); });

  // What was sent from an earlier page and was not finished then.
  try {
    for (const { id, name, stage } of JSON.parse(sessionStorage.getItem(STORE) ?? "[]")) {
      const item = make(name, null);
      Object.assign(item, { id, stage: stage === "failed" ? "sent" : stage, percent: 5 });
      item.row.querySelector(".nm").href = `/images/${id}`;
      draw(item);
    }
    if (items.size) poll();
  } catch { /* nothing was kept */ }
})();
