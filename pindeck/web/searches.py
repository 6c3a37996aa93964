"""Searches that a person keeps, and the last ones that were made."""

from typing import Any, NamedTuple

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.errors import Invalid
from pindeck.http.auth import access_to
from pindeck.models import SavedSearch
from pindeck.search import MOST_CHARACTERS
from pindeck.services.boards import recent_searches, searches
from pindeck.services.library import filters, folding, sorting
from pindeck.web.actions import undo_url
from pindeck.web.filtering import FilterBar
from pindeck.web.params import clean_query
from pindeck.web.rendering import done, show

bp = Blueprint("searches", __name__, url_prefix="/searches")

IN_RAIL = 6


class Kept(NamedTuple):
    """`url` is the address of the gallery, which anybody may be given."""

    row: SavedSearch
    url: str


def kept() -> list[Kept]:
    """Those of the person who asks; none for a visitor."""
    return [Kept(row, url_of(row.query, row.sort)) for row in searches.known_to(g.actor)]


def url_of(query: str, sort: str = "") -> str:
    return url_for("gallery.index", q=query, sort=None if sort in ("", sorting.usual(query)) else sort)


def _page(**more: Any) -> dict[str, Any]:
    """What was asked for in the gallery stands in the form."""
    bar = FilterBar.read("", filters.OF_GALLERY, request.args, g.actor)
    text = folding.text_of(bar.wanted)
    form = {"query": text, "sort": str(sorting.sort_of(request.args.get("sort", ""), text)), "name": ""}
    return {
        "kept": kept(),
        "recent": [(text, url_of(text)) for text in recent_searches.known_to(g.actor)],
        "sorts": sorting.LABELS,
        "form": form,
        "errors": {},
        "wrong": None,
        **more,
    }


@bp.get("")
@access_to("search.view")
def index() -> ResponseReturnValue:
    return show("searches/page.html", "searches/_list.html", **_page())


@bp.post("/create")
@access_to("search.keep")
def create() -> ResponseReturnValue:
    try:
        made, action_id = searches.keep(g.actor, **_given())
    except Invalid as error:
        return _wrong(error, None)
    return _changed(f"“{made.name}” is saved.", action_id)


@bp.post("/<search_id>/change")
@access_to("search.keep")
def change(search_id: str) -> ResponseReturnValue:
    try:
        action_id = searches.change(g.actor, search_id, **_given())
    except Invalid as error:
        return _wrong(error, search_id)
    return _changed("Saved.", action_id)


@bp.post("/<search_id>/remove")
@access_to("search.keep")
def remove(search_id: str) -> ResponseReturnValue:
    name = searches.find(g.actor, search_id).name
    return _changed(f"“{name}” is removed.", searches.remove(g.actor, search_id))


@bp.post("/recent")
@access_to("search.keep")
def note() -> ResponseReturnValue:
    """The results of a search have stood on the page for a while."""
    recent_searches.note(g.actor, clean_query(request.form.get("q", ""), most=MOST_CHARACTERS))
    return "", 204


@bp.post("/recent/clear")
@access_to("search.keep")
def clear() -> ResponseReturnValue:
    recent_searches.clear(g.actor)
    return _changed("Your recent searches are cleared.", None)


def _given() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in searches.WORDS}


def _changed(toast: str, action_id: str | None) -> ResponseReturnValue:
    return done("searches/_list.html", back_to=url_for(".index"), toast=toast, undo=undo_url(action_id), **_page())


def _wrong(error: Invalid, search_id: str | None) -> ResponseReturnValue:
    """`wrong` is the search whose form needs correcting, empty for a new one."""
    more = {"errors": error.fields, "form": request.form, "wrong": search_id or ""}
    return show("searches/page.html", "searches/_list.html", 422, **_page(**more))
