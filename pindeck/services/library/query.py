"""One query for every list of pictures: who sees which, what narrows it, in which order, and where a page begins.

A `Listing` says what a list is, a `Filter` narrows it. The SQL is spelt once for each shape: the listing, the shape of
what the actor sees, the filters that are given, and the engine. What differs between two requests of one shape is a
value with a name (`db.Param`), so that a page costs what the database takes and not what spelling takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from typing import Any, NamedTuple

from peewee import SQL, Expression, ModelSelect, Select, fn

from pindeck import db
from pindeck.access import Actor, Condition
from pindeck.models import Image, ImageCraft


@dataclass(frozen=True)
class Rows:
    """A query on its way. `newest` is the column it is ordered by first: a filter that joins a table whose rows lie
    in the same order may put its own there, so that the database walks along that table and stops after a page.
    `given` are the names of all filters. Where it `walks`, the pictures lead in an order of their own, and each is asked on the way."""

    query: Any
    newest: Any
    given: frozenset[str]
    walks: bool = False

    def where(self, *conditions: Any) -> "Rows":
        return replace(self, query=self.query.where(*conditions))


Narrow = Callable[[Rows, Any], Rows]


@dataclass(frozen=True)
class Filled:
    """What fills a filter that has several slots: its `form` is all that changes the words of the SQL, `values` fill them."""

    form: Any
    values: Mapping[str, Any]


def _same(value: Any, actor: Actor) -> Any:
    return value


def _or_none(text: str) -> Any:
    return text or None


@dataclass(frozen=True)
class Filter:
    """One way to narrow a list, declared once; address, form, chip, condition and documentation read it from here.

    `narrow` adds the condition; the value it gets is a slot, or the value itself where that belongs into the words of
    the SQL (`is_literal`, for a handful of values). `fill` turns what was asked for into what fills the slot; None finds
    nothing. The rest is for whoever asks: `read` makes a value of the text in a page's address (None: not given), `write`
    the text of a value, `parts` what of it can be taken away by itself; `param` is its name in the address of an operation, `type` its type there, `default`
    what is not given (`...`: it must be), `clean` what a value becomes there. `choices` are the values a rail offers, and
    `counted` the column that holds them, where a number stands beside each; a filter for which a person must be known
    `needs_person`. `instead` is another spelling of the same filter, where what fills the slot asks for one, and `names` are more
    names that the listing is told of.
    """

    name: str
    says: str
    narrow: Narrow
    label: str = ""
    param: str = ""
    type: Any = str
    default: Any = None
    example: Any = None
    is_literal: bool = False
    needs_person: bool = False
    fill: Callable[[Any, Actor], Any] = _same
    clean: Callable[[Any], Any] = lambda value: value
    read: Callable[[str], Any] = _or_none
    write: Callable[[Any], str] = str
    chip: Callable[[Any], str] = str
    parts: Callable[[Any], list[Any]] | None = None
    swatch: Callable[[Any], str | None] = lambda value: None
    choices: Callable[[Actor], list[str]] | None = None
    counted: Any = None
    style: str = ""
    instead: Callable[[Any], "Filter | None"] = lambda filled: None
    names: frozenset[str] = frozenset()

    # Two filters are the same only if they are one: columns and functions compare in their own ways.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


Wanted = Mapping[Filter, Any]
After = str | tuple[Any, ...] | None
NOTHING: Wanted = {}


def given(wanted: Wanted) -> list[tuple[Filter, Any]]:
    """Only what really narrows, in one order, so that equal requests have one shape."""
    kept = [each for each in wanted.items() if each[1] is not None and each[1] is not False]
    if len(kept) > 1:
        kept.sort(key=lambda each: each[0].name)
    return kept


@dataclass(frozen=True, eq=False)
class Listing:
    """What a list is. `shown` are the conditions of the images an actor sees in it, given the names of the filters:
    one for each part that has an index of its own. `order` are columns, each from the largest down, or from the smallest up
    where it is `ascending`. Where it `walks`, the index of that order leads whatever narrows the list. A `loose` one comes in no order,
    along whatever leads best.

    `columns` are read of each image, with what `join` adds. Where `is_deferred` the page is chosen from the indexes
    alone, and only its rows are read whole.
    """

    shown: Callable[[Actor, frozenset[str]], tuple[Condition, ...]]
    order: tuple[Any, ...]
    columns: tuple[Any, ...]
    join: Callable[[Any], Any] = lambda query: query
    is_deferred: bool = False
    ascending: bool = False
    walks: bool = False
    loose: bool = False


def everything() -> tuple[Any, ...]:
    """All columns, for `Image.of_row`."""
    return tuple(Image._meta.sorted_fields)


# Asking


def rows(
    listing: Listing, actor: Actor, wanted: Wanted = NOTHING, *, limit: int, offset: int = 0, after: After = None,
    until: tuple[Any, ...] | None = None,
) -> list[tuple]:  # fmt: skip
    """The values of `columns` of one page, as the database gives them.

    It goes on after the image `after`, or after a place: what the columns of the order were at one. It ends at the place `until`.

    Asks for no permission: that is the caller's. Raises what a filter raises for a value that cannot be.
    """
    asked = _ask(listing, actor, wanted, after)
    if asked is None:
        return []
    shape, values = asked
    values["limit"], values["offset"], values["reach"] = limit, offset, limit + offset
    if until is not None:
        shape = shape._replace(is_bounded=True)
        values.update({f"until{n}": value for n, value in enumerate(until)})
    return _spelt(shape).rows(**values)


def place_after(listing: Listing, actor: Actor, wanted: Wanted, after: After, count: int) -> tuple[Any, ...] | None:
    """The place in the order so many pictures on, whether the filters fit them or not; None where the list ends before."""
    asked = _ask(listing, actor, wanted, after)
    if asked is None:
        return None
    shape, values = asked
    bare = shape._replace(listing=_places(listing), filters=())
    found = _spelt(bare).rows(**values, limit=1, offset=count, reach=count + 1)
    return found[0] if found else None


@lru_cache(maxsize=64)
def _places(listing: Listing) -> Listing:
    return replace(listing, columns=listing.order)


def images(
    listing: Listing, actor: Actor, wanted: Wanted = NOTHING, *, limit: int, offset: int = 0, after: After = None
) -> list[Image]:
    """The same as models, for a listing that reads everything."""
    return [Image.of_row(row) for row in rows(listing, actor, wanted, limit=limit, offset=offset, after=after)]


def count(listing: Listing, actor: Actor, wanted: Wanted = NOTHING) -> int:
    """How many there are on all pages."""
    asked = _ask(listing, actor, wanted)
    if asked is None:
        return 0
    shape, values = asked
    return sum(int(spelt.rows(**values)[0][0]) for spelt in _counted(shape))


def tally(listing: Listing, actor: Actor, wanted: Wanted = NOTHING, *, most: int) -> list[tuple]:
    """Which values the `columns` have, and in how many images, among `most` of them; without columns only how many."""
    asked = _ask(listing, actor, wanted)
    if asked is None:
        return []
    shape, values = asked
    return _tallied(shape).rows(**values, most=most)


def tally_terms(
    listing: Listing, actor: Actor, wanted: Wanted, field: str, *, most: int
) -> list[tuple[str, int]]:
    """Which terms of a field of the craft stand at `most` of the images, or follow there, and at how many."""
    asked = _ask(listing, actor, wanted)
    if asked is None:
        return []
    shape, values = asked
    return _terms(shape, field).rows(**values, most=most)


def narrowed(rows: Rows, actor: Actor, wanted: Wanted) -> Rows | None:
    """A query of one's own, with the values of these filters in it; None where one of them finds nothing."""
    for filter, value in given(wanted):
        filled = filter.fill(value, actor)
        if filled is None:
            return None
        rows = filter.narrow(rows, value if filter.is_literal else filled)
    return rows


