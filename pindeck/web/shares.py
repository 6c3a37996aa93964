"""The public link of a board or a storyboard: it to look at and to present, and nothing else of the library."""

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck import db
from pindeck.errors import NotFound
from pindeck.http.auth import public
from pindeck.http.sending import send
from pindeck.models import Image, Storyboard
from pindeck.services.boards import reading, sharing
from pindeck.services.boards.storyboards import sharing as storyboard_links
from pindeck.services.derivatives import delivery
from pindeck.web.boards import parts_of
from pindeck.web.rendering import show

bp = Blueprint("shares", __name__, url_prefix="/share")

SIZES = ("small", "medium", "large", "screen")


@bp.get("/<token>")
@public
def index(token: str) -> ResponseReturnValue:
    """The same for everybody who has the link: no session is looked at."""
    db.connect()
    if (drawn := _storyboard(token)) is not None:
        return _frames(token, drawn)
    shared = sharing.open_link(token, request.args.get("after"))
    after = reading.after_of(request.args.get("after"))
    more = shared.page.next_after

    def address(image: Image, size: str) -> str:
        return url_for(".picture", token=token, image_id=image.id, size=size)

    return _unnoticed(
        make_response(
            show(
                "boards/share.html",
                "boards/_share_items.html" if after else "boards/share.html",
                board=shared.board,
                count=shared.count,
                parts=parts_of(shared.page, shared.sections, after),
                address=address,
                present_url=url_for(".present", token=token),
                page_of=lambda image: url_for(".opened", token=token, image_id=image.id),
                next_url=url_for(".index", token=token, after=more) if more else None,
            )
        )
    )


@bp.get("/<token>/<image_id>")
@public
def opened(token: str, image_id: str) -> ResponseReturnValue:
    """One picture as large as the window, with its title and note, and the ways to the next ones."""
    db.connect()
    found = sharing.open_picture(token, image_id)
    to = {way: url_for(".opened", token=token, image_id=there) for way, there in (("previous", found.previous), ("next", found.next)) if there}
    page = render_template(
        "boards/share_picture.html", board=found.board, image=found.image, note=found.note, to=to,
        home=url_for(".index", token=token), large=url_for(".picture", token=token, image_id=found.image.id, size="large"),
    )  # fmt: skip
    return _unnoticed(make_response(page))


def _storyboard(token: str) -> Storyboard | None:
    """The storyboard at a link; None where it may be a board's."""
    try:
        return storyboard_links.open_link(token)
    except NotFound:
        return None


def _frames(token: str, storyboard: Storyboard) -> ResponseReturnValue:
    """A storyboard as it stands. A press on a shot presents it."""
    from pindeck.services.boards.storyboards import reading as frames_reading
    from pindeck.services.boards.storyboards import shots

    views = frames_reading.views_of(storyboard.id, sharing.OPEN)
    ids = [slot.image.id for view in views for slot in view.slots if slot.image is not None]
    total = shots.total_ms([slot.told for view in views for slot in view.slots if slot.image is not None and slot.told is not None])
    page = render_template(
        "storyboards/share.html", storyboard=storyboard, frames=views, total=shots.written(total) if total else "",
        numbers={image_id: n for n, image_id in enumerate(ids, 1)}, present_url=url_for(".present", token=token),
        small={image_id: url_for(".picture", token=token, image_id=image_id, size="medium") for image_id in ids},
    )  # fmt: skip
    return _unnoticed(make_response(page))


@bp.get("/<token>/present")
@public
def present(token: str) -> ResponseReturnValue:
    """The slides of what the link shows."""
    from pindeck.services.boards import presenting as sources
    from pindeck.web import presenting

    db.connect()
    drawn, start = _storyboard(token), presenting.before()
    if drawn is not None:
        title, slides = drawn.title, sources.of_storyboard(drawn, sharing.OPEN, before=start)
    else:
        board = sharing.board_of(token)
        title = board.name
        slides = sources.of_board(board, sharing.OPEN, request.args.get("after") if start else None, before=start)

    def address(image: Image, size: str | None) -> str | None:
        return url_for(".picture", token=token, image_id=image.id, size=size) if size else None

    shown = presenting.Show(
        title, slides.slides, slides.count, url_for(".index", token=token),
        lambda **more: url_for(".present", token=token, **more), address, slides.following,
    )  # fmt: skip
    return _unnoticed(make_response(presenting.present(shown)))


@bp.get("/<token>/<image_id>.webp")
@public
def picture(token: str, image_id: str) -> ResponseReturnValue:
    db.connect()
    size = request.args.get("size", "medium")
    found = delivery.shared(_picture(token, image_id), size if size in SIZES else "medium")
    if size == "screen":
        _picture(token, image_id)  # the link may have been revoked while it was made
    return _unnoticed(make_response(send(found)))


def _picture(token: str, image_id: str) -> Image:
    try:
        return sharing.picture(token, image_id)
    except NotFound:
        return storyboard_links.picture(token, image_id)


def _unnoticed(response: Response) -> Response:
    """The address is the right to look, so nothing tells it on: no search engine, no page that is gone to from here."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "private, no-store"
    return response
