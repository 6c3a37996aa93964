// The ways in for files: the form, paste, and a drop anywhere on the page. What comes goes to the tray.
(() => {
  if (!pindeck.upload) return;

  document.addEventListener("change", (event) => {
    if (!event.target.matches('[data-dropform] input[type="file"]')) return;
    pindeck.upload(event.target.files);
    event.target.value = "";
  });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-dropform]")) event.preventDefault(); });
  document.addEventListener("paste", (event) => { pindeck.upload(event.clipboardData?.files ?? []); });

  // Every element under the pointer sends its own enter and leave; the veil goes with the last one.
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
    pindeck.upload(event.dataTransfer.files);
  });
})();
