"""The library as people browse it: pages by keyset, filters, search, facets. Reads only.

A page costs a constant number of queries: the session, the images, the reader's likes. The columns of a tile
are read as plain tuples by queries that are spelt once, because this is the page that is opened most.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, ImageColour, ImageTag, Like
from pindeck.services import addresses, colours, search
from pindeck.states import CATEGORIES, GROUPS

PAGE = 50


@dataclass(frozen=True)
class GalleryFilter:
    """What the address says. Every part narrows; all of them combine with AND."""

    q: str = ""
    category: str | None = None
    group: str | None = None
    color: str | None = None  # `#rrggbb`: images with a colour like it
    liked: bool = False
    after: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.q or self.category or self.group or self.color or self.liked)


class Tile(NamedTuple):
    """One picture in a grid. Sizes are those of the renditions, in pixels.

    `style` and `srcset` are spelt here, because a template takes three times as long to put them together.
    """

    id: str
    title: str
    width: int
    height: int
    ratio: float
    small: str
    medium: str
    preview: str
    small_w: int
    medium_w: int
    dominant: str
    thumbhash: str
    colors: list[str]
    style: str
    srcset: str
    likes: int
    liked: bool
    group: str | None
    category: str
    url: str


@dataclass(frozen=True)
class Page:
    tiles: list[Tile]
    next_after: str | None


@dataclass(frozen=True)
class Facets:
    categories: list[str]
    groups: list[str]


TILE_COLUMNS = (
    Image.id,
    Image.title,
    Image.width,
    Image.height,
    Image.public_token,
    Image.dominant,
    Image.thumbhash,
    Image.colors,
    Image.likes,
    Image.group,
    Image.category,
)


def list_page(actor: Actor, wanted: GalleryFilter, *, limit: int = PAGE) -> Page:
    """The next `limit` images of the library, newest first. Raises NotSignedIn where the library is private."""
    access.require(actor, "library.view")
    rows = _rows(actor, wanted, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    liked = liked_by(actor, [row[0] for row in rows])
    return Page([tile(row, row[0] in liked) for row in rows], rows[-1][0] if more else None)


def _rows(actor: Actor, wanted: GalleryFilter, limit: int) -> list[tuple]:
    words = search.query(wanted.q) if wanted.q else None
    cell = colours.wanted_cell(wanted.color) if wanted.color else None
    if (wanted.q and words is None) or (wanted.color and cell is None):
        return []
    edge = position_of(wanted.after) if wanted.after else None
    given = {
        "category": wanted.category or None,
        "group": wanted.group or None,
        "cell": cell,
        "user": actor.user_id if wanted.liked else None,
        "edge": edge,
        "words": words,
    }
    known = {name: value for name, value in given.items() if value is not None}
    if wanted.liked and "user" not in known:
        return []
    shown = access.browsed(actor)
    return _spelt(shown.shape, frozenset(known), limit).rows(**known, **shown.values)


@db.per_engine
def _spelt(shown: access.Condition, parts: frozenset[str], limit: int) -> db.Spelt:
    """The query of a page that is narrowed by these parts."""
    query = Image.select(*TILE_COLUMNS).where(shown.expression())
    if "category" in parts:
        query = query.where(Image.category == db.Slot("category"))
    if "group" in parts:
        query = query.where(Image.group == db.Slot("group"))
    if "user" in parts:
        query = query.where(Image.id.in_(Like.select(Like.image_id).where(Like.user_id == db.Slot("user"))))
    newest: Any = Image.seq
    if "cell" in parts:
        query = query.join(ImageColour, on=(ImageColour.seq == Image.seq)).where(ImageColour.cell == db.Slot("cell"))
        newest = ImageColour.seq
    if "edge" in parts:
        query = query.where(newest < db.Slot("edge"))
    if "words" in parts:
        query, newest = search.matching(query, db.Slot("words"))
    return db.Spelt.of(query.order_by(newest.desc()).limit(limit))


def position_of(image_id: str) -> int | None:
    """Where a page goes on: the place of that image, or of the one before it if it is gone by now."""
    row = (
        Image.select(Image.id, Image.seq)
        .where(Image.id <= image_id)
        .order_by(Image.id.desc())
        .limit(1)
        .tuples()
        .first()
    )
    if row is None:
        return None
    return row[1] if row[0] == image_id else row[1] + 1


def liked_by(actor: Actor, image_ids: list[str]) -> set[str]:
    if not actor.user_id or not image_ids:
        return set()
    rows = _likes_among(len(image_ids)).rows(
        user=actor.user_id, **{f"id{n}": image_id for n, image_id in enumerate(image_ids)}
    )
    return {row[0] for row in rows}


@db.per_engine
def _likes_among(count: int) -> db.Spelt:
    ids = [db.Slot(f"id{n}") for n in range(count)]
    return db.Spelt.of(Like.select(Like.image_id).where((Like.user_id == db.Slot("user")) & Like.image_id.in_(ids)))


@lru_cache(maxsize=4096)
def _width_at(width: int, height: int, limit: int) -> int:
    """Width of the rendition that is at most `limit` wide; WebP allows 16383 pixels a side."""
    scale = min(1.0, limit / width, 16383 / width, 16383 / height)
    return max(1, round(width * scale))


def tile(row: tuple, liked: bool) -> Tile:
    image_id, title, width, height, token, dominant, thumbhash, colors, likes, group, category = row
    width, height = width or 4, height or 3
    at = addresses.rendition
    ratio = round(width / height, 3)
    palette = json.loads(colors) if colors else []
    small, medium = at(image_id, token, "small"), at(image_id, token, "medium")
    small_w, medium_w = _width_at(width, height, 320), _width_at(width, height, 768)
    # Very wide and very tall pictures keep a tile that can be seen and hit.
    shape = f"--r:{min(max(ratio, 0.4), 5)}"
    return Tile(
        id=image_id,
        title=title,
        width=width,
        height=height,
        ratio=ratio,
        small=small,
        medium=medium,
        preview=at(image_id, token, "preview"),
        small_w=small_w,
        medium_w=medium_w,
        dominant=dominant or "#16161a",
        thumbhash=thumbhash or "",
        colors=palette,
        style=shape + "".join(map(";--{}:{}".format, "abcde", palette)),
        srcset=f"{small} {small_w}w, {medium} {medium_w}w" if medium_w > small_w else "",
        likes=likes,
        liked=liked,
        group=group,
        category=category,
        url="/images/" + image_id,
    )


def facets(actor: Actor) -> Facets:
    """Categories in use or built in, alphabetical; the nine types, then others that occur."""
    used_categories = _distinct(actor, Image.category)
    used_groups = _distinct(actor, Image.group)
    categories = sorted({*CATEGORIES, *used_categories}, key=str.casefold)
    others = sorted((group for group in used_groups if group not in GROUPS), key=str.casefold)
    return Facets(categories, [*GROUPS, *others])


def _distinct(actor: Actor, column: object) -> list[str]:
    """The values of an indexed column by skipping from one to the next: a handful of steps, not a scan.

    A value counts that stands at an image which the actor may browse.
    """
    name = column.column_name  # type: ignore[attr-defined]
    shown = access.browsed(actor)
    sql = f"""
        WITH RECURSIVE found(value) AS (
          SELECT min("{name}") FROM image WHERE "{name}" IS NOT NULL
          UNION ALL
          SELECT (SELECT min("{name}") FROM image WHERE "{name}" > found.value) FROM found
          WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL AND EXISTS (
          SELECT 1 FROM image WHERE "{name}" = found.value AND {shown.text()})
    """
    return [row[0] for row in db.sql(sql, **shown.values).fetchall()]


def tags_like(actor: Actor, text: str, *, limit: int = 20) -> list[str]:
    """Tags in use that begin with the text, alphabetical: completion while somebody types."""
    access.require(actor, "account")
    start = " ".join(text.lower().split())
    if not start:
        return []
    inside = (ImageTag.tag >= start) & (ImageTag.tag < start + "\U0010fffd")
    found = access.found_by(actor).expression()  # words of hidden pictures stay hidden
    rows = (
        ImageTag.select(ImageTag.tag)
        .join(Image, on=(ImageTag.image_id == Image.id))
        .where(inside & found)
        .distinct()
        .order_by(ImageTag.tag)
        .limit(limit)
    )
    return [row.tag for row in rows]


def is_empty(actor: Actor) -> bool:
    """Whether the library shows the actor no image at all."""
    return not Image.select(Image.seq).where(access.browsed(actor).expression()).limit(1).exists()
