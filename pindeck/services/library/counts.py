"""How many pictures the gallery shows: in all or of a selection, and beside each value of its filters. Reads only.

Nothing is counted while pictures are written, where all writers would wait for the row of one popular value. All of the
library is counted by one walk along an index that holds the values, and a large one at most once in half a minute. Of a
selection no more is read than bounds allow.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.services.library import query
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.query import Filter, Listing, Wanted

MOST = 1000  # what is counted in a selection; beyond it there are "1,000+"
ALL = 100_000  # what is counted where a person without scripts asks for it
READ = 10_000  # images of a selection whose values are read
KEPT_S = 30
LARGE = 10_000  # a smaller library takes a millisecond, and is counted each time

Facets = tuple[Filter, ...]
Columns = tuple[Any, ...]
Selection = tuple[Condition, str | None, frozenset[tuple[str, str]]]  # of the images a person sees
Tally = list[tuple]  # a value for each facet, and the number of images that have them all

_COUNTED = replace(GALLERY, columns=())
_kept: dict[tuple[Condition, tuple[str, ...]], tuple[float, Tally]] = {}
_large_until: dict[Selection, float] = {}
_MOST_KEPT = 1000


@dataclass(frozen=True)
class Count:
    """A number of pictures, or that there are more than it."""

    number: int
    is_more: bool = False

    @classmethod
    def bounded(cls, number: int) -> "Count":
        return cls(min(number, MOST), number > MOST)

    def __str__(self) -> str:
        return f"{self.number:,}" + ("+" if self.is_more else "")


@dataclass(frozen=True)
class Counts:
    """`known` by filter and value; `is_whole` says that a value that is not among them has no picture."""

    total: Count
    known: Mapping[tuple[Filter, Any], Count]
    is_whole: bool

    def beside(self, filter: Filter, value: Any) -> Count | None:
        """How many pictures the value leads to beside the other filters that are on; None where that is not known."""
        absent = Count(0) if self.is_whole and filter.counted is not None else None
        return self.known.get((filter, value), absent)


def of(actor: Actor, wanted: Wanted, offered: tuple[Filter, ...]) -> Counts:
    """Of what hangs in the gallery for the actor. Raises NotSignedIn where the library is private."""
    access.require(actor, "library.view")
    facets = tuple(filter for filter in offered if filter.counted is not None)
    others = {filter: value for filter, value in wanted.items() if filter not in facets}
    tally = query.tally(_listing(facets), actor, others, most=READ + 1) if others else _all(actor, _listing(facets).columns)
    is_whole = not others or sum(row[-1] for row in tally) <= READ
    known = {
        (filter, value): count
        for place, filter in enumerate(facets)
        for value, count in _beside(place, tally, facets, wanted, is_whole).items()
    }
    for filter in offered:
        if filter.style == "toggle" and (actor.is_curator or not filter.needs_person):
            known[filter, True] = _number(actor, {**wanted, filter: True})
    total = _number(actor, wanted) if wanted else Count(sum(row[-1] for row in tally))
    return Counts(total, known, is_whole)


def many(actor: Actor, wanted: Wanted) -> Count:
    """How many at least: what a page tells that cannot ask later. One statement, or none for what was large lately: a
    common word is counted no more often than the library."""
    selection = access.hung(actor), actor.user_id, frozenset((filter.name, repr(value)) for filter, value in wanted.items())
    if time.monotonic() < _large_until.get(selection, 0.0):
        return Count(MOST, is_more=True)
    found = _number(actor, wanted)
    if found.is_more:
        if len(_large_until) >= _MOST_KEPT:
            _large_until.clear()
        _large_until[selection] = time.monotonic() + KEPT_S
    return found


def all_of(actor: Actor, wanted: Wanted) -> Count:
    """How many exactly, up to ALL: for somebody who asked for that number. One statement."""
    access.require(actor, "library.view")
    found = query.tally(_COUNTED, actor, wanted, most=ALL + 1)
    number = found[0][0] if found else 0
    return Count(min(number, ALL), number > ALL)


def is_at_most(actor: Actor, wanted: Wanted, number: int) -> bool:
    """Whether no more pictures than that match. One statement, which reads no more of them."""
    found = query.tally(_COUNTED, actor, wanted, most=number + 1)
    return not found or found[0][0] <= number


@cache
def _listing(facets: Facets) -> Listing:
    return replace(GALLERY, columns=tuple(filter.counted for filter in facets))


def _number(actor: Actor, wanted: Wanted) -> Count:
    found = query.tally(_COUNTED, actor, wanted, most=MOST + 1)
    return Count.bounded(found[0][0] if found else 0)


def _beside(place: int, tally: Tally, facets: Facets, wanted: Wanted, is_whole: bool) -> dict[Any, Count]:
    """The values of one facet, under all filters but its own."""
    chosen = [(n, wanted[filter]) for n, filter in enumerate(facets) if n != place and filter in wanted]
    numbers: Counter[Any] = Counter()
    for row in tally:
        if all(row[n] == value for n, value in chosen):
            numbers[row[place]] += row[-1]
    if all(filter is facets[place] for filter in wanted):
        return {value: Count(number) for value, number in numbers.items()}
    return {value: Count.bounded(number) for value, number in numbers.items() if is_whole or number > MOST}


def each(actor: Actor, column: Any) -> dict[Any, int]:
    """By value of a column that an index counts: how many pictures hang in the gallery for the actor."""
    numbers: Counter[Any] = Counter()
    for value, number in _all(actor, (column,)):
        numbers[value] += number
    return dict(numbers)


def _all(actor: Actor, columns: Columns) -> Tally:
    """All that hangs there for the actor: pictures, which are the same for all people, and its own that have not come."""
    names = tuple(column.column_name for column in columns)
    absent = access.hung(actor) & access.WITHOUT_BYTES
    return [*_pictures(access.browsed(actor) & access.HAS_BYTES, names), *_tallied(absent, names)]


def _pictures(images: Condition, names: tuple[str, ...]) -> Tally:
    until, kept = _kept.get((images, names), (0.0, []))
    if time.monotonic() < until:
        return kept
    tally = _tallied(images, names)
    if not images.values and sum(row[-1] for row in tally) > LARGE:
        _kept[images, names] = (time.monotonic() + KEPT_S, tally)
    return tally


def _tallied(images: Condition, columns: tuple[str, ...]) -> Tally:
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f"SELECT {names}, COUNT(*) FROM image WHERE {images.plain.text()} GROUP BY {names}"
    return db.sql(sql, **images.values).fetchall()
