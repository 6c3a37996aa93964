"""Lists in the order of one word of each picture, such as its type: those that have it along the index of that word, the
others after them, the oldest first."""

from dataclasses import replace
from typing import Any

from peewee import JOIN, SQL, fn

from pindeck import access, db, terms
from pindeck.access import Actor, Condition
from pindeck.models import Image, ImageCraft
from pindeck.services.library import query
from pindeck.services.library.places_of_order import read, write
from pindeck.services.library.query import Listing, Wanted

COLUMNS: dict[str, Any] = {
    "type": Image.group, "category": Image.category_key, "genre": Image.genre, "shot": Image.shot, "style": Image.style, "sref": Image.sref_key,
    "description": Image.description_key, "credit": Image.credit_key, "tag_words": Image.tags_key,
}  # fmt: skip
CRAFT = tuple(terms.CRAFT)  # of several terms of a picture the first
KINDS = (int, str, str)  # of a place: 1 among those without the word, the word, and the id
Row = tuple[Any, ...]
Edge = tuple[Any, ...] | None


def page(listing: Listing, actor: Actor, wanted: Wanted, name: str, *, limit: int, after: str | None) -> tuple[list[Row], str | None]:
    """Two statements at most, and one more while there is a next page. What is no place is the beginning."""
    begin, edge = _place(after, name)
    parts = [(_part(listing, name, n, False), edge if n == begin else None) for n in range(begin, 2)]
    rows = _rows(parts, actor, wanted, limit + 1)
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _place_of(rows[limit - 1][_id_of(listing)], name)


def start_before(listing: Listing, actor: Actor, wanted: Wanted, name: str, *, limit: int, after: str) -> str | None:
    """Where the page begins whose last picture is the one of this place; None for the beginning."""
    begin, edge = _place(after, name)
    if edge is None:
        return None
    edge = (*edge[:-1], edge[-1] + 1)  # the picture itself is on that page
    parts = [(_part(listing, name, n, True), edge if n == begin else None) for n in range(begin, -1, -1)]
    rows = _rows(parts, actor, wanted, limit + 1)
    return _place_of(rows[limit][_id_of(listing)], name) if len(rows) > limit else None


def _rows(parts: list[tuple[Listing, Edge]], actor: Actor, wanted: Wanted, limit: int) -> list[Row]:
    found: list[Row] = []
    for part, edge in parts:
        if len(found) < limit:
            found += query.rows(part, actor, wanted, limit=limit - len(found), after=edge)
    return found


@db.per_engine
def _part(listing: Listing, name: str, part: int, is_turned: bool) -> Listing:
    """The pictures that have the word, or those without; from the end where it is turned.

    The indexes of words go on with `is_listed`, the same for all that are shown: with it in the order, and not in the condition, they lead.
    """
    if name in CRAFT:
        return _craft_part(listing, name, part, is_turned)
    column = COLUMNS[name]
    more = access.Filled(column, empty=bool(part))

    def shown(actor: Actor, names: frozenset[str]) -> tuple[Condition, ...]:
        return tuple((condition if part else condition.plain) & more for condition in listing.shown(actor, names))

    return replace(listing, shown=shown, order=(Image.seq,) if part else (column, Image.is_listed, Image.seq), ascending=not is_turned)


def _craft_part(listing: Listing, name: str, part: int, is_turned: bool) -> Listing:
    """The same for a field of the craft, along the key of the table of terms. The field stands in the words of the SQL, as elsewhere."""
    held = (ImageCraft.field == SQL(f"'{name}'")) & (ImageCraft.place == SQL("0"))

    def without(query: Any) -> Any:
        of_image = ImageCraft.select(SQL("1")).where(held & (ImageCraft.seq == Image.seq))
        return listing.join(query).where(~fn.EXISTS(of_image))

    def joined(query: Any) -> Any:
        return listing.join(query).switch(Image).join(ImageCraft, on=held & (ImageCraft.seq == Image.seq))

    order = (Image.seq,) if part else (ImageCraft.term, ImageCraft.seq)
    return replace(listing, join=without if part else joined, order=order, ascending=not is_turned, walks=True)


def _place(after: str | None, name: str) -> tuple[int, Edge]:
    place = read(after, KINDS) if after else None
    seq = query.position_of(place[2]) if place else None
    if place is None or seq is None or place[0] not in (0, 1):
        return 0, None
    return place[0], (seq,) if place[0] else (place[1], seq) if name in CRAFT else (place[1], True, seq)


def _place_of(image_id: str, name: str) -> str | None:
    if name in CRAFT:
        first = (ImageCraft.seq == Image.seq) & (ImageCraft.field == name) & (ImageCraft.place == 0)
        words = Image.select(ImageCraft.term).join(ImageCraft, JOIN.LEFT_OUTER, on=first)
    else:
        words = Image.select(COLUMNS[name])
    found = words.where(Image.id == image_id).tuples().first()
    return None if found is None else write([int(found[0] is None), found[0] or "", image_id])


def _id_of(listing: Listing) -> int:
    return next(n for n, column in enumerate(listing.columns) if column is Image.id)