def statements(
    listing: Listing, actor: Actor, wanted: Wanted = NOTHING, *, after: After = None
) -> list[tuple[str, list[Any]]]:
    """The SQL of a page, then that of its count, with their values: for whoever wants to know how they are read.

    Empty where a filter finds nothing, because then nothing is asked.
    """
    asked = _ask(listing, actor, wanted, after)
    if asked is None:
        return []
    shape, values = asked
    page = _spelt(shape).filled(**values, limit=20, offset=0, reach=20)
    counts = _counted(shape._replace(is_later=False))
    return [(_spelt(shape).sql, page), *((spelt.sql, spelt.filled(**values)) for spelt in counts)]


# Spelling


class Shape(NamedTuple):
    """Whatever changes the words of a query. The value of a filter does only if it is literal."""

    listing: Listing
    shown: tuple[Condition, ...]
    filters: tuple[tuple[Filter, Any], ...]
    is_later: bool
    is_bounded: bool = False


def _ask(
    listing: Listing, actor: Actor, wanted: Wanted, after: After = None
) -> tuple[Shape, dict[str, Any]] | None:
    """The shape of a query and what fills its slots; None where a filter finds nothing."""
    values: dict[str, Any] = {}
    filters = []
    for filter, value in given(wanted):
        filled = filter.fill(value, actor)
        if filled is None:
            return None
        values.update(filled.values if isinstance(filled, Filled) else {filter.name: filled})
        filters.append((filter.instead(filled) or filter, value if filter.is_literal else None))
    shown = listing.shown(actor, frozenset(name for filter, _ in filters for name in (filter.name, *filter.names)))
    for condition in shown:
        values.update(condition.values)
    edge = after if isinstance(after, tuple) else _edge(listing, after) if after else ()
    for n, value in enumerate(edge):
        values[f"edge{n}"] = value
    return Shape(listing, tuple(condition.shape for condition in shown), tuple(filters), bool(edge)), values


