"""Boards: the list of them, and each with its pictures, its words, its people and its link."""

import json
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import Invalid
from pindeck.http import urls
from pindeck.http.auth import access_to
from pindeck.models import Board, BoardSection, Image
from pindeck.services.boards import boards, copying, listing, people, reading, sections, sharing
from pindeck.services.boards.decks import decks
from pindeck.services.boards.reading import BoardPage, Pinned
from pindeck.services.boards.storyboards import storyboards
from pindeck.services.images import image_urls, large_boards
from pindeck.services.library import choices, smart_boards
from pindeck.services.library.filters import OF_GALLERY
from pindeck.services.library.gallery import Seen
from pindeck.web.actions import runs, undo_url
from pindeck.web.filtering import FilterBar
from pindeck.web.hanging import here
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, go, show
from pindeck.web.views import Tile, tile_of

bp = Blueprint("boards", __name__, url_prefix="/boards")



@dataclass(frozen=True)
class Pin:
    """A picture of a board as a tile."""

    pinned: Pinned
    tile: Tile


@dataclass(frozen=True)
class Part:
    """Some pictures of a section, in order. `section` is None before all sections; `begins` that its name comes first."""

    section: BoardSection | None
    begins: bool
    pins: list[Pin]


def parts_of(page: BoardPage, of: list[BoardSection], after: reading.After | None) -> list[Part]:
    """The page by sections, also those without pictures that it reaches."""
    order: list[BoardSection | None] = [None, *of]
    ids = ["", *(section.id for section in of)]
    first = ids.index(after.section) if after and after.section in ids else 0
    last = len(ids) - 1 if page.next_after is None else ids.index(page.pinned[-1].section)
    return [
        Part(order[n], not (after and n == first) and n > 0, [pin_of(each) for each in page.pinned if each.section == ids[n]])
        for n in range(first, last + 1)
    ]


def pin_of(pinned: Pinned) -> Pin:
    return Pin(pinned, tile_of(seen_of(pinned.image), liked=False))


def seen_of(image: Image) -> Seen:
    return Seen(**{name: getattr(image, name) for name in Seen._fields if name != "colors"}, colors=json.dumps(image.colors))


# The list


def _list() -> dict[str, Any]:
    after = clean_query(request.args.get("after", "")) or None
    found, more = listing.list_page(g.actor, after=after)
    return {
        "boards": found,
        "storyboards": storyboards.of_boards([view.board.id for view in found]),
        "small": image_urls.small_of(image for view in found for image in view.pictures),
        "errors": {},
        "form": {},
        "is_first": after is None,
        "next_url": url_for(".index", after=more) if more else None,
    }


@bp.get("")
@access_to("board.view")
def index() -> ResponseReturnValue:
    return show("boards/index.html", "boards/_list.html", **_list())


@bp.get("/<board_id>/cover")
@access_to("board.view")
def cover(board_id: str) -> ResponseReturnValue:
    """The first pictures of a smart board, which its card asks for when it is seen: each is a search of its own."""
    board = boards.find(g.actor, board_id)
    if not board.is_smart:
        return go(url_for(".page", board_id=board.id))
    found = [pinned.image for pinned in smart_boards.page(g.actor, board, limit=3).pinned]
    return render_template("boards/_mosaic.html", pictures=found, small=image_urls.small_of(found), cover_url=None)


@bp.post("/create")
@access_to("board.edit")
def create() -> ResponseReturnValue:
    form = request.form
    words = {"name": form.get("name", ""), "description": form.get("description", "")}
    try:
        if query := form.get("query", "").strip():
            board, _ = smart_boards.create(g.actor, text=query, **words)
        else:
            board, _ = boards.create(g.actor, **words)
    except Invalid as error:
        return show("boards/index.html", "boards/_list.html", 422, **{**_list(), "errors": error.fields, "form": form})
    return go(url_for(".page", board_id=board.id))


# One board


def shown(board_id: str, **more: Any) -> dict[str, Any]:
    """What the page of a board is rendered with."""
    board = boards.find(g.actor, board_id)
    after = reading.after_of(request.args.get("after"))
    of = reading.sections_of(board.id)
    (listed,) = listing.views(g.actor, [board])
    if board.is_smart:
        found = clean_query(request.args.get("after", "")) or None
        page = smart_boards.page(g.actor, board, after=found)
        listed, after = replace(listed, count=smart_boards.count(g.actor, board)), None
    else:
        page = reading.page(reading.shown_to(g.actor), board.id, of, after=after)
    keeps = access.can(g.actor, "board.manage", board)
    return {
        "board": board,
        "listed": listed,
        "keeps": keeps,
        "parts": parts_of(page, of, after),
        "sections": of,
        "shown": len(page.pinned),
        "chips": FilterBar(url_for("gallery.index"), OF_GALLERY, choices.wanted_of(board.query)) if board.query is not None else None,
        "storyboards": storyboards.of_board(board),
        "decks": decks.of_board(g.actor, board.id),
        "people": people.of_board(board.id),
        "offered": people.offered(board) if keeps else [],
        "open_count": sharing.count_open(board) if keeps else 0,
        "errors": {},
        "form": {},
        "address": None,
        "here_url": _address(board),
        "next_url": _address(board, page.next_after) if page.next_after else None,
        **more,
    }


