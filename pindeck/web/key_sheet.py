"""The keys of the keyboard: which of them a page knows, listed on a sheet that it asks for, and on a page of its own."""

from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from pindeck.http.auth import public
from pindeck.web.navigation import VIEWS
from pindeck.web.rendering import show

bp = Blueprint("keys", __name__)

# Blueprints of the pages whose tiles open beside them.
WALLS = ("gallery", "places", "review", "boards")
TILES = (*WALLS, "colours")  # and of those whose tiles open as a page


@dataclass(frozen=True)
class Key:
    """`on` names the blueprints of the pages that know it; empty: every page."""

    keys: str
    does: str
    on: tuple[str, ...] = ()


KEYS = (
    Key("⌘K", "Go to a place, find a picture, do something with what is chosen"),
    Key("/", "Search"),
    *(Key(view.key.upper(), view.name) for view in VIEWS if view.key),
    Key("← → ↑ ↓", "Move between pictures", (*TILES, "trash")),
    Key("Enter", "Open a picture", TILES),
    Key("Space", "Show it full window", TILES),
    Key("Alt← Alt→", "Move a picture in the row of its project", ("places", "gallery")),
    Key("Alt↑ Alt↓", "Move it to the row above or below", ("gallery",)),
    Key("B", "Add to a board", (*TILES, "images")),
    Key("Alt← Alt→", "Move a picture of the board", ("boards",)),
    Key("S", "Choose pictures", ("boards",)),
    Key("Delete", "Take a shot from its slot", ("storyboards",)),
    Key("← → ↑ ↓", "Move what is chosen; with Alt by one pixel, with ⇧ resize it", ("canvas",)),
    Key("+ - 0 1", "Zoom in, zoom out, own size, show all", ("canvas",)),
    Key("Space", "Hold it and drag to pan", ("canvas",)),
    Key("Enter", "Edit an object; Ctrl Enter keeps the words of a note", ("canvas",)),
    Key("[ ]", "Backward, forward; with ⇧ to the back, to the front", ("canvas",)),
    Key("⌘A ⌘G ⇧⌘G", "Choose all, group, ungroup", ("canvas",)),
    Key("Delete", "Take off the canvas", ("canvas",)),
    Key("⇧ Space", "Choose all in between", ("trash",)),
    Key("S E D", "Choose pictures, edit or describe what is chosen together", ("gallery",)),
    Key("⇧← ⇧→ ⇧↑ ⇧↓", "Choose on", ("gallery",)),
    Key("P K H X", "Publish, keep, hold, discard; ⇧X with a reason", ("review",)),
    Key("S ⇧→ E D", "Choose, choose on, edit or describe together", ("review",)),
    Key("⇧Click ⌘Click", "Choose all in between, choose one more", ("gallery", "review")),
    Key("⌘A Esc", "Choose all, let all go", ("gallery", "review")),
    Key("← → ↑ ↓ Enter", "In the table: move between cells, edit one; Esc undoes typing, ⌘V pastes a range", ("gallery",)),
    Key("Home End F2", "In the table: first and last cell of a row, edit a cell", ("gallery",)),
    Key("L", "Like it", (*TILES, "images")),
    Key("Y N", "Accept or refuse a suggestion; with ⇧ all of the picture", (*WALLS, "images")),
    Key("I", "In the full window: all about it", (*TILES, "images")),
    Key("+ - 0", "In the full window: zoom in, zoom out, all of it", (*TILES, "images")),
    Key("F", "Quiet wall: pictures one after another over the whole screen; L likes, B puts on a board", ("gallery", "places", "colours", "boards")),
    Key("F", "In the full window: fill the screen", (*TILES, "images")),
    Key("→ Space PgDn", "Next slide", ("presenting",)),
    Key("← PgUp", "Slide before", ("presenting",)),
    Key("Home End", "First and last slide", ("presenting",)),
    Key("B W", "Black screen, white screen; again or a step takes it away", ("presenting",)),
    Key("P", "Pause: a dark screen, and the clock stands", ("presenting",)),
    Key("F", "Fill the screen", ("presenting",)),
    Key("T", "Show or hide the words", ("presenting",)),
    Key("S", "Speaker view, in a second window", ("presenting",)),
    Key("Esc", "Leave", ("presenting",)),
    Key("M", "Show or fold away the menu"),
    Key("⌘Z", "Undo"),
    Key("⇧⌘Z", "Redo"),
    Key("Esc", "Close, or undo typing"),
    Key("?", "This sheet"),
)


@bp.get("/keys")
@public
def index() -> ResponseReturnValue:
    """Those of one page, or of all."""
    on = request.args.get("on", "")
    return show("shared/keys.html", "shared/_keys.html", keys=keys_on(on))


def keys_on(page: str) -> list[Key]:
    """Those that a blueprint's pages know, or all with an empty name. Slides have no menu, and so only their own."""
    if page == "presenting":
        return [key for key in KEYS if page in key.on]
    return [key for key in KEYS if not key.on or not page or page in key.on]
