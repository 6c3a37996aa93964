"""Presenting: boards and storyboards full screen, one slide after another, and the view of who speaks in a second window.

A source of slides is a `Show`: whatever makes one is presented with the same keys, in both windows, from a link as well. Without
scripts it is a page of slides with links from each to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.models import Image
from pindeck.web.key_sheet import keys_on
from pindeck.web.modules import address_of
from pindeck.web.rendering import show

bp = Blueprint("presenting", __name__)

SMALL_PX, MEDIUM_PX, LARGE_PX, SCREEN_PX = 320, 768, 1280, 2560  # widths of the sizes that are tried one after another, in pixels


@dataclass(frozen=True)
class Show:
    """What is presented. Each of `slides` has a `number` and `notes`; the template `slide` renders one of them.

    With a `stage` the slides are places on a plane, and these are the objects on it (`web.canvas.Thing`), the lowest first.

    `home` is where it is left to, `address` where it is presented, `following` its parameters for the slides after these, none at
    the end. `picture` gives the address of an image in a size, None for its original, and None where that is not given.
    """

    title: str
    slides: list[Any]
    count: int
    home: str
    address: Callable[..., str]
    picture: Callable[[Image, str | None], str | None]
    following: dict[str, Any] = field(default_factory=dict)
    slide: str = "present/_picture.html"
    stage: list[Any] = field(default_factory=list)

    def first(self, image: Image, wide: int) -> str:
        """What is loaded at first of a picture that is so wide on the stage, in pixels."""
        return str(self.picture(image, "small" if wide <= SMALL_PX else "medium"))

    def sharper_than_first(self, image: Image) -> str:
        return f"{MEDIUM_PX} {self.picture(image, 'medium')} {LARGE_PX} {self.large(image)} {self.sharper(image)}"

    def large(self, image: Image) -> str:
        return str(self.picture(image, "large"))

    def sharper(self, image: Image) -> str:
        """Widths and addresses of what has more pixels than the large size, the sharpest last: `2560 /a 6000 /b`."""
        width, found = image.width or 0, []
        if width > LARGE_PX:
            found.append((min(width, SCREEN_PX), self.picture(image, "screen")))
        if max(width, image.height or 0) > SCREEN_PX:
            found.append((width, self.picture(image, None)))
        return " ".join(f"{pixels} {address}" for pixels, address in found if address)


def own_picture(image: Image, size: str | None) -> str:
    """The address for who is let to the picture by an account."""
    return f"/i/{image.id}" if size is None else f"/i/{image.id}?size={size}"


def present(shown: Show) -> ResponseReturnValue:
    """The page, or its next slides. `?at=3` is the third slide, for addresses that cannot have a fragment."""
    from pindeck.services.boards.presenting import MASKS

    at = request.args.get("at", "")
    if at.isascii() and at.isdecimal() and len(at) < 6:
        return redirect(f"{shown.address(view=view_of())}#{int(at)}")
    return show(
        "present/page.html", "present/_slides.html",
        show=shown, masks=MASKS, keys=keys_on("presenting"), is_speaker=view_of() is not None, script=address_of("present.js"),
        next_url=shown.address(view=view_of(), **shown.following) if shown.following else None,
        speaker_url=shown.address(view="speaker"),
    )  # fmt: skip


def view_of() -> str | None:
    return "speaker" if request.args.get("view") == "speaker" else None


def before() -> int:
    """How many slides come before the page that is asked for."""
    text = request.args.get("from", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


@bp.get("/boards/<board_id>/present")
@access_to("board.view")
def board(board_id: str) -> ResponseReturnValue:
    from pindeck import access
    from pindeck.services.boards import boards, presenting, reading
    from pindeck.services.library import smart_boards
    from pindeck.web.params import clean_query

    row, start = boards.find(g.actor, board_id), before()
    after = request.args.get("after") if start else None
    if row.is_smart:
        page = smart_boards.page(g.actor, row, after=clean_query(after or "") or None, limit=presenting.PAGE)
        slides = presenting.of_page(page, [], smart_boards.count(g.actor, row), before=start)
    else:
        slides = presenting.of_board(row, reading.shown_to(g.actor) & access.HAS_BYTES, after, before=start)
    return present(
        Show(
            row.name, slides.slides, slides.count, url_for("boards.page", board_id=row.id),
            lambda **more: url_for("presenting.board", board_id=row.id, **more), own_picture, slides.following,
        )
    )  # fmt: skip


@bp.get("/boards/<board_id>/canvas/present")
@access_to("board.view")
def canvas(board_id: str) -> ResponseReturnValue:
    from pindeck import access
    from pindeck.services.boards import boards, reading
    from pindeck.web import canvas_stage

    row = boards.find(g.actor, board_id)
    ways = url_for("canvas.page", board_id=row.id), lambda **more: url_for("presenting.canvas", board_id=row.id, **more), own_picture
    return present(canvas_stage.show_of(row, reading.shown_to(g.actor) & access.HAS_BYTES, *ways))


@bp.get("/storyboards/<storyboard_id>/present")
@access_to("board.view")
def storyboard(storyboard_id: str) -> ResponseReturnValue:
    from pindeck import access
    from pindeck.services.boards import presenting, reading
    from pindeck.services.boards.storyboards import storyboards

    row = storyboards.find(g.actor, storyboard_id)
    slides = presenting.of_storyboard(row, reading.shown_to(g.actor) & access.HAS_BYTES, before=before())
    return present(
        Show(
            row.title, slides.slides, slides.count, url_for("storyboards.page", storyboard_id=row.id),
            lambda **more: url_for("presenting.storyboard", storyboard_id=row.id, **more), own_picture, slides.following,
        )
    )  # fmt: skip
