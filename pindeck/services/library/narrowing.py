"""Ways to narrow a list that a filter and the search box share."""

from dataclasses import replace
from typing import Any

from peewee import SQL

from pindeck import access
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import BoardImage, Image, ImageColour, ImageCraft, ImageTag, Like, Memo, Source, SourceItem
from pindeck.services.images import search
from pindeck.services.library.query import Narrow, Rows
from pindeck.services.library.sparse import Pairs
from pindeck.states import ImageStatus

TAGGED = Pairs(ImageTag.image_id, ImageTag.tag)
LIKED = Pairs(Like.image_id, Like.user_id)
FOUND = Pairs(SourceItem.image_id, SourceItem.source)
PINNED = Pairs(BoardImage.image_id, BoardImage.board)
NOTED = Pairs(Memo.image_id, Memo.user_id)


def exactly(column: Any) -> Narrow:
    return lambda rows, value: rows.where(column == value)


def sources_known_to(actor: Actor) -> list[tuple[str, str]]:
    """The ids and names of the sources that the actor may search by; none for visitors."""
    if not actor.user_id or not access.can(actor, "source.view"):
        return []
    rows: Any = Source.select(Source.id, Source.name).where(access.sources_of(actor)).order_by(Source.name, Source.id).tuples()
    return list(rows)


def names_sref(images: Any, texts: Any) -> Any:
    """One of the texts, a JSON list."""
    return images.sref.in_(spelling.each_of(texts, are_numbers=False))


def _lies_in_order(column: Any) -> bool:
    """Whether rows that are read by this column come in the order of the images."""
    return bool(column.name == Image.seq.name)


def with_words(rows: Rows, words: Any, *, titles_only: bool = False) -> Rows:
    """The table of words lies in the order of the images; it is the smallest of all that do, so it leads."""
    if rows.walks and not titles_only:
        return rows.where(Image.seq.in_(search.hits(words)))
    query, newest = search.matching(rows.query, words, titles_only=titles_only)
    leads = newest is not Image.seq and _lies_in_order(rows.newest)
    return replace(rows, query=query, newest=newest if leads else rows.newest)


def with_colour(rows: Rows, cell: Any) -> Rows:
    """The table of colours lies in the order of the images, so a page of one colour is a walk along it."""
    held = ImageColour.alias()
    query = rows.query.switch(Image).join(held, on=(held.seq == Image.seq))
    newest = held.seq if rows.newest is Image.seq else rows.newest
    return replace(rows, query=query.where(held.cell == cell), newest=newest)


def with_term(field: str) -> Narrow:
    """The table of terms lies in the order of the images as well. The field stands in the words of the SQL."""

    def narrow(rows: Rows, term: Any) -> Rows:
        held = ImageCraft.alias()
        query = rows.query.switch(Image).join(held, on=(held.seq == Image.seq))
        newest = held.seq if rows.newest is Image.seq else rows.newest
        return replace(rows, query=query.where(held.field == SQL(f"'{field}'"), held.term == term), newest=newest)

    return narrow


def by_person(rows: Rows, user_id: Any) -> Rows:
    """With the state, because the index of a person's images goes on with it and lies in their order then."""
    return rows.where(Image.user == user_id, Image.status == SQL(f"'{ImageStatus.ACTIVE}'"))
