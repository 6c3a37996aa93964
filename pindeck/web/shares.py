"""The public link of a board: the board to look at, and nothing else of the library."""

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck import db
from pindeck.http.auth import public
from pindeck.http.sending import send
from pindeck.models import Image
from pindeck.services.boards import reading, sharing
from pindeck.services.derivatives import delivery
from pindeck.web.boards import parts_of
from pindeck.web.rendering import show

bp = Blueprint("shares", __name__, url_prefix="/share")

SIZES = ("small", "medium", "large")


@bp.get("/<token>")
@public
def index(token: str) -> ResponseReturnValue:
    """The same for everybody who has the link: no session is looked at."""
    db.connect()
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


@bp.get("/<token>/<image_id>.webp")
@public
def picture(token: str, image_id: str) -> ResponseReturnValue:
    db.connect()
    size = request.args.get("size", "medium")
    image = sharing.picture(token, image_id)
    found = delivery.shared(image, size if size in SIZES else "medium")
    return _unnoticed(make_response(send(found)))


def _unnoticed(response: Response) -> Response:
    """The address is the right to look, so nothing tells it on: no search engine, no page that is gone to from here."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "private, no-store"
    return response
