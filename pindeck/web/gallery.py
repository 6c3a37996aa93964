"""The gallery: the library with its filters in the address."""

from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to, is_secure, public
from pindeck.services import gallery
from pindeck.services.gallery import GalleryFilter
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, show, wants_fragment
from pindeck.web.tweaks import COOKIE, Tweaks

bp = Blueprint("gallery", __name__)

# The height of a row in pixels, with room for growing to the full width; the same as in tokens.css.
ROW_PX = {"dense": 160, "cozy": 210, "comfortable": 300}


def filter_from_request() -> GalleryFilter:
    """The address as a filter. What cannot be searched for finds nothing; it is no error."""
    args = request.args
    return GalleryFilter(
        q=clean_query(args.get("q", "")),
        category=clean_query(args.get("category", "")) or None,
        group=clean_query(args.get("group", "")) or None,
        color=clean_query(args.get("color", "")).lower() or None,
        liked=args.get("liked") == "1" and g.actor.is_signed_in,
        after=clean_query(args.get("after", "")) or None,
    )


def address_of(wanted: GalleryFilter, after: str | None = None, home: str | None = None) -> str:
    """The address of a filter. `home` is that of the gallery, for a page that asks for many."""
    parts = {"q": wanted.q, "category": wanted.category, "group": wanted.group, "color": wanted.color, "after": after}
    kept = {name: value for name, value in parts.items() if value}
    if wanted.liked:
        kept["liked"] = "1"
    return (home or url_for("gallery.index")) + ("?" + urlencode(kept) if kept else "")


@bp.get("/")
@access_to("library.view")
def index() -> ResponseReturnValue:
    wanted = filter_from_request()
    page = gallery.list_page(g.actor, wanted)
    fragment = "gallery/_items.html" if wanted.after else "gallery/_results.html"
    tweaks = Tweaks.parse(request.cookies.get(COOKIE))
    home = url_for("gallery.index")
    return show(
        "gallery/page.html",
        fragment,
        tiles=page.tiles,
        next_url=address_of(wanted, page.next_after) if page.next_after else None,
        filter=wanted,
        facets=None if wanted.after and wants_fragment() else gallery.facets(g.actor),
        address=lambda **changes: address_of(replace(wanted, after=None, **changes), home=home),
        row_px=ROW_PX[tweaks.density],
        wants_filters=wants_fragment(),
        library_empty=not page.tiles and gallery.is_empty(g.actor),
    )


@bp.post("/tweaks")
@public
def tweak() -> ResponseReturnValue:
    """Theme, accent and density, kept in a cookie so that the first paint is right."""
    chosen = Tweaks.parse(request.cookies.get(COOKIE)).changed(request.form)
    response = make_response("", 204) if request.headers.get("HX-Request") else redirect(back(url_for(".index")), 303)
    response.set_cookie(
        COOKIE,
        str(chosen),
        max_age=31536000,
        samesite="Lax",
        secure=is_secure(),
    )
    return response
