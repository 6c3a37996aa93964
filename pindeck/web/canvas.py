"""The canvas of a board: its objects on the page, as forms, and every act on them; and what changed since a page was read."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Conflict, Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.models import Board, CanvasObject, Image
from pindeck.services.boards import boards
from pindeck.services.boards.canvas import objects
from pindeck.services.boards.canvas.objects import Kind
from pindeck.web.actions import undo_url
from pindeck.web.boards import seen_of
from pindeck.web.rendering import done, show
from pindeck.web.views import Tile, tile_of

if TYPE_CHECKING:  # what serves no first page is loaded where it is used
    from pindeck.services.boards.canvas.acting import Acted
    from pindeck.services.boards.canvas.shown import Placed

bp = Blueprint("canvas", __name__, url_prefix="/boards/<board_id>/canvas")
FIELDS = ("x", "y", "width", "height", "text", "color")
MARGIN = 24  # pixels around all objects, where no script pans


@dataclass(frozen=True)
class Thing:
    """An object as the page shows it. `left`, `top`, `wide` and `high` are its box, also of an arrow that points back."""

    row: CanvasObject
    image: Image | None
    tile: Tile | None
    left: int
    top: int
    wide: int
    high: int
    title: str

    @property
    def style(self) -> str:
        place = f"left:{self.left}px;top:{self.top}px;width:{self.wide}px;height:{self.high}px;z-index:{self.row.layer}"
        return place + (f";{self.tile.style}" if self.tile else "") + (f";--s:{self.row.color}" if self.row.color else "")


def thing_of(placed: "Placed") -> Thing:
    from pindeck.services.boards.canvas import layouts

    row = placed.row
    tile = tile_of(seen_of(placed.image), liked=False) if placed.image else None
    words = (row.text or "").strip().split("\n")[0][:80]
    plain = {Kind.NOTE: "Empty note", Kind.SWATCH: row.color or "", Kind.ARROW: "Arrow"}
    title = tile.title if tile else words or plain[Kind(row.kind)]
    return Thing(row, placed.image, tile, *layouts.box_of(row), title)


def _shown(board_id: str, **more: Any) -> dict[str, Any]:
    from pindeck.services.boards.canvas import presence, shown

    board = boards.find(g.actor, board_id)
    boards.filled(board)
    canvas = shown.canvas(g.actor, board)
    things = [thing_of(placed) for placed in canvas.placed]
    return {
        "board": board,
        "things": things,
        "origin": (MARGIN - min((one.left for one in things), default=0), MARGIN - min((one.top for one in things), default=0)),
        "people": presence.others(g.actor, board),
        "pulse_ms": presence.EVERY_MS,
        **_tray(canvas.tray, canvas.waiting),
        **more,
    }


def _tray(images: list[Any], waiting: int) -> dict[str, Any]:
    return {"tray": [tile_of(seen_of(image), liked=False) for image in images], "waiting": waiting}


@bp.get("")
@access_to("board.view")
def page(board_id: str) -> ResponseReturnValue:
    return show("canvas/page.html", "canvas/_canvas.html", **_shown(board_id))


@bp.get("/news")
@access_to("board.view")
def news(board_id: str) -> ResponseReturnValue:
    """What changed since the version that the page has, and who else is there. A page asks every few seconds."""
    return render_template("canvas/_news.html", **_news(board_id))


def _news(board_id: str, **more: Any) -> dict[str, Any]:
    """Nothing but who is there, where the board has the version that the page knows."""
    from pindeck.services.boards.canvas import presence, shown

    board = boards.find(g.actor, board_id)
    given = request.values.get("since", "")
    since = int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else 0
    found: dict[str, Any] = {"board": board, "people": presence.others(g.actor, board), "changed": False, "things": [], "every": []}
    if board.version != since or more.get("met"):
        canvas = shown.canvas(g.actor, board)
        fresh = [thing_of(each) for each in canvas.placed if each.row.version > since or since > board.version]
        found |= {"changed": True, "things": fresh, "every": [each.row.id for each in canvas.placed], **_tray(canvas.tray, canvas.waiting)}
    return {**found, **more}


# Acts


def _acted(board_id: str, acted: "Acted", toast: str | None = None) -> ResponseReturnValue:
    undo = undo_url(acted.action_id) if toast else None
    back_to = url_for(".page", board_id=board_id)
    return done("canvas/_news.html", back_to=back_to, toast=toast, undo=undo, **_news(board_id))


def _ids() -> list[str]:
    """Those that are chosen: one field for each without scripts, all in one with them."""
    return [each for text in request.form.getlist("ids") for each in text.split()]


@bp.post("/add")
@access_to("board.edit")
def add(board_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.canvas import acting

    form = request.form
    kind, image_id = form.get("kind", ""), form.get("image") or None
    given = {name: form[name] for name in ("x", "y", "text", "width", "height") if form.get(name)}
    if kind == Kind.SWATCH:
        given["color"] = form.get("color", "")
    acted = acting.add(g.actor, board_id, Kind.PICTURE if image_id else kind, image_id=image_id, **given)
    return _acted(board_id, acted)


@bp.post("/change")
@access_to("board.edit")
def change(board_id: str) -> ResponseReturnValue:
    """Many at once, as a script moves them: `changes` is JSON, by object what it becomes and the `version` that was read."""
    from pindeck.services.boards.canvas import acting

    changes = _changes(request.form.get("changes", ""))
    try:
        acted = acting.change(g.actor, board_id, changes)
    except Conflict as error:
        if error.code != "CHANGED_SINCE":
            raise
        mine = json.dumps({key: {name: value for name, value in each.items() if name != "version"} for key, each in changes.items()})
        met = _met(board_id, error)
        return show("canvas/_news.html", "canvas/_news.html", 409, **_news(board_id, met=met, mine=mine))
    return _acted(board_id, acted)


def _changes(text: str) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, dict) and each.keys() <= {*FIELDS, "version"} for each in found.values()):
        raise invalid("changes", "Give JSON: by object, its fields.")
    return found


def _met(board_id: str, error: Conflict) -> list[dict[str, Any]]:
    """What stands there now and what was meant, with the name of each object."""
    from pindeck.services.boards.canvas import shown

    told: Any = error.details["objects"]
    found = objects.read(board_id, [each["id"] for each in told])
    titles = {each.row.id: thing_of(each).title for each in shown.placed_of(g.actor, found)}
    return [{**each, "title": titles.get(each["id"], "")} for each in told]


@bp.post("/remove")
@access_to("board.edit")
def remove(board_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.canvas import acting

    acted = acting.remove(g.actor, board_id, _ids())
    count = len(acted.ids)
    return _acted(board_id, acted, "It is off the canvas." if count == 1 else f"{count} objects are off the canvas.")


@bp.post("/layer/<any(front, forward, backward, back):to>")
@access_to("board.edit")
def layer(board_id: str, to: str) -> ResponseReturnValue:
    from pindeck.services.boards.canvas import acting

    return _acted(board_id, acting.layer(g.actor, board_id, _ids(), to))


@bp.post("/<any(group, ungroup):act>")
@access_to("board.edit")
def group(board_id: str, act: str) -> ResponseReturnValue:
    from pindeck.services.boards.canvas import acting

    acted = (acting.group if act == "group" else acting.ungroup)(g.actor, board_id, _ids())
    return _acted(board_id, acted, "Grouped." if act == "group" else "Ungrouped.")


@bp.post("/arrange/<how>")
@access_to("board.edit")
def arrange(board_id: str, how: str) -> ResponseReturnValue:
    """The pictures among what is chosen, or all where less than two objects are."""
    from pindeck.services.boards.canvas import arranging

    ids = _ids()
    acted = arranging.arrange(g.actor, board_id, how, ids if len(ids) > 1 else ())
    return _acted(board_id, acted, "Arranged.")


# One object, as a form


@bp.get("/objects/<object_id>")
@access_to("board.view")
def item(board_id: str, object_id: str) -> ResponseReturnValue:
    return show("canvas/object.html", "canvas/_form.html", **_item(board_id, object_id))


def _item(board_id: str, object_id: str, **more: Any) -> dict[str, Any]:
    from pindeck.services.boards.canvas import acting, shown

    board: Board = boards.find(g.actor, board_id)
    placed = shown.placed_of(g.actor, objects.read(board.id, [object_id]))
    if not placed:
        raise acting.not_found()
    thing = thing_of(placed[0])
    given = {name: getattr(thing.row, name) for name in FIELDS}
    return {"board": board, "thing": thing, "given": given, "errors": {}, "met": None, **more}


@bp.post("/objects/<object_id>")
@access_to("board.edit")
def write(board_id: str, object_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.canvas import acting

    form = request.form
    given: dict[str, Any] = {name: form[name] for name in FIELDS if name in form}
    version = form.get("version", "")
    based_on = {"version": int(version)} if version.isascii() and version.isdecimal() and len(version) < 16 else {}
    try:
        acted = acting.change(g.actor, board_id, {object_id: {**given, **based_on}})
    except Invalid as error:
        more: dict[str, Any] = {"errors": error.fields, "given": given}
        return show("canvas/object.html", "canvas/_form.html", 422, **_item(board_id, object_id, **more))
    except Conflict as error:
        if error.code != "CHANGED_SINCE":
            raise
        more = {"met": _met(board_id, error)[0], "given": given}
        return show("canvas/object.html", "canvas/_form.html", 409, **_item(board_id, object_id, **more))
    return done(
        "canvas/_form.html", back_to=url_for(".page", board_id=board_id), toast="Saved." if acted.action_id else None,
        undo=undo_url(acted.action_id), changes_page=True, **_item(board_id, object_id),
    )  # fmt: skip
