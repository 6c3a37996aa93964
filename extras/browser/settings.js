// Where Pindeck is and how pictures are saved. It stays on this computer: `storage.sync` would hand the key to others.
const DEFAULTS = { address: "", key: "", project: "", tags: "", moderated: true };

export const read = () => chrome.storage.local.get(DEFAULTS);
export const write = (changed) => chrome.storage.local.set(changed);

// The address as `https://host:port`. Throws a sentence for one that is none.
export const addressOf = (text) => {
  let url;
  try {
    url = new URL(text.includes("://") ? text.trim() : `https://${text.trim()}`);
  } catch {
    throw new Error("Give the address of Pindeck, such as https://pindeck.example.org.");
  }
  if (!["https:", "http:"].includes(url.protocol) || url.username || url.password) {
    throw new Error("The address begins with https:// or http:// and holds no password.");
  }
  return url.origin;
};

// What the browser asks its person for: a pattern names no port and means all of them.
export const patternOf = (address) => `${new URL(address).protocol}//${new URL(address).hostname}/*`;
