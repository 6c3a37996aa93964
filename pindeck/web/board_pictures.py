"""Pictures on a board: put there, moved, described by a note, made its cover, taken away; and the choice of a board."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid, invalid
from pindeck.http.auth import access_to
from pindeck.models import Board, Image
from pindeck.services.boards import boards, copying, listing, ordering, pictures, reading
from pindeck.services.images import image_urls, large_boards
from pindeck.services.library import choosing, smart_boards
from pindeck.services.library.choices import Choice
from pindeck.web.actions import runs, undo_url
from pindeck.web.boards import changed, shown
from pindeck.web.params import clean_query, query_of_gallery
from pindeck.web.rendering import back, done, show, stands_at, wants_fragment

bp = Blueprint("board_pictures", __name__, url_prefix="/boards")


# A board is chosen


@bp.get("/choose")
@bp.post("/choose")
@access_to("board.edit")
def choose() -> ResponseReturnValue:
    """The boards that chosen pictures can be added to, and a new one. It is asked with POST where many are chosen."""
    return show("boards/choose.html", "boards/_choose.html", **_choice(_chosen()))


def _chosen() -> list[str]:
    """The ids of what is chosen: all that a query of the gallery finds, or some by their ids."""
    if request.values.get("all") == "1":
        found = choosing.find(g.actor, Choice(query=query_of_gallery(), is_all=True))
        return found.ids
    return [each for text in request.values.getlist("ids") for each in text.split()]


def _choice(ids: list[str], **more: Any) -> dict[str, Any]:
    name = clean_query(request.values.get("name", ""))
    is_all = request.values.get("all") == "1"
    known = ids if is_all else pictures.seen_among(g.actor, pictures.ids_in(ids)) if ids else []
    return {
        "query": request.values.get("query", "") if is_all else None,
        "ids": known,
        "offers": listing.offers(g.actor, [] if is_all else known, name=name),
        "name": name,
        "errors": {},
        "next": back(url_for("gallery.index")),
        **more,
    }


@bp.post("/offers")
@access_to("board.edit")
def offers() -> ResponseReturnValue:
    """The list of that choice alone, as a name is typed."""
    is_whole = request.form.get("all") == "1" and wants_fragment()  # the list says nothing of the pictures then
    return show("boards/choose.html", "boards/_offers.html", **_choice([] if is_whole else _chosen()))


@bp.post("/put")
@access_to("board.edit")
def put() -> ResponseReturnValue:
    """Add to a board by its id, or to the one of this name, which is made where there is none."""
    form, ids = request.form, _chosen()
    try:
        board_id, name = form.get("board") or None, form.get("name", "").strip()
        pictures.ids_in(ids)
        if board_id is None and not name:
            raise invalid("name", "Choose a board, or type a name for a new one.")
        known = None if board_id else listing.named(g.actor, name)
        if form.get("smart") and board_id is None:
            made, made_by = smart_boards.create(g.actor, name=name, text=form.get("query", ""))
            return _put(made.id, made.name, len(ids), made_by)
        if board_id is None and known is None:
            if begun := large_boards.create_from(g.actor, name, ids):
                return _fills(*begun)
            board, action_id = copying.create_from(g.actor, name, ids)
            return _put(board.id, board.name, len(pictures.on_board(board.id, ids)), action_id)
        board = boards.find(g.actor, board_id or str(known.id))  # type: ignore[union-attr]
    except Invalid as error:
        return show("boards/choose.html", "boards/_choose.html", 422, **_choice(ids, errors=error.fields))
    if running := large_boards.add(g.actor, board.id, ids):
        return _fills(board, running)
    new, added_by = pictures.add(g.actor, board.id, ids)
    return _put(board.id, board.name, len(new), added_by)


def _fills(board: Board, running: str) -> ResponseReturnValue:
    """A job puts them there; a toast follows it."""
    return runs(running, back_to=back(url_for("boards.page", board_id=board.id)))


def _put(board_id: str, name: str, count: int, action_id: str | None) -> ResponseReturnValue:
    many = f"{count} pictures are" if count > 1 else "It is"
    toast = f"{many} on “{name}” now." if count else f"Already on “{name}”."
    link = (url_for("boards.page", board_id=board_id), "See the board")
    ids = request.form.get("ids", "").split() if count <= 1 else []
    one = ids[0] if len(ids) == 1 and stands_at(url_for("images.index", image_id=ids[0])) else None
    context: dict[str, Any] = {"image_id": one, "on": listing.of_image(g.actor, one)} if one else {}
    fragment = "boards/_put.html" if one else None
    return done(
        fragment, back_to=back(url_for("boards.page", board_id=board_id)), toast=toast, undo=undo_url(action_id), link=link,
        swaps_itself=True, **context,
    )  # fmt: skip


@bp.get("/rail")
@access_to("board.view")
def rail() -> ResponseReturnValue:
    """The place of boards in the rail; the page asks for it when it is there."""
    return render_template("boards/_rail.html", recent=listing.recent(g.actor))


# On a board


@bp.post("/<board_id>/add")
@access_to("board.edit")
def add(board_id: str) -> ResponseReturnValue:
    board = boards.find(g.actor, board_id)
    ids = request.form.getlist("ids")
    if running := large_boards.add(g.actor, board_id, ids):
        return _fills(board, running)
    added, action_id = pictures.add(g.actor, board_id, ids)
    return _put(board.id, board.name, len(added), action_id)


@bp.post("/<board_id>/remove")
@access_to("board.edit")
def remove(board_id: str) -> ResponseReturnValue:
    ids = request.form.getlist("ids")
    if running := large_boards.remove(g.actor, board_id, ids):
        return runs(running, back_to=url_for("boards.page", board_id=board_id))
    gone, action_id = pictures.remove(g.actor, board_id, ids)
    toast = "The picture is off the board." if len(gone) == 1 else f"{len(gone) or 'No'} pictures are off the board."
    return changed(board_id, toast, action_id)


@bp.post("/<board_id>/unpin/<image_id>")
@access_to("board.edit")
def unpin(board_id: str, image_id: str) -> ResponseReturnValue:
    """From the sheet of the picture."""
    _, action_id = pictures.remove(g.actor, board_id, [image_id])
    context: dict[str, Any] = {"image_id": image_id, "on": listing.of_image(g.actor, image_id)}
    back_to = back(url_for("images.index", image_id=image_id))
    return done("boards/_of.html", back_to=back_to, toast="The picture is off the board.", undo=undo_url(action_id), **context)


@bp.post("/<board_id>/move")
@access_to("board.edit")
def move(board_id: str) -> ResponseReturnValue:
    """Before another picture, to the end of a section, or some places on. A script that has moved them wants no new page."""
    form, ids = request.form, request.form.getlist("ids")
    by = {"back": -1, "on": 1}.get(form.get("by", ""))
    if by and len(ids) == 1:
        action_id = ordering.step(g.actor, board_id, ids[0], by)
    elif form.get("after"):
        action_id = ordering.move_after(g.actor, board_id, ids, form["after"])
    else:
        action_id = ordering.move(g.actor, board_id, ids, before=form.get("before") or None, section_id=form.get("section") or None)
    if form.get("quiet"):
        return done(None, back_to=url_for("boards.page", board_id=board_id), toast="Moved.", undo=undo_url(action_id), swaps_itself=True)
    return changed(board_id, "Moved." if action_id else "The picture is at the end already.", action_id)


@bp.get("/<board_id>/pictures/<image_id>")
@access_to("board.view")
def pin(board_id: str, image_id: str) -> ResponseReturnValue:
    """A picture as it is on the board: its note, its place, and the way off."""
    return show("boards/pin.html", "boards/_pin.html", **_pin(board_id, image_id))


def _pin(board_id: str, image_id: str, **more: Any) -> dict[str, Any]:
    board = boards.find(g.actor, board_id)
    row = pictures.one(g.actor, board, image_id)
    image = Image.get(Image.id == image_id)
    return {
        "board": board,
        "row": row,
        "image": image,
        "urls": image_urls.urls_of(image),
        "sections": reading.sections_of(board.id),
        "errors": {},
        "form": {},
        **more,
    }


@bp.post("/<board_id>/pictures/<image_id>/note")
@access_to("board.edit")
def note(board_id: str, image_id: str) -> ResponseReturnValue:
    try:
        action_id = pictures.write_note(g.actor, board_id, image_id, request.form.get("note", ""))
    except Invalid as error:
        return show("boards/pin.html", "boards/_pin.html", 422, **_pin(board_id, image_id, errors=error.fields, form=request.form))
    return done(
        "boards/_noted.html", back_to=url_for("boards.page", board_id=board_id), toast="Saved.", undo=undo_url(action_id),
        swaps_itself=True, **_pin(board_id, image_id),
    )  # fmt: skip


@bp.post("/<board_id>/cover")
@access_to("board.edit")
def cover(board_id: str) -> ResponseReturnValue:
    image_id = request.form.get("ids", "")
    action_id = boards.update(g.actor, board_id, cover=image_id)
    return done(
        None, back_to=url_for("boards.page", board_id=board_id), toast="The picture is the cover now.", undo=undo_url(action_id),
        swaps_itself=True, **shown(board_id),
    )  # fmt: skip
