"""Storyboards: the frames of one beside the pictures of its board, and every act on them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import Conflict, Invalid, invalid
from pindeck.http import urls
from pindeck.http.auth import access_to
from pindeck.services.boards import boards
from pindeck.services.boards.storyboards import arranging, layout, shots, storyboards
from pindeck.services.boards.storyboards.arranging import Arranged
from pindeck.services.boards.storyboards.layout import Style
from pindeck.services.images import image_urls
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, go, show

bp = Blueprint("storyboards", __name__, url_prefix="/storyboards")
LABELS = {
    "number": "Number", "shot_size": "Size", "lens": "Lens", "movement": "Movement", "duration": "Duration, in seconds",
    "action": "Action", "dialogue": "Dialogue",
}  # fmt: skip
STYLES = {Style.GRID: "Grid", Style.HERO: "Hero", Style.STRIP: "Strip"}


def _shown(storyboard_id: str, **more: Any) -> dict[str, Any]:
    from pindeck.services.boards.storyboards import reading, sharing

    storyboard = storyboards.find(g.actor, storyboard_id)
    board = boards.find(g.actor, storyboard.board_id)
    after = clean_query(request.args.get("rail", ""), most=600) or None
    keeps = access.can(g.actor, "board.manage", board)
    opened = reading.open_one(g.actor, storyboard, board, after=after)
    pictures = [*opened.rail, *(slot.image for view in opened.frames for slot in view.slots if slot.image)]
    return {
        "opened": opened,
        "board": board,
        "small": image_urls.small_of({image.id: image for image in pictures}.values()),
        "styles": STYLES,
        "sizes": range(layout.SMALLEST, layout.LARGEST + 1),
        "aspects": storyboards.ASPECTS,
        "total": shots.written(opened.total_ms) if opened.total_ms else "",
        "more_url": url_for(".page", storyboard_id=storyboard.id, rail=opened.next_after) if opened.next_after else None,
        "rail_goes_on": after is not None,
        "errors": {},
        "form": {},
        "met": None,
        "address": None,
        "hidden": sharing.count_hidden(storyboard) if keeps else 0,
        "keeps": keeps,
        **more,
    }


@bp.get("/<storyboard_id>")
@access_to("board.view")
def page(storyboard_id: str) -> ResponseReturnValue:
    fragment = "storyboards/_rail.html" if request.args.get("rail") else "storyboards/_storyboard.html"
    return show("storyboards/page.html", fragment, **_shown(storyboard_id))


@bp.post("/create")
@access_to("board.edit")
def create() -> ResponseReturnValue:
    made, _ = storyboards.create(g.actor, request.form.get("board", ""), is_quick=request.form.get("quick") == "1")
    return go(url_for(".page", storyboard_id=made.id))


@bp.post("/<storyboard_id>/duplicate")
@access_to("board.edit")
def duplicate(storyboard_id: str) -> ResponseReturnValue:
    made, _ = storyboards.duplicate(g.actor, storyboard_id)
    return go(url_for(".page", storyboard_id=made.id))


@bp.post("/<storyboard_id>/change")
@access_to("board.edit")
def change(storyboard_id: str) -> ResponseReturnValue:
    given: dict[str, Any] = {name: request.form[name] for name in ("title", "aspect") if name in request.form}
    try:
        action_id = storyboards.update(g.actor, storyboard_id, **given)
    except Invalid as error:
        more = {"errors": error.fields, "form": request.form}
        return show("storyboards/page.html", "storyboards/_storyboard.html", 422, **_shown(storyboard_id, **more))
    return _changed(storyboard_id, "Saved.", action_id)


@bp.post("/<storyboard_id>/delete")
@access_to("board.edit")
def delete(storyboard_id: str) -> ResponseReturnValue:
    board_id = storyboards.find(g.actor, storyboard_id).board_id
    storyboards.delete(g.actor, storyboard_id)
    return go(url_for("boards.page", board_id=board_id))


@bp.post("/<storyboard_id>/share")
@access_to("board.edit")
def share(storyboard_id: str) -> ResponseReturnValue:
    """The address is shown in this answer and nowhere else."""
    from pindeck.services.boards.storyboards import sharing

    token, _ = sharing.share(g.actor, storyboard_id)
    address = urls.absolute(url_for("shares.index", token=token))
    shown = _shown(storyboard_id, address=address)
    response = make_response(show("storyboards/page.html", "storyboards/_storyboard.html", **shown))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<storyboard_id>/revoke")
@access_to("board.edit")
def revoke(storyboard_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.storyboards import sharing

    action_id = sharing.revoke(g.actor, storyboard_id)
    return _changed(storyboard_id, "The link no longer works.", action_id)


# Frames and shots


@bp.post("/<storyboard_id>/place")
@access_to("board.edit")
def place(storyboard_id: str) -> ResponseReturnValue:
    """A shot that was chosen in the rail, or dragged, into a slot."""
    form = request.values
    image_id, slot = form.get("image", ""), form.get("slot", "")
    if not image_id:
        raise invalid("image", "Choose a picture in the row first, then its place.")
    return _arranged(arranging.place(g.actor, storyboard_id, image_id, form.get("frame", ""), _slot(slot)), None)


def _slot(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise invalid("slot", "This frame has no such slot.")
    return int(text)


@bp.post("/<storyboard_id>/clear")
@access_to("board.edit")
def clear(storyboard_id: str) -> ResponseReturnValue:
    """One slot, or those of the pictures that are named."""
    frame_id, slot = request.values.get("frame"), request.values.get("slot", "")
    if frame_id is None:
        return _arranged(arranging.clear(g.actor, storyboard_id, request.values.getlist("image")), "The slot is empty.")
    return _arranged(arranging.empty(g.actor, storyboard_id, frame_id, _slot(slot)), "The slot is empty.")


@bp.post("/<storyboard_id>/frames")
@access_to("board.edit")
def add_frame(storyboard_id: str) -> ResponseReturnValue:
    style = request.form.get("style", Style.GRID)
    size = request.form.get("size", layout.FIRST_SIZE)
    return _arranged(arranging.add_frame(g.actor, storyboard_id, style=style, size=size), "A frame was added.")


@bp.post("/<storyboard_id>/frames/<frame_id>/form")
@access_to("board.edit")
def form_frame(storyboard_id: str, frame_id: str) -> ResponseReturnValue:
    form = request.form
    formed = arranging.form_frame(g.actor, storyboard_id, frame_id, style=form.get("style", ""), size=form.get("size", ""))
    return _arranged(formed, None)


@bp.post("/<storyboard_id>/frames/<frame_id>/fold")
@access_to("board.edit")
def fold(storyboard_id: str, frame_id: str) -> ResponseReturnValue:
    is_collapsed = request.form.get("collapsed") == "1"
    return _arranged(arranging.fold(g.actor, storyboard_id, frame_id, is_collapsed=is_collapsed), None)


@bp.post("/<storyboard_id>/frames/<frame_id>/move")
@access_to("board.edit")
def move_frame(storyboard_id: str, frame_id: str) -> ResponseReturnValue:
    return _arranged(arranging.move_frame(g.actor, storyboard_id, frame_id, request.form.get("before") or None), None)


@bp.post("/<storyboard_id>/frames/<frame_id>/remove")
@access_to("board.edit")
def remove_frame(storyboard_id: str, frame_id: str) -> ResponseReturnValue:
    return _arranged(arranging.remove_frame(g.actor, storyboard_id, frame_id), "The frame was removed.")


@bp.post("/<storyboard_id>/frames/<frame_id>/note")
@access_to("board.edit")
def note(storyboard_id: str, frame_id: str) -> ResponseReturnValue:
    text, based_on = request.form.get("note", ""), request.form.get("based_on")
    try:
        written = arranging.write_note(g.actor, storyboard_id, frame_id, text, based_on=based_on)
    except Invalid as error:
        more = {"errors": {frame_id: error.message}, "form": {frame_id: text}}
        return show("storyboards/page.html", "storyboards/_storyboard.html", 422, **_shown(storyboard_id, **more))
    except Conflict as error:
        if error.code != "CHANGED_SINCE":
            raise
        met: dict[str, Any] = {"met": frame_id, "form": {frame_id: text}}
        return show("storyboards/page.html", "storyboards/_storyboard.html", 409, **_shown(storyboard_id, **met))
    return _arranged(written, "Saved." if written.action_id else None)


# One shot


@bp.get("/<storyboard_id>/shots/<image_id>")
@access_to("board.view")
def shot(storyboard_id: str, image_id: str) -> ResponseReturnValue:
    """What is said of a shot."""
    return show("storyboards/shot.html", "storyboards/_shot.html", **_shot(storyboard_id, image_id))


def _shot(storyboard_id: str, image_id: str, **more: Any) -> dict[str, Any]:
    storyboard = storyboards.find(g.actor, storyboard_id)
    image = shots.picture(g.actor, storyboard, image_id)
    told = shots.of(storyboard, image_id)
    given = {**told, "duration": shots.written(told["duration_ms"])}
    return {
        "storyboard": storyboard,
        "image": image,
        "urls": image_urls.urls_of(image),
        "given": given,
        "labels": LABELS,
        "used": shots.used(g.actor),
        "long": [name for name, most in shots.WORDS.items() if most == shots.LONG],
        "errors": {},
        **more,
    }


@bp.post("/<storyboard_id>/shots/<image_id>")
@access_to("board.edit")
def describe(storyboard_id: str, image_id: str) -> ResponseReturnValue:
    given: dict[str, Any] = {name: request.form[name] for name in LABELS if name in request.form}
    try:
        action_id = shots.describe(g.actor, storyboard_id, image_id, **given)
    except Invalid as error:
        more = {"errors": error.fields, "given": given}
        return show("storyboards/shot.html", "storyboards/_shot.html", 422, **_shot(storyboard_id, image_id, **more))
    return done(
        "storyboards/_shot.html", back_to=url_for(".page", storyboard_id=storyboard_id), toast="Saved." if action_id else None,
        undo=undo_url(action_id), changes_page=True, **_shot(storyboard_id, image_id),
    )  # fmt: skip


def _arranged(arranged: Arranged, toast: str | None) -> ResponseReturnValue:
    told = [text for text in (toast, _fallen(arranged.fallen)) if text]
    return _changed(arranged.storyboard.id, " ".join(told) or None, arranged.action_id)


def _fallen(shots: Sequence[str]) -> str:
    if not shots:
        return ""
    return "One shot had no place any more and lies in the row again." if len(shots) == 1 else (
        f"{len(shots)} shots had no place any more and lie in the row again."
    )


def _changed(storyboard_id: str, toast: str | None, action_id: str | None) -> ResponseReturnValue:
    back_to = url_for(".page", storyboard_id=storyboard_id)
    undo = undo_url(action_id) if toast else None
    return done("storyboards/_storyboard.html", back_to=back_to, toast=toast, undo=undo, **_shown(storyboard_id))
