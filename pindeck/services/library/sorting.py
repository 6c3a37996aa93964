"""In which order a search shows what it finds, and where a page of it goes on. Each order lies along an index, but fit, which is bounded."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from peewee import SQL, fn

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.search import Not, Phrase, Words, parse
from pindeck.services.images import search_words
from pindeck.services.library import filters, looks, nearness, phrases, query, word_orders
from pindeck.services.library.places_of_order import LAST, read, write
from pindeck.services.library.query import Filter, Listing, Wanted
from pindeck.terms import CRAFT

RANKED = 2000  # the newest ones whose fit is compared: more would cost more than they help
WALKED = 1000  # pictures that are asked in the order, before it is known whether many match or few
DENSE = 5  # of these that match: then a page is not far
FEW = 1000  # that are collected and put in order sooner than the library is walked in it
DRAWN = 24  # where the part of an id begins that is drawn by lot, once for all


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    FIT = "fit"
    LIKES = "likes"
    NAME = "name"
    PROJECT = "project"
    RANDOM = "random"
    NEAREST = "nearest"
    TYPE = "type"
    CATEGORY = "category"
    GENRE = "genre"
    SHOT = "shot"
    STYLE = "style"
    SREF = "sref"
    DESCRIPTION = "description"
    CREDIT = "credit"
    VIEWS = "views"
    TAGS = "tags"
    TAG_WORDS = "tag_words"
    HUE = "hue"
    PIXELS = "pixels"
    SIZE = "size"
    ANGLE = "angle"
    LENS = "lens"
    LIGHT = "light"
    LIGHT_FROM = "light_from"
    LIGHT_SOURCE = "light_source"
    TIME = "time"
    SETTING = "setting"
    COMPOSITION = "composition"
    PALETTE = "palette"
    ERA = "era"
    MEDIUM = "medium"


LABELS = {
    Sort.NEWEST: "Newest", Sort.OLDEST: "Oldest", Sort.FIT: "Best fit", Sort.LIKES: "Most liked", Sort.NAME: "By name",
    Sort.PROJECT: "By project", Sort.RANDOM: "Shuffled",
    Sort.NEAREST: "Nearest first", Sort.TYPE: "By type", Sort.CATEGORY: "By category", Sort.GENRE: "By genre", Sort.SHOT: "By shot",
    Sort.STYLE: "By style", Sort.SREF: "By style reference", Sort.DESCRIPTION: "By description", Sort.CREDIT: "By credit", Sort.TAG_WORDS: "By tags",
    Sort.VIEWS: "Most seen", Sort.TAGS: "Most tags", Sort.HUE: "By hue",
    Sort.PIXELS: "Largest first", **{Sort(name): f"By {field.label.lower()}" for name, field in CRAFT.items() if name in word_orders.CRAFT},
}  # fmt: skip
KNOWN = frozenset(Sort)
BY_WORD = frozenset(Sort(name) for name in (*word_orders.COLUMNS, *word_orders.CRAFT))
BY_NUMBER = frozenset({Sort.VIEWS, Sort.TAGS, Sort.HUE, Sort.PIXELS})
OF_TABLE = BY_WORD | BY_NUMBER  # the headings of the table lead to these
UP = frozenset({Sort.OLDEST, Sort.NAME, Sort.PROJECT, Sort.RANDOM, Sort.HUE}) | BY_WORD
Row = tuple[Any, ...]


def sort_of(text: str, search: str = "") -> Sort:
    """What is no order is the usual one of the search."""
    return Sort(text) if text in KNOWN else usual(search)


def offered(search: str) -> dict[Sort, str]:
    """The orders that mean something for a search, with what they are called."""
    return {sort: label for sort, label in LABELS.items() if sort not in OF_TABLE and (sort != Sort.NEAREST or looks.can_rank(search))}


def usual(search: str) -> Sort:
    """The nearest first where a search asks for what is like a picture, or for colours with a tolerance or a share."""
    return Sort.NEAREST if looks.is_ranked(search) else Sort.NEWEST


_DRAWN = fn.substr(Image.id, SQL(str(DRAWN + 1)))


_NUMBERS: dict[Sort, Any] = {
    Sort.VIEWS: Image.views,
    Sort.TAGS: Image.tag_count,
    Sort.HUE: fn.coalesce(Image.hue, SQL("9999")),
    Sort.PIXELS: fn.coalesce(Image.width, SQL("0")).cast("bigint") * fn.coalesce(Image.height, SQL("0")),
}


def _order(sort: Sort) -> tuple[Any, ...]:
    """Numbers stand in the words of the SQL, or no index would serve."""
    if sort == Sort.LIKES:
        return Image.likes, Image.seq
    if sort == Sort.NAME:
        return Image.title_key, Image.seq
    if sort == Sort.PROJECT:
        return Image.project_key, Image.project, fn.coalesce(Image.project_order, SQL(str(LAST))), Image.seq
    if sort == Sort.RANDOM:
        return _DRAWN, Image.seq
    if sort in BY_NUMBER:
        return _NUMBERS[sort], Image.seq
    return (Image.seq,)


@db.per_engine
def _sorted(listing: Listing, sort: Sort) -> Listing:
    return replace(listing, order=_order(sort), ascending=sort in UP, walks=sort in KINDS)


@db.per_engine
def _loose(listing: Listing, sort: Sort) -> Listing:
    order = _order(sort)
    return replace(listing, order=order, columns=order, ascending=sort in UP, loose=True)


@db.per_engine
def initials(listing: Listing) -> Listing:
    """The same list, with what each picture begins with when they stand by name."""
    return replace(listing, columns=(fn.substr(_order(Sort.NAME)[0], SQL("1"), SQL("1")),))


def page(
    listing: Listing, actor: Actor, wanted: Wanted, sort: Sort, *, limit: int, after: str | None = None
) -> tuple[list[Row], str | None]:
    """The values of the `columns` of `listing`, which have the id, and where the next page begins; None after the last one.

    One statement for the newest and the oldest; for the others up to four, and one more while there is a next page.
    What is no place is the beginning.
    """
    if sort == Sort.FIT:
        return _fitting(listing, actor, wanted, limit=limit, after=after)
    if sort == Sort.NEAREST:
        return nearness.page(listing, actor, wanted, limit=limit, after=after)
    if sort == Sort.RANDOM:
        return _shuffled(listing, actor, wanted, limit=limit, after=after)
    if sort in BY_WORD:
        return word_orders.page(listing, actor, wanted, sort.value, limit=limit, after=after)
    ordered = _sorted(listing, sort)
    rows = _in_order(listing, sort, actor, wanted, limit + 1, _edge(sort, after))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1][_place_of_id(listing)]
    if len(ordered.order) == 1:
        return rows[:limit], last
    values = Image.select(*ordered.order).where(Image.id == last).tuples().first()
    return rows[:limit], None if values is None else write([*values[:-1], last])


def _in_order(listing: Listing, sort: Sort, actor: Actor, wanted: Wanted, limit: int, after: query.After) -> list[Row]:
    """Where many match, a page is found soon by walking along the order. Few are collected and put in order: a walk would ask all."""
    ordered = _sorted(listing, sort)
    if not (ordered.walks and query.given(wanted)):
        return query.rows(ordered, actor, wanted, limit=limit, after=after)
    until = query.place_after(ordered, actor, wanted, after, WALKED)
    rows = query.rows(ordered, actor, wanted, limit=limit, after=after, until=until)
    if until is None or len(rows) == limit:
        return rows
    if len(rows) < DENSE:
        some = query.rows(_loose(listing, sort), actor, wanted, limit=FEW + 1, after=after)
        if len(some) <= FEW:
            return _read(listing, [row[-1] for row in sorted(some, reverse=not ordered.ascending)[:limit]])
    return query.rows(ordered, actor, wanted, limit=limit, after=after)


def _read(listing: Listing, seqs: list[int]) -> list[Row]:
    """The columns of pictures by their places, in this order."""
    if not seqs:
        return []
    rows = db.PreparedQuery.of(Image.select(Image.seq, *listing.columns).where(Image.seq.in_(seqs))).rows()
    found = {row[0]: row[1:] for row in rows}
    return [found[seq] for seq in seqs if seq in found]


def places(listing: Listing, actor: Actor, wanted: Wanted, sort: Sort, *, most: int) -> list[str] | None:
    """The place after each picture, in an order that is measured or drawn by lot; None where more than `most` match.

    `listing` reads the id alone.
    """
    if sort == Sort.FIT:
        found = [write([fit, image_id]) for fit, _, image_id in _ranked(listing, actor, wanted)]
    elif sort == Sort.NEAREST:
        found = nearness.places(listing, actor, wanted, most=most + 1)
    else:
        begin = begin_of(actor)
        ids = [row[0] for row in _shuffled(listing, actor, wanted, limit=most + 1, after=None)[0]]
        found = [write([begin, each[DRAWN:], each]) for each in ids]
    return None if len(found) > max(most, RANKED) else found


def start_before(listing: Listing, actor: Actor, wanted: Wanted, sort: Sort, *, limit: int, after: str) -> str | None:
    """Where the page begins whose last picture is the one that the page of `after` follows; None for the beginning.

    As many statements as for the page itself.
    """
    if sort == Sort.FIT:
        ranked = _ranked(listing, actor, wanted)
        left = len(_left(ranked, after))
        passed = ranked[: len(ranked) - left]
        return write([passed[-limit - 1][0], passed[-limit - 1][2]]) if len(passed) > limit else None
    if sort == Sort.NEAREST:
        return nearness.start_before(listing, actor, wanted, limit=limit, after=after)
    if sort == Sort.RANDOM:
        return _shuffled_before(listing, actor, wanted, limit, after)
    if sort in BY_WORD:
        return word_orders.start_before(listing, actor, wanted, sort.value, limit=limit, after=after)
    edge = _edge(sort, after)
    edge = (query.position_of(edge),) if isinstance(edge, str) else edge
    if edge is None or edge[-1] is None:
        return None
    ordered = _sorted(listing, sort)
    back = _turned(ordered)
    step = -1 if back.ascending else 1  # the picture itself is on that page
    rows = query.rows(back, actor, wanted, limit=limit + 1, after=(*edge[:-1], edge[-1] + step))
    if len(rows) <= limit:
        return None
    first = rows[limit][_place_of_id(listing)]
    values = Image.select(*ordered.order).where(Image.id == first).tuples().first() if len(ordered.order) > 1 else ()
    return first if not values else write([*values[:-1], first])


@db.per_engine
def _turned(listing: Listing) -> Listing:
    return replace(listing, ascending=not listing.ascending)


def _place_of_id(listing: Listing) -> int:
    return next(n for n, column in enumerate(listing.columns) if column is Image.id)


KINDS: dict[Sort, tuple[type, ...]] = {
    Sort.FIT: (int, str), Sort.NEAREST: nearness.KINDS, Sort.LIKES: (int, str), Sort.NAME: (str, str), Sort.PROJECT: (str, str, int, str), Sort.RANDOM: (str, str, str),
    **dict.fromkeys(BY_NUMBER, (int, str)), **dict.fromkeys(BY_WORD, word_orders.KINDS),
}  # fmt: skip


def is_place(text: str, sort: Sort) -> bool:
    """Whether a page of this order can go on there."""
    return bool(re.fullmatch("[0-9a-f-]{36}", text)) if sort not in KINDS else read(text, KINDS[sort]) is not None


def _edge(sort: Sort, after: str | None) -> query.After:
    if after is None or sort not in KINDS:
        return after
    found = read(after, KINDS[sort])
    if found is not None and not found[-1]:  # before all pictures that are alike in what they are ordered by
        return (*found[:-1], 0)
    position = None if found is None else query.position_of(found[-1])
    return None if found is None or position is None else (*found[:-1], position)


# By fit


Ranked = list[tuple[int, int, str]]


def _ranked(listing: Listing, actor: Actor, wanted: Wanted) -> Ranked:
    """The newest two thousand, those first whose titles are most of what was asked for: the same on both engines, whose own ranks differ."""
    hits = query.rows(_of_titles(listing), actor, wanted, limit=RANKED)
    asked = _words(str(wanted.get(filters.WORDS, "")))
    return sorted(((round(closeness(asked, title) * 1e6), seq, image_id) for seq, image_id, title in hits), reverse=True)


def _left(ranked: Ranked, after: str | None) -> Ranked:
    place = read(after, KINDS[Sort.FIT]) if after else None
    edge = None if place is None else (place[0], query.position_of(place[1]) or 0)
    return [hit for hit in ranked if edge is None or hit[:2] < edge]


def _fitting(listing: Listing, actor: Actor, wanted: Wanted, *, limit: int, after: str | None) -> tuple[list[Row], str | None]:
    left = _left(_ranked(listing, actor, wanted), after)
    shown = left[:limit]
    following = write([shown[-1][0], shown[-1][2]]) if len(left) > limit else None
    return _read(listing, [hit[1] for hit in shown]), following


def bounds(wanted: Wanted, sort: Sort) -> list[str]:
    """What a search leaves out because it reads the newest pictures alone, in sentences."""
    told = [f"Best fit compares the newest {RANKED:,} pictures that match."] if sort == Sort.FIT else []
    text = str(wanted.get(filters.WORDS, ""))
    if '"' in text and any(isinstance(node, Phrase) for node in _nodes(text)):
        told.append(f"Words in quotation marks are looked for in the newest {phrases.READ:,} pictures that have all of them.")
    return told


def _nodes(text: str) -> list[Any]:
    """All that a search says, whatever it is joined by."""
    found: list[Any] = [parse(text).tree]
    for node in found:
        of = getattr(node, "of", ())
        found += of if isinstance(of, tuple) else [of]
    return found


@lru_cache(maxsize=16)
def _of_titles(listing: Listing) -> Listing:
    return replace(listing, columns=(Image.seq, Image.id, Image.title))


# At random


def begin_of(actor: Actor) -> str:
    """Where the shuffled library begins today for somebody: another day, and for another person, elsewhere."""
    today = datetime.now(UTC).date()
    return hashlib.sha256(f"{actor.user_id}:{today}".encode()).hexdigest()[:12]


def _shuffled(listing: Listing, actor: Actor, wanted: Wanted, *, limit: int, after: str | None) -> tuple[list[Row], str | None]:
    """Once round, along the index of what was drawn. A place tells where the round began, so that it stays one past midnight."""
    place = read(after, KINDS[Sort.RANDOM]) if after else None
    begin, drawn, image_id = place or (begin_of(actor), "", "")
    seq = _seq_in_round(image_id) if place else -1
    edge = None if seq is None else (drawn or begin, seq)
    rows: list[Row] = []
    if drawn >= begin or not drawn:
        rows = _in_order(listing, Sort.RANDOM, actor, wanted, limit + 1, edge)
        edge = None
    if len(rows) <= limit:
        rows += _in_order(listing, Sort.RANDOM, actor, {**wanted, BEFORE: begin}, limit + 1 - len(rows), edge)
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1][_place_of_id(listing)]
    return rows[:limit], write([begin, last[DRAWN:], last])


def _seq_in_round(image_id: str) -> int | None:
    """A place without an id stands before all that have drawn the same."""
    return query.position_of(image_id) if image_id else 0


def _shuffled_before(listing: Listing, actor: Actor, wanted: Wanted, limit: int, after: str) -> str | None:
    begin, drawn, image_id = read(after, KINDS[Sort.RANDOM]) or ("", "", "")
    seq = _seq_in_round(image_id)
    if not begin or seq is None:
        return None
    back = _turned(_sorted(listing, Sort.RANDOM))
    is_second = drawn < begin  # of the two parts that the round has
    part = {**wanted, (BEFORE if is_second else SINCE): begin}
    rows = query.rows(back, actor, part, limit=limit + 1, after=(drawn, seq + 1))  # the picture itself is on that page
    if is_second and len(rows) <= limit:
        rows += query.rows(back, actor, {**wanted, SINCE: begin}, limit=limit + 1 - len(rows))
    if len(rows) <= limit:
        return None
    first = rows[limit][_place_of_id(listing)]
    return write([begin, first[DRAWN:], first])


BEFORE = Filter("before", "Drawn before this.", lambda rows, begin: rows.where(begin > _DRAWN))
SINCE = Filter("since", "Drawn after this.", lambda rows, begin: rows.where(begin <= _DRAWN))


def _words(text: str) -> list[str]:
    """The words that a picture must have."""
    tree = parse(text).tree
    found: list[str] = []
    ahead = [tree] if tree else []
    while ahead:
        node = ahead.pop(0)
        if isinstance(node, (Words, Phrase)):
            found += search_words.tokens(node.text)
        elif not isinstance(node, Not) and hasattr(node, "of"):
            ahead = [*node.of, *ahead]
    return found


def closeness(asked: list[str], title: str) -> float:
    """The share of a title's words that were asked for."""
    words = search_words.tokens(title)
    return sum(search_words.share(asked, word) for word in words) / max(1, len(words)) if asked else 0.0

