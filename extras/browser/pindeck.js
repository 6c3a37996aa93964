// The one way to Pindeck: a picture is recorded there by its address, and fetched by Pindeck itself.
import { read } from "./settings.js";

const WAITS = 3; // so often a limit of the server is waited for

const ask = async ({ address, key }, body) => {
  let answer;
  try {
    answer = await fetch(`${address}/ingestExternal`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      redirect: "error", // the key goes nowhere else
    });
  } catch {
    throw new Error(`${address} does not answer. Check the address in the options, and that Pindeck runs.`);
  }
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, pauseS: Number(answer.headers.get("Retry-After")), told };
};

const why = ({ status, told }) => {
  if (status === 401) return "Pindeck does not know this key, or it has ended. Put another one into the options.";
  return told.error?.message ?? `Pindeck answered with status ${status}. Check the address in the options.`;
};

// Saves the picture at `imageUrl`, found on the page `sourceUrl`: whether it is new. Throws a sentence.
export const save = async ({ imageUrl, sourceUrl, title }, words = {}) => {
  const settings = { ...(await read()), ...words };
  if (!settings.address || !settings.key) throw new Error("Tell the options where Pindeck is, and give them your key.");
  if (!/^https?:/.test(imageUrl)) throw new Error("This picture has no address of its own. Save it as a file and add that.");
  const isWeb = /^https?:/.test(sourceUrl) && sourceUrl.length <= 2000; // a page may be a file of this computer
  const body = {
    imageUrl, title: title.slice(0, 200), moderated: settings.moderated,
    ...(isWeb && { sourceUrl, source: new URL(sourceUrl).hostname }),
    ...(settings.project && { projectName: settings.project }),
    ...(settings.tags && { tags: settings.tags.split(",").map((tag) => tag.trim()).filter(Boolean) }),
  };
  for (let turn = 1; ; turn++) {
    const answer = await ask(settings, body);
    if (answer.status === 200) return !answer.told.duplicate;
    if (![429, 503].includes(answer.status) || turn > WAITS || answer.pauseS > 20) throw new Error(why(answer));
    await new Promise((go) => setTimeout(go, 1000 * (answer.pauseS || 2)));
  }
};

// Whether this key brings in pictures there. Nothing is saved: a picture is left out, and that alone may be complained of.
export const check = async (settings) => {
  const answer = await ask(settings, {});
  if (answer.status !== 400 || !answer.told.error?.details?.imageUrl) throw new Error(why(answer));
};
