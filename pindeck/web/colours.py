"""Pictures by colours: one to five with shares and tolerances, none of others, or those that look like one picture."""

import re
from typing import Any

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid, Upstream
from pindeck.http.auth import access_to
from pindeck.services.images import detail as images
from pindeck.services.library import by_look, gallery
from pindeck.services.library.by_look import Asked, Dials, Found
from pindeck.web.rendering import show
from pindeck.web.sheet import seen
from pindeck.web.views import tile_of

bp = Blueprint("colours", __name__)

_ASKED = re.compile(r"#?([0-9a-fA-F]{6})(?:~(\d{1,3}))?(?:@(\d{1,3}))?")
COOKIE, YEAR_S = "pindeck_dials", 365 * 86400
NAMES = ("palette", "light", "edges", "words")


@bp.get("/colours")
@access_to("library.view")
def index() -> ResponseReturnValue:
    if "on" in request.args or "off" in request.args:  # the form; its address is the plain one
        return redirect(url_for(".index", c=_of_form("on"), no=_of_form("off")))
    asked, without, page = _read("c"), _read("no"), _page()
    return _shown(
        lambda: by_look.by_colours(g.actor, asked, without, page=page) if asked else None,
        "colours/page.html",
        asked=asked,
        without=without,
        most=by_look.MOST,
        next_url=url_for(".index", c=request.args.getlist("c"), no=request.args.getlist("no"), page=page + 1),
    )


@bp.get("/images/<image_id>/colours")
@access_to("library.view")
def of_picture(image_id: str) -> ResponseReturnValue:
    return redirect(url_for(".index", c=[_spelt(one) for one in by_look.colours_of(g.actor, image_id)]))


@bp.get("/images/<image_id>/similar")
@access_to("library.view")
def like(image_id: str) -> ResponseReturnValue:
    detail = images.get_detail(g.actor, image_id)
    dials, page = _dials(), _page()
    answer = make_response(
        _shown(
            lambda: by_look.like(g.actor, image_id, dials, page=page),
            "colours/like.html",
            image=detail.image,
            urls=detail.urls,
            dials=dials,
            next_url=url_for(".like", image_id=image_id, page=page + 1, **{name: getattr(dials, name) for name in NAMES}),
        )
    )
    if set(NAMES) & request.args.keys():
        told = ".".join(str(getattr(dials, name)) for name in NAMES)
        answer.set_cookie(COOKIE, told, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _shown(find: Any, page: str, *, next_url: str, **context: Any) -> ResponseReturnValue:
    """The page with what was found, or with the sentence that says why nothing could be looked for."""
    found, error, status = Found([], False), "", 200
    try:
        found = find() or found
    except (Invalid, Upstream) as wrong:
        error, status = wrong.fields.get("c", wrong.message) if isinstance(wrong, Invalid) else wrong.message, wrong.status
    liked = gallery.liked_by(g.actor, [image.id for image in found.images])
    tiles = [tile_of(seen(image), liked=image.id in liked) for image in found.images]
    return show(
        page, page, status, tiles=tiles, error=error, next_url=next_url if found.has_more else None, **context
    )


def _read(name: str) -> list[Asked]:
    found = [match for text in request.args.getlist(name)[: 2 * by_look.MOST] if (match := _ASKED.fullmatch(text.strip()))]
    return [
        Asked(f"#{code.lower()}", int(tolerance or by_look.TOLERANCE), int(share) if share else None)
        for code, tolerance, share in (match.groups() for match in found)
    ]


def _of_form(name: str) -> list[str]:
    """The lines of the form that are switched on, each as one text."""
    lines = [(n, request.args.get(f"colour{n}", "")) for n in request.args.getlist(name)]
    return [
        _spelt(Asked(code.lower(), _number(f"tolerance{n}") or by_look.TOLERANCE, _number(f"share{n}")))
        for n, code in lines
        if re.fullmatch("#[0-9a-fA-F]{6}", code)
    ]


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"\d{1,3}", text) else None


def _spelt(one: Asked) -> str:
    return f"{one.code[1:]}~{one.tolerance}" + (f"@{one.share}" if one.share is not None else "")


def _page() -> int:
    text = request.args.get("page", "")
    return int(text) if re.fullmatch(r"\d{1,3}", text) else 0


def _dials() -> Dials:
    """Those of the address, or those of last time."""
    kept = dict(zip(NAMES, request.cookies.get(COOKIE, "").split("."), strict=False))
    chosen = {name: request.args.get(name, kept.get(name, "")) for name in NAMES}
    return Dials(**{name: int(text) for name, text in chosen.items() if text in ("0", "1", "2", "3")})
