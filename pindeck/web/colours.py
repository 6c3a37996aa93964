"""Pictures by colours: one to five with shares and tolerances, none of others, or those that look like one picture."""

import re
from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.access import can
from pindeck.errors import Invalid, Upstream
from pindeck.http.auth import access_to, token_in_query
from pindeck.http.multipart import FilePart, parts
from pindeck.imaging import extensions
from pindeck.search import MOST_CHARACTERS
from pindeck.services.images import detail as images
from pindeck.services.library import by_look, filters, gallery, looks
from pindeck.services.library import dials as kept_dials
from pindeck.services.library.by_look import Dials, Found, WantedColour
from pindeck.services.library.sorting import Sort
from pindeck.web.params import clean_query
from pindeck.web.rendering import show
from pindeck.web.sheet import seen
from pindeck.web.views import tile_of, tiles_of

bp = Blueprint("colours", __name__)

_ASKED = re.compile(r"#?([0-9a-fA-F]{6})(?:~(\d{1,3}))?(?:@(\d{1,3}))?")
COOKIE, YEAR_S = "pindeck_dials", 365 * 86400
NAMES = ("palette", "light", "edges", "words")  # and `meaning`, where a model reads the words


@bp.get("/colours")
@access_to("library.view")
def index() -> ResponseReturnValue:
    """With `q`, a search of the gallery, only among what that finds."""
    from pindeck.services.library import colour_words

    q = clean_query(request.args.get("q", ""), most=MOST_CHARACTERS)
    if "on" in request.args or "off" in request.args:  # the form; its address is the plain one
        return redirect(url_for(".index", q=q or None, c=_of_form("on"), no=_of_form("off")))
    asked, without = _read("c"), _read("no")
    plain = {"q": q or None, "c": request.args.getlist("c"), "no": request.args.getlist("no")}
    whole = colour_words.beside(q, asked, without)
    context = {"asked": asked, "without": without, "most": by_look.MOST, "q": q, "whole": whole, "limits": _limits()}
    if q and asked and len(whole) <= MOST_CHARACTERS:
        return _beside(plain, **context)
    page = _page()
    return _shown(
        lambda: by_look.by_colours(g.actor, asked, without, page=page) if asked else None,
        "colours/page.html",
        next_url=url_for(".index", **plain, page=page + 1),  # type: ignore[arg-type]
        **context,
    )


def _beside(plain: dict[str, Any], **context: Any) -> ResponseReturnValue:
    """What the gallery finds for the search and the colours, the nearest first."""
    try:
        by_look.check(context["asked"], context["without"])
    except Invalid as wrong:
        nothing: dict[str, Any] = {"tiles": [], "error": wrong.fields.get("c", wrong.message), "next_url": None}
        return show("colours/page.html", "colours/page.html", 422, **nothing, **context)
    after, whole = clean_query(request.args.get("after", ""), most=600) or None, context["whole"]
    found = gallery.list_page(g.actor, {filters.WORDS: whole}, Sort.NEAREST, after=after)
    error = " ".join(problem.says for problem in looks.problems(whole))
    next_url = url_for(".index", **plain, after=found.next_after) if found.next_after else None
    return show(
        "colours/page.html", "colours/page.html", tiles=tiles_of(found), error=error, next_url=next_url, **context
    )


@bp.get("/images/<image_id>/colours")
@access_to("library.view")
def of_picture(image_id: str) -> ResponseReturnValue:
    return redirect(url_for(".index", c=[_spelt(one) for one in by_look.colours_of(g.actor, image_id)]))


@bp.post("/colours/dropped")
@token_in_query
@access_to("upload")
def drop() -> ResponseReturnValue:
    """A picture of somebody who looks for its like; a worker measures it and deletes it."""
    from pindeck.services.ingest import dropped as dropping

    for part in parts(request, files=1):
        if isinstance(part, FilePart) and part.filename:
            return redirect(url_for(".dropped", job_id=dropping.ask(g.actor, part.chunks)), 303)
    raise Invalid("Choose a picture.", fields={"picture": "Choose a picture."})


@bp.get("/colours/dropped/<job_id>")
@access_to("upload")
def dropped(job_id: str) -> ResponseReturnValue:
    from pindeck.services.ingest import dropped as dropping

    found, dials = dropping.find(g.actor, job_id), kept_dials.of(g.actor)
    page, template = _page(), "colours/dropped.html"
    here = url_for(".dropped", job_id=job_id)
    if found.is_under_way or found.error:
        body = show(template, template, found=found, here=here, tiles=[], error=found.error, next_url=None)
    else:
        body = _shown(
            lambda: dropping.like(g.actor, found, dials, page=page), template, found=found, here=here,
            next_url=url_for(".dropped", job_id=job_id, page=page + 1),
            colours_url=url_for(".index", c=[_spelt(replace(one, share=None)) for one in found.colours]),
            shares_url=url_for(".index", c=[_spelt(one) for one in found.colours]),
        )  # fmt: skip
    answer = make_response(body)
    answer.status_code = 200  # its colours are there, whatever else is not
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
            dials={name: getattr(dials, name) for name in _names()},
            next_url=url_for(".like", image_id=image_id, page=page + 1, **{name: getattr(dials, name) for name in _names()}),
        )
    )
    if set(_names()) & request.args.keys():
        told = ".".join(str(getattr(dials, name)) for name in _names())
        kept_dials.remember(g.actor, dials)
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


def _limits() -> dict[str, object]:
    given = config.current()
    return {"max_mb": given.max_upload_mb, "formats": ", ".join(extensions.accepted())}


def _read(name: str) -> list[WantedColour]:
    found = [match for text in request.args.getlist(name)[: 2 * by_look.MOST] if (match := _ASKED.fullmatch(text.strip()))]
    return [
        WantedColour(f"#{code.lower()}", int(tolerance or by_look.TOLERANCE), int(share) if share else None)
        for code, tolerance, share in (match.groups() for match in found)
    ]


def _of_form(name: str) -> list[str]:
    """The lines of the form that are switched on, each as one text."""
    lines = [(n, request.args.get(f"colour{n}", "")) for n in request.args.getlist(name)]
    return [
        _spelt(WantedColour(code.lower(), _number(f"tolerance{n}") or by_look.TOLERANCE, _number(f"share{n}")))
        for n, code in lines
        if re.fullmatch("#[0-9a-fA-F]{6}", code)
    ]


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"\d{1,3}", text) else None


def _spelt(one: WantedColour) -> str:
    return f"{one.code[1:]}~{one.tolerance}" + (f"@{one.share}" if one.share is not None else "")


def _page() -> int:
    text = request.args.get("page", "")
    return int(text) if re.fullmatch(r"\d{1,3}", text) else 0


def _names() -> tuple[str, ...]:
    return (*NAMES, "meaning") if config.current().embeddings_is_on else NAMES


def _dials() -> Dials:
    """Those of the address, or those of last time: of the person, or of the browser of somebody without an account."""
    if can(g.actor, "account"):
        kept = {name: str(value) for name, value in asdict(kept_dials.of(g.actor)).items()}
    else:
        kept = dict(zip(_names(), request.cookies.get(COOKIE, "").split("."), strict=False))
    chosen = kept | {name: request.args[name] for name in _names() if name in request.args}
    return Dials(**{name: int(text) for name, text in chosen.items() if text in ("0", "1", "2", "3")})
