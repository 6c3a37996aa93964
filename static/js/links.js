// The form for an address: what the bookmarklet saw on the page goes along, a link that is pasted anywhere on the page is
// looked at, and a form that its person asked for is sent by itself.
const found = () => document.querySelector("form[data-linkform]");
const form = found();

const pictures = new URLSearchParams(location.hash.slice(1)).get("pictures");
if (form && pictures !== null) {
  form.elements.found.value = pictures;
  history.replaceState(history.state, "", location.pathname + location.search);
}

// Before the page is loaded, so that Back does not lead here and send it once more.
if (form?.dataset.start !== undefined) form.requestSubmit();

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain").trim() ?? "";
  const isWord = event.target.closest?.("input, textarea, [contenteditable]");
  const form = found(); // a look that found nothing brings one
  if (!form || isWord || event.clipboardData.files.length || !/^https?:\/\/\S+$/i.test(text)) return;
  form.elements.url.value = text;
  form.requestSubmit();
});
