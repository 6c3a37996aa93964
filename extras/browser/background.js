// The item in the menu of a picture: saves that picture, and says so at the icon of the extension.
import { largest } from "./page.js";
import { save } from "./pindeck.js";

const ITEM = "save-picture";
const GOOD = "#1f7a4d", BAD = "#b3261e";

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.create({ id: ITEM, title: "Save to Pindeck", contexts: ["image"] });
});

const say = async (tabId, text, color, title) => {
  await chrome.action.setBadgeBackgroundColor({ tabId, color });
  await chrome.action.setBadgeText({ tabId, text });
  await chrome.action.setTitle({ tabId, title });
};

const addressOf = async ({ srcUrl, frameId }, tab) => {
  try {
    const [{ result }] = await chrome.scripting.executeScript({
      target: { tabId: tab.id, frameIds: [frameId ?? 0] }, func: largest, args: [srcUrl],
    });
    return result || srcUrl;
  } catch {
    return srcUrl; // a page of the browser's own, which nobody may look into
  }
};

chrome.contextMenus.onClicked.addListener(async (info, tab) => {
  if (info.menuItemId !== ITEM) return;
  try {
    await say(tab.id, "…", GOOD, "Saving to Pindeck");
    const sourceUrl = info.frameUrl ?? info.pageUrl;
    const isNew = await save({ imageUrl: await addressOf(info, tab), sourceUrl, title: tab.title ?? "" });
    await say(tab.id, "✓", GOOD, isNew ? "The picture is on its way to Pindeck." : "Pindeck has this picture already.");
  } catch (error) {
    await say(tab.id, "!", BAD, error.message);
  }
});
