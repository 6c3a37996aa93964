// What the bookmarklet does on a page: it opens the import form with the address of the page, and with the pictures that
// the browser shows there. They travel behind a #, which is sent to no server.
(() => {
  const found = new Map();
  for (const image of document.images) {
    let best = image.currentSrc || image.src, width = image.naturalWidth;
    for (const part of image.srcset.split(/,\s+/)) {
      const [url, size] = part.trim().split(/\s+/);
      if (/^\d+w$/.test(size) && parseInt(size) > width) [best, width] = [new URL(url, document.baseURI).href, parseInt(size)];
    }
    if (Math.max(width, image.naturalHeight) >= 100 && /^https?:/.test(best) && best.length < 2000) found.set(best, width);
  }
  const pictures = [...found].sort((a, b) => b[1] - a[1]).slice(0, 60).map(([url]) => url);
  const asked = new URLSearchParams({ url: location.href, title: document.title.slice(0, 200), mark: "{mark}" });
  open(`{base}/import?${asked}#pictures=${encodeURIComponent(pictures.join("\n"))}`, "_blank", "noopener");
})();
