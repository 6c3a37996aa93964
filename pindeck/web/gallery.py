"""The gallery: the library with its filters in the address."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to, is_secure, public
from pindeck.search import MOST_CHARACTERS
from pindeck.services.accounts.hanging import Layout
from pindeck.services.boards import recent_searches
from pindeck.services.library import (
    counts,
    craft_facets,
    filters,
    folding,
    gallery,
    own_colours,
    places,
    seen,
    sorting,
)
from pindeck.services.library.table import COLUMNS
from pindeck.web import rows, searches, table
from pindeck.web.filtering import FilterBar
from pindeck.web.hanging import here
from pindeck.web.params import clean_query
from pindeck.web.rendering import aims_at, back, done, is_htmx, show, wants_fragment
from pindeck.web.tweaks import COOKIE, Tweaks
from pindeck.web.views import tiles_of

bp = Blueprint("gallery", __name__)

@bp.get("/")
@access_to("library.view")
def index() -> ResponseReturnValue:
    after = clean_query(request.args.get("after", ""), most=600) or None
    bar = _bar()
    if "typed" in request.args:  # on another page or without scripts; else the page tells it by itself
        recent_searches.note(g.actor, bar.q)
        return redirect(bar.address(), 303)
    if before := clean_query(request.args.get("before", ""), most=600):  # looked for only when somebody goes there
        start = gallery.start_before(g.actor, bar.wanted, bar.order, before)
        return redirect(bar.address(after=start), 303)
    if here().view in rows.KINDS:
        return rows.page(here().view, bar, after)
    if here().view == Layout.TABLE:
        cells = table.of(bar, after)
        return _index(bar, after, "table/_rows.html", cells.lines, cells.next_after, table=cells, all_columns=COLUMNS.values())
    page = gallery.list_page(g.actor, bar.wanted, bar.order, after=after)
    return _index(bar, after, "gallery/_items.html", tiles_of(page), page.next_after)


def _index(
    bar: FilterBar, after: str | None, items: str, tiles: Sequence[Any], next_after: str | None, **more: Any
) -> ResponseReturnValue:
    """The gallery around tiles, or around the rows of a table."""
    query, filters_alone = bar.query, replace(bar, sort="", view="").query
    # What takes the place of all tiles, or of the link to the earlier ones, begins with a link to those before.
    is_place = not wants_fragment() or any(aims_at(part) for part in ("results", "grid", "lines", "earlier"))
    is_part = wants_fragment() and not aims_at("results") and (bool(after) or is_place)
    is_before = bool(after and is_place)
    return show(
        "gallery/page.html",
        items if is_part else "gallery/_results.html",
        tiles=tiles,
        next_url=bar.address(after=next_after) if next_after else None,
        earlier_url=bar.address(before=after) if is_before else None,
        jump_url=replace(bar, home=url_for(".jump")).address(after=after),
        filter=bar,
        sort=_label(bar),
        bounds=sorting.bounds(bar.wanted, bar.order),
        sorts_url=url_for(".sorts") + query,
        rail=None if is_part else bar.rail(g.actor),
        facets=None if is_part else bar.facets(craft_facets.fields(), _terms_of),
        counts_url=url_for(".count") + query,
        panel_url=url_for("facets.index") + query,
        feed_url=url_for("feeds.feed") + filters_alone,
        feed_page_url=url_for("feeds.index") + filters_alone,
        choose_url=url_for("choosing.index") + filters_alone,
        keep_url=replace(bar, view="", home=url_for("searches.index")).address(),
        here=bar.home + query,
        counted_url=_and_count(bar.address()),
        wants_filters=wants_fragment(),
        many=_many(bar, len(tiles)) if (next_after or is_before) and not wants_fragment() else None,
        library_empty=not tiles and gallery.is_empty(g.actor),
        **more,
    )


def _and_count(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}counted=1"


def _many(bar: FilterBar, shown: int) -> counts.Count:
    """What a page says before it has asked. To count what words match would take a fifth of a search, so there it says what it shows."""
    if "counted" in request.args:  # where no script asks for the number
        return counts.all_of(g.actor, bar.wanted)
    return counts.Count(shown, is_more=True) if bar.q else counts.many(g.actor, bar.wanted)


@bp.get("/jump")
@access_to("library.view")
def jump() -> ResponseReturnValue:
    """What the wall passes, from month to month or in its order, with places to go on from: its scroll bar, and a page without scripts."""
    from pindeck.services.library import marks  # no first page has it

    bar = _bar()
    after = clean_query(request.args.get("after", ""), most=600) or None
    found = marks.of(g.actor, bar.wanted, bar.order, after=after)
    return show(
        "gallery/jump.html",
        "gallery/_jump.html",
        found=found,
        filter=replace(bar, home=url_for(".index")),
        sort=_label(bar),
    )


@bp.get("/counts")
@access_to("library.view")
def count() -> ResponseReturnValue:
    """How many pictures there are, and beside each value of the rail; the page asks for it when it is there."""
    bar = _bar()
    counted = counts.of(g.actor, bar.wanted, bar.offered)
    projects, all_projects = places.largest(g.actor)
    return render_template(
        "gallery/_counts.html",
        total=counted.total,
        rail=bar.rail(g.actor, counted),
        colours=_colours(folding.text_of(bar.wanted)),
        kept=searches.kept(),
        most=searches.IN_RAIL,
        projects=projects,
        all_projects=all_projects,
        news=None if bar.wanted else seen.since(g.actor),
        filter=bar,
        sort=_label(bar),
        sorts=sorting.offered(bar.q),
    )


def _colours(text: str) -> list[tuple[str, str]]:
    """Each leads to the page of colours, beside the search."""
    return [(code, url_for("colours.index", q=text or None, c=code[1:])) for code in own_colours.of(g.actor)]


@bp.get("/suggest")
@access_to("library.view")
def suggestions() -> ResponseReturnValue:
    """What somebody may mean who types this: options of the list below the search box."""
    from pindeck.services.library import suggest

    text = clean_query(request.args.get("q", ""), most=MOST_CHARACTERS)
    return render_template("gallery/_suggestions.html", found=suggest.of(g.actor, text), text=text)


@bp.get("/orders")
@access_to("library.view")
def sorts() -> ResponseReturnValue:
    """The orders as a page, for browsers without scripts."""
    bar = _bar()
    return render_template("gallery/sorts.html", filter=bar, sort=_label(bar), sorts=sorting.offered(bar.q))


def _label(bar: FilterBar) -> str:
    return sorting.LABELS[bar.order]


@bp.post("/seen")
@access_to("account")
def look() -> ResponseReturnValue:
    """Somebody has looked at the pictures up to this one."""
    seen.look(g.actor, request.form.get("id", ""))
    return done("gallery/_news.html", back_to=url_for(".index"), swaps_itself=True, news=None, oob=True)


@bp.get("/facets/<name>")
@access_to("library.view")
def facet(name: str) -> ResponseReturnValue:
    """The terms of one field of the craft, and how many pictures each leads to; the rail asks when somebody opens it."""
    bar = _bar()
    filter = craft_facets.filter_of(name)
    terms = bar.terms(filter, craft_facets.of(g.actor, bar.wanted, name))
    return show("gallery/facet.html", "gallery/_facet.html", filter=bar, label=filter.label, terms=terms)


def _terms_of(name: str) -> str:
    return url_for(".facet", name=name)


def _bar() -> FilterBar:
    bar = FilterBar.read(url_for(".index"), filters.OF_GALLERY, request.args, g.actor)
    sort = sorting.sort_of(request.args.get("sort", ""), bar.q)
    return replace(bar, sort="" if sort == sorting.usual(bar.q) else str(sort), view=str(here().asked or ""))


@bp.post("/tweaks")
@public
def tweak() -> ResponseReturnValue:
    """Theme, accent and density, kept in a cookie so that the first paint is right."""
    chosen = Tweaks.parse(request.cookies.get(COOKIE)).changed(request.form)
    response = make_response("", 204) if is_htmx() else redirect(back(url_for(".index")), 303)
    response.set_cookie(
        COOKIE,
        str(chosen),
        max_age=31536000,
        samesite="Lax",
        secure=is_secure(),
    )
    return response
