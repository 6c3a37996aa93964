"""The wall as a whole: which months, projects, initials, numbers of likes or shares it passes, how many pictures each has, and where it
begins. A scroll bar is drawn from it, and a jump goes on from there. Reads only.

All of the library is counted along indexes, and a large one at most once in half a minute (docs/decisions/0018). Of a
selection the first 2,000 are read; where more match, its marks are those of the whole library, whose places hold for it too.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, Project
from pindeck.services.images import word_store
from pindeck.services.library import counts, marks_of_order, marks_of_share, marks_of_time, query, sorting
from pindeck.services.library.counts import Count
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.query import Listing, Wanted
from pindeck.services.library.sorting import Sort

LARGE = 10_000
READ = 2000  # pictures of a selection
MOST = 240  # marks; neighbours share one where there are more


@dataclass(frozen=True)
class Stop:
    """A place inside a mark: how many pictures follow until the next one, and after what they come (None: the beginning)."""

    count: int
    after: str | None


@dataclass(frozen=True)
class Mark:
    label: str
    stops: tuple[Stop, ...]

    @property
    def count(self) -> int:
        return sum(stop.count for stop in self.stops)


@dataclass(frozen=True)
class Marks:
    """`total` is what a reader is told; `is_scale` says that the marks are those of the whole library. `at` is how many
    pictures come before the place that was asked for. `is_share` says that they tell shares of the whole, and no more."""

    marks: tuple[Mark, ...]
    total: Count
    is_scale: bool
    at: int = 0
    is_share: bool = False


def of(actor: Actor, wanted: Wanted, sort: Sort, *, after: str | None = None) -> Marks:
    """Empty for an order that has no marks, and for a shuffled or measured one of a large selection. Raises NotSignedIn in a private library."""
    access.require(actor, "library.view")
    place = after if after and sorting.is_place(after, sort) else None
    if sort in marks_of_share.SORTS:
        return _by_share(actor, dict(query.given(wanted)), sort, place)
    make = _KINDS.get(sort)
    if make is None:
        return Marks((), counts.many(actor, wanted), False)
    given = dict(query.given(wanted))
    found = make(actor, given, sort) if given else None
    marks = _of_all(actor, sort) if found is None else found
    is_scale = bool(given) and found is None
    total = counts.many(actor, given) if is_scale else Count(sum(mark.count for mark in marks))
    return Marks(marks, total, is_scale, _before(marks, sort, place) if place else 0)


def _of_all(actor: Actor, sort: Sort) -> tuple[Mark, ...]:
    """The marks of a large library are the same for everybody, as what is listed there is."""
    until, kept = _kept.get(sort, (0.0, ()))
    if time.monotonic() < until:
        return kept
    marks = _KINDS[sort](actor, {}, sort) or ()
    if sum(mark.count for mark in marks) > LARGE:
        _kept[sort] = (time.monotonic() + counts.KEPT_S, marks)
    return marks


def _is_large() -> bool:
    """Then what is listed is counted along indexes, with the imports of others that have not arrived."""
    sql = "SELECT COUNT(*) FROM (SELECT 1 FROM image WHERE is_listed = TRUE LIMIT :most) AS found"
    return int(db.sql(sql, most=LARGE + 1).fetchone()[0]) > LARGE


def _before(marks: tuple[Mark, ...], sort: Sort, place: str) -> int:
    """How many come before the stop that the place lies in, by what the stops are ordered by."""
    stops = [stop for mark in marks for stop in mark.stops]
    begun = accumulate((stop.count for stop in stops), initial=0)
    is_down = sort not in sorting.UP

    def key(after: str) -> tuple:
        return (after,) if sort not in sorting.KINDS else tuple(sorting.read(after, sorting.KINDS[sort]) or ())[:-1]

    here = key(place)
    passed = [
        before
        for before, stop in zip(begun, stops, strict=False)
        if stop.after is None or (key(stop.after) >= here if is_down else key(stop.after) <= here)
    ]
    return passed[-1] if passed else 0


# By share


def _by_share(actor: Actor, given: Wanted, sort: Sort, after: str | None) -> Marks:
    total = counts.many(actor, given)
    if not given and sort == Sort.RANDOM and total.number > LARGE:
        marks, at = marks_of_share.of_large(actor, total.number, after)
    else:
        found = marks_of_share.of(actor, given, sort, most=READ if given else LARGE, after=after)
        if found is None:
            return Marks((), total, False)
        marks, at = found
    told = tuple(Mark(label, tuple(Stop(*stop) for stop in stops)) for label, stops in marks)
    return Marks(told, Count(sum(mark.count for mark in told)), False, at, is_share=True)


# By time


def _by_time(actor: Actor, wanted: Wanted, sort: Sort) -> tuple[Mark, ...] | None:
    is_down = sort == Sort.NEWEST
    if wanted:
        rows = query.rows(_NAMED, actor, wanted, limit=READ + 1)
        if len(rows) > READ:
            return None
        months = marks_of_time.of_ids([row[0] for row in rows], is_down)
    elif _is_large():
        months = marks_of_time.of_library("is_listed = TRUE", {}, is_down)
    else:
        images = access.hung(actor)
        months = marks_of_time.of_library(images.plain.text(), images.values, is_down)
    return tuple(Mark(label, tuple(Stop(*stop) for stop in stops)) for label, stops in months)


# By what the pictures are ordered by


def _numbers(actor: Actor, wanted: Wanted, listing: Listing, of_large: Callable[[], Any]) -> Any:
    """Number of pictures by value; None where a selection is too large."""
    if not wanted and _is_large():
        return of_large()
    rows = query.rows(listing, actor, wanted, limit=(READ if wanted else LARGE) + 1)
    return None if wanted and len(rows) > READ else Counter(row[0] for row in rows)


def _marks(numbers: Iterable[tuple[str, int, list]]) -> tuple[Mark, ...]:
    """From labels, numbers and the places before; neighbours are joined where there would be too many."""
    marks = [Mark(label, (Stop(number, sorting.write([*place, ""])),)) for label, number, place in numbers]
    if marks:
        marks[0] = replace(marks[0], stops=(replace(marks[0].stops[0], after=None),))
    share = -(-len(marks) // MOST) or 1
    return tuple(
        Mark(each[0].label, tuple(stop for mark in each for stop in mark.stops))
        for each in (marks[n : n + share] for n in range(0, len(marks), share))
    )


def _by_project(actor: Actor, wanted: Wanted, sort: Sort) -> tuple[Mark, ...] | None:
    numbers = _numbers(actor, wanted, _PROJECTS, lambda: counts.each(actor, Image.project))
    if numbers is None:
        return None
    rows = list(Project.select())
    names = {row.id: "Without a project" if row.is_default else row.name for row in rows}
    keys = {row.id: word_store.key_of_project(None if row.is_default else row.name) for row in rows}
    places = sorted((keys.get(each, ""), each) for each in numbers)
    return _marks((names.get(each, ""), numbers[each], [key, each, -1]) for key, each in places)


def _by_name(actor: Actor, wanted: Wanted, sort: Sort) -> tuple[Mark, ...] | None:
    numbers = _numbers(actor, wanted, sorting.initials(GALLERY), marks_of_order.initials)
    return None if numbers is None else _marks((_INITIALS.get(each, each.upper()), numbers[each], [each]) for each in sorted(numbers))


def _by_likes(actor: Actor, wanted: Wanted, sort: Sort) -> tuple[Mark, ...] | None:
    numbers = _numbers(actor, wanted, _LIKES, marks_of_order.likes)
    return None if numbers is None else _marks(
        (f"{each:,} {'like' if each == 1 else 'likes'}", numbers[each], [each + 1]) for each in sorted(numbers, reverse=True)
    )


_kept: dict[Sort, tuple[float, tuple[Mark, ...]]] = {}
_INITIALS = {"": "Without a title", ":": "10 and more"}  # others are called as they are; see `word_store.sort_key`
_NAMED = replace(GALLERY, columns=(Image.id,))
_PROJECTS = replace(GALLERY, columns=(Image.project,))
_LIKES = replace(GALLERY, columns=(Image.likes,))
_KINDS: dict[Sort, Callable[[Actor, Wanted, Sort], tuple[Mark, ...] | None]] = {
    Sort.NEWEST: _by_time, Sort.OLDEST: _by_time, Sort.PROJECT: _by_project, Sort.NAME: _by_name, Sort.LIKES: _by_likes,
}  # fmt: skip
