// The ways in for files: the chooser, the form, paste, and a drop anywhere on the page. What comes goes to the tray, or
// waits in the form where somebody wants to see its words first. On the search box it is looked for.
import { hold } from "./held.js";
import { tray, upload } from "./tray.js";

const take = (files) => hold(files) || upload(files);

// On the search box a picture is looked for, not taken: a form brings it, and its answer is the page.
const searchFor = (file) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const form = Object.assign(document.createElement("form"), {
    method: "post", enctype: "multipart/form-data", action: `${tray.dataset.look}?csrf_token=${encodeURIComponent(token)}`, hidden: true,
  });
  const input = Object.assign(document.createElement("input"), { type: "file", name: "picture" });
  const one = new DataTransfer();
  one.items.add(file);
  input.files = one.files;
  form.append(input);
  document.body.append(form);
  form.submit();
  form.remove();
};

const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

// Every element under the pointer sends its own enter and leave; the veil goes with the last one.
let depth = 0, veil = null;
const unveil = () => {
  depth = 0;
  veil?.remove();
  veil = null;
};

if (tray) {
  // *Add pictures* opens the chooser in the same click. Without scripts it leads to the page with the form.
  const chooser = Object.assign(document.createElement("input"), { type: "file", multiple: true, accept: tray.dataset.accept });
  chooser.addEventListener("change", () => {
    take(chooser.files);
    chooser.value = "";
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("a[data-add]")) return;
    event.preventDefault();
    chooser.click();
  });

  document.addEventListener("change", ({ target }) => {
    if (!target.matches('[data-dropform] input[type="file"]')) return;
    take(target.files);
    target.value = "";
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-dropform]")) event.preventDefault();
  });
  document.addEventListener("paste", (event) => take(event.clipboardData?.files ?? []));

  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event) || depth++) return;
    veil = Object.assign(document.createElement("div"), { className: "dropall", innerHTML: "<span>Drop to upload, or on the search box to find its like</span>" });
    document.body.append(veil);
  });
  document.addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && --depth <= 0) unveil();
  });
  document.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    unveil();
    const [file] = event.dataTransfer.files;
    if (file && event.target.closest?.("form[data-search]")) searchFor(file);
    else take(event.dataTransfer.files);
  });
}
