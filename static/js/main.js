// The modules of a page, in the order in which they listen: an answer is judged before anybody uses it.
import "./page.js";
import "./ask.js";
import "./door.js";
import "./likes.js";
import "./rail.js";
import "./swatches.js";
import "./history.js";
import "./tiles.js";
import "./rows.js";
import "./lightbox.js";
import "./select.js";
import "./fields.js";
import "./tags.js";
import "./keys.js";
import "./tray.js";
import "./drop.js";
import "./wipe.js";
