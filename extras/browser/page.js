// These run within the page that is looked at, so each holds all that it needs. The page may lie in every answer.

// Its pictures, the widest first: [address, width, height].
export const pictures = () => {
  const found = new Map();
  for (const image of document.images) {
    let best = image.currentSrc || image.src, width = image.naturalWidth;
    const ratio = image.naturalWidth ? image.naturalHeight / image.naturalWidth : 1;
    for (const part of image.srcset.split(/,\s+/)) {
      const [url, size] = part.trim().split(/\s+/);
      if (/^\d+w$/.test(size) && parseInt(size) > width) [best, width] = [new URL(url, document.baseURI).href, parseInt(size)];
    }
    if (/^https?:/.test(best) && best.length < 2000 && Math.max(width, width * ratio) >= 100) {
      found.set(best, [best, width, Math.round(width * ratio)]);
    }
  }
  return [...found.values()].sort((a, b) => b[1] * b[2] - a[1] * a[2]).slice(0, 60);
};

// The largest size of the picture that is shown from this address.
export const largest = (shown) => {
  const image = [...document.images].find((each) => each.currentSrc === shown || each.src === shown);
  let best = shown, width = 0;
  for (const part of (image?.srcset ?? "").split(/,\s+/)) {
    const [url, size] = part.trim().split(/\s+/);
    if (/^\d+w$/.test(size) && parseInt(size) > width) [best, width] = [new URL(url, document.baseURI).href, parseInt(size)];
  }
  return /^https?:/.test(best) ? best : shown;
};
