"""The public link of a board, a storyboard or a deck: it to look at and to present, and nothing else of the library."""

from collections.abc import Callable

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from pindeck import db
from pindeck.errors import NotFound, no_image
from pindeck.http.auth import public
from pindeck.http.sending import send
from pindeck.models import Board, Deck, Image, Storyboard
from pindeck.services.boards import reading, sharing
from pindeck.services.boards.public_links import OPEN
from pindeck.services.derivatives import delivery
from pindeck.web.boards import parts_of
from pindeck.web.rendering import show

bp = Blueprint("shares", __name__, url_prefix="/share")

SIZES = ("small", "medium", "large", "screen")


@bp.get("/<token>")
@public
def index(token: str) -> ResponseReturnValue:
    """The same for everybody who has the link: no session is looked at."""
    row = _shown_at(token)
    if isinstance(row, Storyboard):
        return _frames(token, row)
    if isinstance(row, Deck):
        return _pages(token, row)
    from pindeck.services.boards.canvas import shown

    shared = sharing.opened(row, request.args.get("after"))
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
                canvas_url=url_for(".canvas", token=token) if shown.has_some(OPEN, row) else None,
                page_of=lambda image: url_for(".opened", token=token, image_id=image.id),
                next_url=url_for(".index", token=token, after=more) if more else None,
            )
        )
    )


@bp.get("/<token>/<image_id>")
@public
def opened(token: str, image_id: str) -> ResponseReturnValue:
    """One picture as large as the window, with its title and note, and the ways to the next ones."""
    row = _shown_at(token)
    if not isinstance(row, Board):
        raise no_image()
    found = sharing.open_picture(row, image_id)
    to = {way: url_for(".opened", token=token, image_id=there) for way, there in (("previous", found.previous), ("next", found.next)) if there}
    page = render_template(
        "boards/share_picture.html", board=found.board, image=found.image, note=found.note, to=to,
        home=url_for(".index", token=token), large=url_for(".picture", token=token, image_id=found.image.id, size="large"),
    )  # fmt: skip
    return _unnoticed(make_response(page))


def _shown_at(token: str) -> Board | Storyboard | Deck:
    """What the link is of, in three statements at most. Raises NotFound for one that is none or has ended."""
    from pindeck.services.boards.decks import sharing as of_decks
    from pindeck.services.boards.storyboards import sharing as of_storyboards

    db.connect()
    for links in (sharing.LINKS, of_storyboards.LINKS, of_decks.LINKS):
        if (row := links.find(token)) is not None:
            return row  # type: ignore[no-any-return]
    raise NotFound("There is nothing at this address. Its link may have been revoked.")


def _frames(token: str, storyboard: Storyboard) -> ResponseReturnValue:
    """A storyboard as it stands. A press on a shot presents it."""
    from pindeck.services.boards.storyboards import reading as frames_reading
    from pindeck.services.boards.storyboards import shots

    views = frames_reading.views_of(storyboard.id, OPEN)
    ids = [slot.image.id for view in views for slot in view.slots if slot.image is not None]
    total = shots.total_ms([slot.told for view in views for slot in view.slots if slot.image is not None and slot.told is not None])
    page = render_template(
        "storyboards/share.html", storyboard=storyboard, frames=views, total=shots.written(total) if total else "",
        numbers={image_id: n for n, image_id in enumerate(ids, 1)}, present_url=url_for(".present", token=token),
        small={image_id: url_for(".picture", token=token, image_id=image_id, size="medium") for image_id in ids},
    )  # fmt: skip
    return _unnoticed(make_response(page))


def _pages(token: str, deck: Deck) -> ResponseReturnValue:
    """The pages of a deck one below the other. A press on one presents it."""
    from pindeck.services.boards.decks import pages
    from pindeck.web.decks import PAGES, style_of
    from pindeck.web.presenting import before

    opened, start = pages.open_one(deck, OPEN), before()
    every = pages.in_order(opened)
    end = start + PAGES
    return _unnoticed(
        make_response(
            show(
                "decks/share.html", "decks/_share_pages.html" if start else "decks/share.html",
                deck=deck, pages=every[start:end], count=len(every), style=style_of(opened), present_url=url_for(".present", token=token),
                large=lambda image: url_for(".picture", token=token, image_id=image.id, size="large"),
                next_url=f"{url_for('.index', token=token)}?from={end}" if end < len(every) else None,
            )
        )
    )  # fmt: skip


@bp.get("/<token>/present")
@public
def present(token: str) -> ResponseReturnValue:
    """The slides of what the link shows."""
    from pindeck.services.boards import presenting as sources
    from pindeck.web import presenting

    row, start, ways = _shown_at(token), presenting.before(), _ways(token, ".present")
    if isinstance(row, Deck):
        from pindeck.web.decks import show_of

        shown = show_of(row, OPEN, *ways, has_notes=False)
    else:
        if isinstance(row, Storyboard):
            title, slides = row.title, sources.of_storyboard(row, OPEN, before=start)
        else:
            title, slides = row.name, sources.of_board(row, OPEN, request.args.get("after") if start else None, before=start)
        shown = presenting.Show(title, slides.slides, slides.count, *ways, slides.following)
    return _unnoticed(make_response(presenting.present(shown)))


@bp.get("/<token>/canvas")
@public
def canvas(token: str) -> ResponseReturnValue:
    """The canvas of a board, to be walked through."""
    from pindeck.web import canvas_stage, presenting

    row = _shown_at(token)
    if not isinstance(row, Board):
        raise NotFound("There is nothing at this address.")
    return _unnoticed(make_response(presenting.present(canvas_stage.show_of(row, OPEN, *_ways(token, ".canvas")))))


Ways = tuple[str, Callable[..., str], Callable[[Image, str | None], str | None]]


def _ways(token: str, endpoint: str) -> Ways:
    """What a `Show` needs: where it is left to, where it is presented, and where its pictures are."""

    def address(image: Image, size: str | None) -> str | None:
        return url_for(".picture", token=token, image_id=image.id, size=size) if size else None

    return url_for(".index", token=token), lambda **more: url_for(endpoint, token=token, **more), address


@bp.get("/<token>/<image_id>.webp")
@public
def picture(token: str, image_id: str) -> ResponseReturnValue:
    size = request.args.get("size", "medium")
    found = delivery.shared(_picture(token, image_id), size if size in SIZES else "medium")
    if size == "screen":
        _picture(token, image_id)  # the link may have been revoked while it was made
    return _unnoticed(make_response(send(found)))


def _picture(token: str, image_id: str) -> Image:
    from pindeck.services.boards.decks import sharing as of_decks
    from pindeck.services.boards.storyboards import sharing as of_storyboards

    row = _shown_at(token)
    if isinstance(row, Storyboard):
        return of_storyboards.picture(row, image_id)
    return of_decks.picture(row, image_id) if isinstance(row, Deck) else sharing.picture(row, image_id)


def _unnoticed(response: Response) -> Response:
    """The address is the right to look, so nothing tells it on: no search engine, no page that is gone to from here."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "private, no-store"
    return response
