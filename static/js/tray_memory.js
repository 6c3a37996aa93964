// What the tray remembers from page to page, in this tab alone: its rows with a small picture each and how far they are, and
// whether it is folded.

const ROWS = "pindeck-uploads", FOLDED = "pindeck-tray", MOST = 200, SIDE = 88;
const thumbs = new Map(); // id -> a small picture as a data address

// Private windows may refuse, and then nothing is remembered.
const read = (key) => {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
};
const write = (key, value) => {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // without it the tray is empty on the next page
  }
};

const thumbOf = (row) => {
  const { id } = row.dataset, picture = row.querySelector("img.pic");
  if (thumbs.has(id)) return thumbs.get(id);
  if (!picture?.src.startsWith("blob:") || !picture.naturalWidth) return null;
  const { naturalWidth: width, naturalHeight: height } = picture, side = Math.min(width, height);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  canvas.getContext("2d").drawImage(picture, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  thumbs.set(id, canvas.toDataURL("image/jpeg", 0.7));
  return thumbs.get(id);
};

export const save = (rows) => {
  const text = (row, part) => row.querySelector(part).textContent.trim();
  write(ROWS, rows.slice(-MOST).map((row) => ({
    id: row.dataset.id, name: text(row, ".nm"), stage: row.classList[1], text: text(row, ".st"), thumb: thumbOf(row),
  })));
};

export const load = () => {
  const rows = read(ROWS) ?? [];
  for (const { id, thumb } of rows) if (thumb) thumbs.set(id, thumb);
  return rows;
};

export const setFolded = (folded) => write(FOLDED, folded);
export const isFolded = () => read(FOLDED); // null as long as nobody has folded or opened it