def _parts(shape: Shape, columns: tuple[Any, ...], *, joined: bool = False) -> list[Rows]:
    names = frozenset(filter.name for filter, _ in shape.filters)
    parts = []
    for condition in shape.shown:
        query = Image.select(*columns).where(condition.expression())
        if joined:
            query = shape.listing.join(query).switch(Image)
        newest = Image.seq if shape.listing.loose else shape.listing.order[0]
        part = Rows(query, newest, names, shape.listing.walks)
        for filter, value in shape.filters:
            part = filter.narrow(part, value if filter.is_literal else db.Param(filter.name))
        parts.append(part)
    return parts


@db.per_engine
def _spelt(shape: Shape) -> db.PreparedQuery:
    listing = shape.listing
    if listing.is_deferred:
        return db.PreparedQuery.of(_deferred(shape))
    (part,) = _parts(shape, listing.columns, joined=True)
    return db.PreparedQuery.of(_cut(part, shape).limit(db.Param("limit")).offset(db.Param("offset")))


def _cut(part: Rows, shape: Shape) -> "ModelSelect[Image]":
    """In order, from where the page begins."""
    query, up = part.query, shape.listing.ascending
    columns = shape.listing.order if shape.listing.loose else (part.newest, *shape.listing.order[1:])
    if shape.is_later:
        query = query.where(_beyond(columns, up))
    if shape.is_bounded:
        query = query.where(_within(columns, up))
    if shape.listing.loose:
        return query
    return query.order_by(*(column.asc() if up else column.desc() for column in columns))


def _beyond(columns: tuple[Any, ...], up: bool, place: int = 0) -> Expression:
    """What comes after the edge. The first condition alone leads along an index, whatever the others say."""
    first, edge = columns[place], db.Param(f"edge{place}")
    beyond = first > edge if up else first < edge
    if place == len(columns) - 1:
        return beyond
    return (first >= edge if up else first <= edge) & (beyond | _beyond(columns, up, place + 1))


def _within(columns: tuple[Any, ...], up: bool, place: int = 0) -> Expression:
    """What comes no later than where it ends."""
    first, end = columns[place], db.Param(f"until{place}")
    if place == len(columns) - 1:
        return first <= end if up else first >= end
    inside = first < end if up else first > end
    return (first <= end if up else first >= end) & (inside | _within(columns, up, place + 1))


def _deferred(shape: Shape) -> Any:
    """The page is chosen first, from the indexes alone; only its rows are read whole and joined."""
    listing = shape.listing
    columns = {column.column_name: column for column in (Image.seq, *listing.order)}
    chosen = [_cut(part, shape) for part in _parts(shape, tuple(columns.values()))]
    if len(chosen) == 1:
        page: Any = chosen[0]
    else:  # each from the end of its own index, and of each no more than the page may reach
        ends = [query.limit(db.Param("reach")).alias(f"part{n}") for n, query in enumerate(chosen)]
        both = [Select([end], [end.c[name] for name in columns]) for end in ends]
        page = both[0]
        for each in both[1:]:
            page = page.union_all(each)
        places = [list(columns).index(column.column_name) + 1 for column in listing.order]
        page = page.order_by(*(SQL(f"{n} DESC") for n in places))
    page = page.limit(db.Param("limit")).offset(db.Param("offset")).alias("page")
    query = Image.select(*listing.columns).join(page, on=(Image.seq == page.c.seq))
    return listing.join(query.switch(Image)).order_by(*(column.desc() for column in listing.order))


@db.per_engine
def _counted(shape: Shape) -> tuple[db.PreparedQuery, ...]:
    """One statement for each part."""
    return tuple(db.PreparedQuery.of(part.query) for part in _parts(shape, (fn.COUNT(SQL("*")),)))


@db.per_engine
def _tallied(shape: Shape) -> db.PreparedQuery:
    columns = shape.listing.columns
    all_parts: Any = reduce(Select.union_all, (part.query for part in _parts(shape, (Image.seq, *columns))))
    some = all_parts.limit(db.Param("most")).alias("found")
    kept = [some.c[column.column_name] for column in columns]
    query = Select([some], [*kept, fn.COUNT(SQL("*"))])
    return db.PreparedQuery.of((query.group_by(*kept) if kept else query).bind(db.database))


@db.per_engine
def _terms(shape: Shape, field: str) -> db.PreparedQuery:
    (part,) = _parts(shape, (Image.seq,))
    some = part.query.limit(db.Param("most")).alias("found")
    held = ImageCraft.alias()
    # The field stands in the words of the SQL, as where it is filtered by.
    joined = (held.seq == some.c.seq) & (held.field == SQL(f"'{field}'"))
    query = Select([some], [held.term, fn.COUNT(SQL("*"))]).join(held, on=joined).group_by(held.term)
    return db.PreparedQuery.of(query.bind(db.database))


def _edge(listing: Listing, after: str) -> tuple[Any, ...]:
    """The place of the image a page goes on after; nothing where that is no place."""
    if len(listing.order) == 1:
        position = position_of(after)
        return () if position is None else (position,)
    row = Image.select(*listing.order).where(Image.id == after).tuples().first()
    return () if row is None or None in row else tuple(row)


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
