"""The gallery as rows: one of each project, or of each style reference."""

from dataclasses import replace
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from pindeck.services.accounts.hanging import Layout
from pindeck.services.images import arranging
from pindeck.services.library import filters, places, sref_rows
from pindeck.web.filtering import FilterBar
from pindeck.web.rendering import show
from pindeck.web.views import Tile, tile_of

KINDS = {Layout.PROJECTS: "Projects", Layout.SREFS: "Style references"}
ROWS, SHOWN = 8, 16


def page(kind: Layout, bar: FilterBar, after: str | None) -> ResponseReturnValue:
    """A page of rows, or the rows after those that are there. The filters of the gallery narrow it."""
    rows, more = _of_projects(bar, after) if kind == Layout.PROJECTS else _of_srefs(bar, after)
    ids = [tile.id for row in rows for tile in row["tiles"]]
    aliases = arranging.aliases_of(ids) if g.actor.is_curator and kind == Layout.PROJECTS else {}
    return show(
        "gallery/rows.html", "gallery/_rows.html" if after else "gallery/_rows_whole.html", rows=rows, filter=bar, kind=kind,
        kinds=KINDS, next_url=replace(bar, view=kind).address(after=more) if more else None, here=bar.address(), aliases=aliases,
    )  # fmt: skip


def _of_projects(bar: FilterBar, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
    found, more = places.list_projects(g.actor, bar.wanted, after=after, limit=ROWS, shown=SHOWN)
    rows = [
        {
            "name": place.name,
            "url": _whole(bar, place),
            "count": place.count,
            "group": _group(place.shown),
            "tiles": _tiles(place.shown),
            "put": url_for("places.put", slug=place.slug),
        }
        for place in found
    ]
    return rows, more


def _whole(bar: FilterBar, place: places.ShownProject) -> str:
    """The project; under filters those of its pictures that they leave."""
    if bar.is_empty:
        return url_for("places.project", slug=place.slug)
    return _and(bar, "-has:project") if place.is_default else replace(bar, view=Layout.WALL).address({filters.PROJECT: place.name})


def _and(bar: FilterBar, words: str) -> str:
    """The gallery under the same filters, and these words."""
    asked = f"({bar.q}) {words}" if " or " in bar.q else f"{bar.q} {words}"
    return replace(bar, view=Layout.WALL).address({filters.WORDS: asked.strip()})


def _group(shown: list[Any]) -> str:
    """The type that its first pictures have together, if they do."""
    groups = {image.group for image in shown}
    return groups.pop() or "" if len(groups) == 1 else ""


def _of_srefs(bar: FilterBar, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
    found, more = sref_rows.list_rows(g.actor, bar.wanted, after=after, limit=ROWS, shown=SHOWN)
    rows = [
        {
            "name": f"--sref {row.number}" if row.number else "No SREF",
            "url": _and(bar, f"sref:{row.number}" if row.number else "-has:sref"),
            "count": row.count,
            "tiles": _tiles(row.shown),
        }
        for row in found
    ]
    return rows, more


def _tiles(shown: list[Any]) -> list[Tile]:
    return [tile_of(image, liked=False) for image in shown]


