"""How pictures hang: the layout, the height of a tile and the columns of the table, which a person chose for an area.

People with an account keep it in a row. A guest or a visitor keeps the same in a cookie, which `write` and `read` spell.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Invalid, invalid
from pindeck.models import Hanging

SMALLEST_PX, LARGEST_PX = 80, 420  # the height of a row on a large screen
MOST_WRITTEN = 2_000  # characters of a cookie that are read
_COLUMNS = re.compile(r"(?:[a-z_]{1,20}(?::\d{2,3})?)(?:~[a-z_]{1,20}(?::\d{2,3})?){0,39}")


class Area(StrEnum):
    """A kind of page with pictures, for which one choice holds."""

    GALLERY = "gallery"
    PROJECT = "project"
    BOARD = "board"
    REVIEW = "review"


class Layout(StrEnum):
    """A way in which pictures hang; people read "view"."""

    WALL = "wall"
    MASONRY = "masonry"
    SHEET = "sheet"
    CAPTIONS = "captions"
    PROJECTS = "project"
    SREFS = "sref"
    TABLE = "table"


OFFERED: dict[Area, tuple[Layout, ...]] = {
    Area.GALLERY: (Layout.WALL, Layout.MASONRY, Layout.SHEET, Layout.PROJECTS, Layout.SREFS, Layout.TABLE),
    Area.PROJECT: (Layout.WALL, Layout.MASONRY, Layout.SHEET),
    Area.BOARD: (Layout.WALL, Layout.MASONRY, Layout.CAPTIONS),
    Area.REVIEW: (Layout.WALL, Layout.MASONRY, Layout.SHEET),
}


@dataclass(frozen=True)
class Hung:
    """Without a `size_px` the density says how large tiles are. `columns` are names, joined by `~`, each with its width in
    pixels behind a colon where it has one; none are the usual ones."""

    layout: Layout = Layout.WALL
    size_px: int | None = None
    columns: str = ""

    def changed(self, area: Area, given: Mapping[str, str]) -> "Hung":
        """With what of `view`, `size` and `columns` is given. Raises Invalid, which names the field."""
        changes: dict[str, Any] = {}
        if "view" in given:
            changes["layout"] = layout_of(area, given["view"])
            if changes["layout"] is None:
                raise invalid("view", f"Choose one of {', '.join(OFFERED[area])}.")
        if "size" in given:
            changes["size_px"] = _size(given["size"])
        if "columns" in given:
            if given["columns"] and not _COLUMNS.fullmatch(given["columns"]):
                raise invalid("columns", "Give names of columns, joined by “~”, each with a width in pixels if you like.")
            changes["columns"] = given["columns"]
        return replace(self, **changes)


USUAL = Hung()


def layout_of(area: Area, text: str | None) -> Layout | None:
    """None for what the area does not offer."""
    return next((each for each in OFFERED[area] if each == text), None)


def _size(text: str) -> int | None:
    if text == "":
        return None
    if not (text.isascii() and text.isdigit() and SMALLEST_PX <= int(text[:9]) <= LARGEST_PX):
        raise invalid("size", f"Give a height from {SMALLEST_PX} to {LARGEST_PX} pixels.")
    return int(text)


# In a row


def keeps(actor: Actor) -> bool:
    """Whether it is kept with the account."""
    return access.can(actor, "account")


def of(actor: Actor, area: Area) -> Hung | None:
    """What the person chose; None for nothing. One statement."""
    rows = _chosen().rows(user=actor.user_id, area=str(area))
    return _hung(area, *rows[0]) if rows else None


@db.per_engine
def _chosen() -> db.PreparedQuery:
    mine = (Hanging.user_id == db.Param("user")) & (Hanging.area == db.Param("area"))
    return db.PreparedQuery.of(Hanging.select(Hanging.layout, Hanging.size_px, Hanging.columns).where(mine))


def keep(actor: Actor, area: Area, given: Mapping[str, str]) -> Hung:
    """Write what is given; the rest stays. Raises NotSignedIn, Forbidden or Invalid."""
    access.require(actor, "account")
    first = USUAL.changed(area, given)
    new = {"view": ("layout", str(first.layout)), "size": ("size_px", first.size_px), "columns": ("columns", first.columns)}
    changes: Any = {getattr(Hanging, new[name][0]): new[name][1] for name in new if name in given}
    row = {"user_id": actor.user_id, "area": str(area), **dict(new.values())}
    write: Any = Hanging.insert(**row)
    keys = [Hanging.user_id, Hanging.area]
    write = write.on_conflict(conflict_target=keys, update=changes) if changes else write.on_conflict_ignore()
    with db.writing():
        write.execute()
    return of(actor, area) or first


def _hung(area: Area, layout: str, size_px: int | None, columns: str) -> Hung:
    return Hung(layout_of(area, layout) or Layout.WALL, size_px, columns)


# In a cookie


def read(text: str) -> dict[Area, Hung]:
    """What cannot be read is not there."""
    found: dict[Area, Hung] = {}
    for part in text[:MOST_WRITTEN].split("&"):
        area, _, rest = part.partition("=")
        words = rest.split(".")
        if area not in set(Area) or len(words) != 3:
            continue
        hung = USUAL
        for name, word in zip(("view", "size", "columns"), words, strict=True):
            with suppress(Invalid):
                hung = hung.changed(Area(area), {name: word})
        found[Area(area)] = hung
    return found


def write(chosen: Mapping[Area, Hung]) -> str:
    return "&".join(f"{area}={h.layout}.{h.size_px or ''}.{h.columns}" for area, h in chosen.items())