def _address(board: Board, after: str | None = None) -> str:
    return url_for("boards.page", board_id=board.id, view=here().asked, after=after)


@bp.get("/<board_id>")
@access_to("board.view")
def page(board_id: str) -> ResponseReturnValue:
    fragment = "boards/_items.html" if request.args.get("after") else "boards/_board.html"
    return show("boards/page.html", fragment, **shown(board_id))


def changed(board_id: str, toast: str, action_id: str | None = None, **more: Any) -> ResponseReturnValue:
    """The answer to a form that worked."""
    back_to = url_for("boards.page", board_id=board_id, view=here().asked)
    return done("boards/_board.html", back_to=back_to, toast=toast, undo=undo_url(action_id), **shown(board_id, **more))


def wrong(board_id: str, error: Invalid) -> ResponseReturnValue:
    return show("boards/page.html", "boards/_board.html", 422, **shown(board_id, errors=error.fields, form=request.form))


@bp.post("/<board_id>/change")
@access_to("board.edit")
def change(board_id: str) -> ResponseReturnValue:
    form = request.form
    try:
        given: dict[str, Any] = {name: form[name] for name in ("name", "description", "query") if name in form}
        action_id = smart_boards.update(g.actor, board_id, **given)
    except Invalid as error:
        return wrong(board_id, error)
    return changed(board_id, "Saved.", action_id)


@bp.post("/<board_id>/freeze")
@access_to("board.edit")
def freeze(board_id: str) -> ResponseReturnValue:
    action_id, is_running = smart_boards.freeze(g.actor, board_id, by_job=True)
    if is_running:
        return runs(str(action_id), back_to=url_for(".page", board_id=board_id), swaps_itself=False)
    return changed(board_id, "Frozen. Arrange the pictures as you like.", action_id)


@bp.post("/<board_id>/delete")
@access_to("board.edit")
def delete(board_id: str) -> ResponseReturnValue:
    name = boards.find(g.actor, board_id).name
    action_id = boards.delete(g.actor, board_id)
    toast = f"“{name}” is deleted. Its pictures stay in the library."
    return done("boards/_list.html", back_to=url_for(".index"), toast=toast, undo=undo_url(action_id), **_list())


@bp.post("/<board_id>/duplicate")
@access_to("board.edit")
def duplicate(board_id: str) -> ResponseReturnValue:
    name = request.form.get("name", "")
    copy, _ = large_boards.duplicate(g.actor, board_id, name) or copying.duplicate(g.actor, board_id, name)
    return go(url_for(".page", board_id=copy.id))


# Its sections


@bp.post("/<board_id>/sections")
@access_to("board.edit")
def add_section(board_id: str) -> ResponseReturnValue:
    try:
        _, action_id = sections.add(g.actor, board_id, request.form.get("section", ""))
    except Invalid as error:
        return wrong(board_id, Invalid(error.message, fields={"section": error.message}))
    return changed(board_id, "The section is at the end of the board.", action_id)


@bp.post("/<board_id>/sections/<section_id>/<any(rename, up, down, remove):act>")
@access_to("board.edit")
def change_section(board_id: str, section_id: str, act: str) -> ResponseReturnValue:
    if act == "rename":
        try:
            action_id = sections.rename(g.actor, board_id, section_id, request.form.get("section", ""))
        except Invalid as error:
            return wrong(board_id, Invalid(error.message, fields={f"section-{section_id}": error.message}))
        return changed(board_id, "Saved.", action_id)
    if act in ("up", "down"):
        action_id = sections.move(g.actor, board_id, section_id, -1 if act == "up" else 1)
        return changed(board_id, "Moved." if action_id else "The section is at the end already.", action_id)
    action_id = sections.remove(g.actor, board_id, section_id)
    return changed(board_id, "The section is removed. Its pictures are before the first section.", action_id)


# Its people and its link


@bp.post("/<board_id>/people")
@access_to("board.edit")
def add_person(board_id: str) -> ResponseReturnValue:
    try:
        action_id = people.add(g.actor, board_id, request.form.get("person", ""))
    except Invalid as error:
        return wrong(board_id, error)
    return changed(board_id, "They can edit this board now.", action_id)


@bp.post("/<board_id>/people/<user_id>/remove")
@access_to("board.edit")
def remove_person(board_id: str, user_id: str) -> ResponseReturnValue:
    action_id = people.remove(g.actor, board_id, user_id)
    if user_id == g.actor.user_id and not g.actor.is_admin:
        return go(url_for(".index"))
    return changed(board_id, "They no longer edit this board.", action_id)


@bp.post("/<board_id>/share")
@access_to("board.edit")
def share(board_id: str) -> ResponseReturnValue:
    """The address is shown in this answer and nowhere else."""
    token, _ = sharing.share(g.actor, board_id)
    address = urls.absolute(url_for("shares.index", token=token))
    response = make_response(show("boards/page.html", "boards/_board.html", **shown(board_id, address=address)))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<board_id>/revoke")
@access_to("board.edit")
def revoke(board_id: str) -> ResponseReturnValue:
    action_id = sharing.revoke(g.actor, board_id)
    return changed(board_id, "The link no longer works.", action_id)
