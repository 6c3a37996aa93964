// Editing where it is read: Esc takes back, tags become chips, "take theirs" after a conflict.
(() => {
  const icon = (name) => `<svg class="i" aria-hidden="true"><use href="${document.body.dataset.icons}#${name}"></use></svg>`;

  // Tags are saved one after another without replacing the field somebody is typing in.
  const send = async (form, source) => {
    if (form.dataset.saving) { form.dataset.again = "1"; return; }
    form.dataset.saving = "1";
    const response = await pindeck.post(form.action, { value: source.value, based_on: form.elements.based_on.value }).catch(() => null);
    delete form.dataset.saving;
    if (!response) return pindeck.toast("There is no connection. The tags were not saved.", { error: true });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("form.field");
    if (!fresh) return pindeck.toast("The tags were not saved. Try again.", { error: true });
    if (!response.ok) {
      form.replaceWith(fresh);
      htmx.process(fresh);
      return chips(fresh);
    }
    form.elements.based_on.value = fresh.elements.based_on.value;
    form.querySelectorAll(".mark, .machine, .undo").forEach((old) => old.remove());
    fresh.querySelectorAll(".mark, .undo").forEach((part) => { form.append(part); htmx.process(part); });
    if (form.dataset.again) { delete form.dataset.again; send(form, source); }
  };

  // Completion from tags that are in use.
  let asking;
  const complete = (typed) => {
    clearTimeout(asking);
    if (typed.length < 2) return;
    asking = setTimeout(async () => {
      const answer = await fetch(`/images/tags?q=${encodeURIComponent(typed)}`).then((r) => (r.ok ? r.text() : "")).catch(() => "");
      let list = document.getElementById("known-tags");
      if (!list) document.body.append((list = Object.assign(document.createElement("datalist"), { id: "known-tags" })));
      list.innerHTML = answer;
    }, 150);
  };

  const chips = (form) => {
    const source = form.querySelector('input[name="value"]');
    if (!source || source.dataset.chips) return;
    source.dataset.chips = "1";
    let tags = source.value.split(",").map((t) => t.trim()).filter(Boolean);
    const box = document.createElement("div");
    box.className = "tagbox";
    const entry = Object.assign(document.createElement("input"), { type: "text", placeholder: "Add tag", autocomplete: "off", maxLength: 60 });
    entry.setAttribute("aria-label", "Add a tag");
    entry.setAttribute("list", "known-tags");
    entry.addEventListener("input", () => complete(entry.value));
    const save = () => {
      source.value = tags.join(", ");
      send(form, source);
    };
    const draw = () => {
      box.replaceChildren(...tags.map((tag) => {
        const chip = document.createElement("span");
        chip.className = "tag";
        chip.append(tag);
        const drop = Object.assign(document.createElement("button"), { type: "button", innerHTML: icon("x") });
        drop.setAttribute("aria-label", `Remove ${tag}`);
        drop.addEventListener("click", () => { tags = tags.filter((t) => t !== tag); draw(); save(); });
        chip.append(drop);
        return chip;
      }), entry);
    };
    const add = () => {
      const fresh = entry.value.split(",").map((t) => t.trim().toLowerCase()).filter((t) => t && !tags.includes(t));
      entry.value = "";
      if (!fresh.length) return false;
      tags = [...tags, ...new Set(fresh)];
      draw();
      save();
      return true;
    };
    entry.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === ",") { event.preventDefault(); add(); entry.focus(); }
      else if (event.key === "Backspace" && !entry.value && tags.length) { tags = tags.slice(0, -1); draw(); save(); entry.focus(); }
      else if (event.key === "Escape") { entry.value = ""; event.stopPropagation(); entry.blur(); }
    });
    entry.addEventListener("change", (event) => event.stopPropagation());
    entry.addEventListener("blur", add);
    source.type = "hidden";
    source.after(box);
    form.querySelector("label").setAttribute("for", (entry.id = `${source.id}-entry`));
    draw();
  };

  // A new title shows at once wherever the picture is named.
  const rename = (elt) => {
    const id = /^(?:image|card)-(.+)-title$/.exec(elt.id ?? "")?.[1], value = elt.querySelector?.('[name="value"]')?.value;
    if (!id || !value || !elt.querySelector(".mark")) return;
    const sheet = document.querySelector(`.sheet[data-image="${id}"]`), tile = pindeck.tileOf?.(id);
    if (sheet) sheet.dataset.title = sheet.querySelector("h2").textContent = value;
    if (tile) tile.querySelector(".cap").textContent = value;
  };

  pindeck.enhance = (root) => root.querySelectorAll('[data-field="tags"]').forEach(chips);
  pindeck.enhance(document);
  document.addEventListener("htmx:load", (event) => {
    const { elt } = event.detail;
    rename(elt);
    if (elt.matches?.('[data-field="tags"]')) chips(elt);
    pindeck.enhance(elt);
  });

  // Answers must not take words from under somebody's hands: a card in use polls again later, and a field that was
  // edited while it was being saved keeps the newer words and saves them next.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    if (target.matches?.(".card[data-busy]") && requestConfig?.verb === "get") {
      if (target.matches(":focus-within") || target.querySelector(".htmx-request, [data-saving], .check:checked, details[open]")) {
        event.detail.shouldSwap = false;
        setTimeout(() => htmx.trigger(target, "again"), 1200);
      }
      return;
    }
    if (xhr.status !== 200 || !target.matches?.("form.field") || requestConfig?.verb !== "post") return;
    const input = target.elements.value, sent = requestConfig.formData?.get("value") ?? requestConfig.parameters?.value;
    if (!input || sent === undefined || input.value === sent) return;
    const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector('[name="based_on"]');
    if (fresh) target.elements.based_on.value = fresh.value;
    event.detail.shouldSwap = false;
    if (document.activeElement !== input) setTimeout(() => htmx.trigger(target, "submit"));
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.closest?.(".field") || input.closest(".tagbox")) return;
    if (event.key === "Escape") {
      input.value = input.defaultValue;
      event.stopPropagation();
      input.blur();
    } else if (event.key === "Enter" && input.matches("input")) {
      event.preventDefault();
      input.blur();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) input.blur();
  });

  document.addEventListener("click", (event) => {
    const theirs = event.target.closest("[data-take]");
    if (!theirs) return;
    const form = theirs.closest("form");
    form.querySelector('[name="value"]').value = theirs.dataset.take;
    htmx.trigger(form, "submit");
  });
})();
