"""Fields of the search box that are measured: numbers, shapes, days and ages."""

from datetime import UTC, date, datetime
from math import ceil, floor
from typing import Any

from peewee import SQL, NodeList

from pindeck import db
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import Image, SeenMark
from pindeck.search import Age, Days, Range
from pindeck.services.library.meaning import BoundValue, Meaning, Slots, along, plain

NEW_MS = 7 * db.DAY_MS
WIDE, HIGH = 1.02, 0.98  # from where on a picture is no square any more, as width by height
ORIENTATIONS = {
    "landscape": Range(WIDE, None, is_open=True),
    "portrait": Range(None, HIGH, is_open=True),
    "square": Range(HIGH, WIDE),
}


def number(column: Any) -> Meaning:
    """Whole numbers: a bound between two of them is the next one inside."""

    def ask(wanted: Range, _: Actor) -> BoundValue:
        low = None if wanted.low is None else _whole(floor(wanted.low) + 1 if wanted.is_open else ceil(wanted.low))
        high = None if wanted.high is None else _whole(ceil(wanted.high) - 1 if wanted.is_open else floor(wanted.high))
        return bounds(low, high)

    return Meaning(ask, lambda form, slots: within(column, form, slots, is_closed=True))


def _whole(number: int) -> int:
    return min(number, 2**31 - 1)


def bounds(low: Any, high: Any) -> BoundValue:
    form = ("low",) * (low is not None) + ("high",) * (high is not None)
    return BoundValue(form, tuple(bound for bound in (low, high) if bound is not None))


def within(column: Any, form: tuple[str, ...], slots: Slots, *, is_closed: bool) -> Any:
    """Above `low`, and below `high` or at it where it `is_closed`."""
    parts = []
    for bound, slot in zip(form, map(plain, slots), strict=True):
        parts.append(column >= slot if bound == "low" else column <= slot if is_closed else column < slot)
    return parts[0] if len(parts) == 1 else parts[0] & parts[1]


def _ratio(wanted: Range, _: Actor) -> BoundValue:
    asked = bounds(wanted.low, wanted.high)
    return asked._replace(form=(asked.form, wanted.is_open))


def _orientation(word: str, actor: Actor) -> BoundValue:
    return _ratio(ORIENTATIONS[word], actor)


def _has_ratio(form: Any, slots: Slots) -> Any:
    """Width against so many heights, as numbers of the machine on both engines."""
    bounds, is_open = form
    parts = []
    for bound, slot in zip(bounds, slots, strict=True):
        sign = (">" if bound == "low" else "<") + ("" if is_open else "=")
        # A plain value has no type of its own where PostgreSQL reads the words.
        height = NodeList((spelling.number(plain(slot)), SQL("*"), Image.height))
        parts.append(NodeList((Image.width, SQL(sign), height), parens=True))
    return parts[0] if len(parts) == 1 else parts[0] & parts[1]


def _taken_at(images: Any) -> Any:
    """When the camera says that it was, as text; an index has it."""
    return spelling.member(images.exif, "taken_at")


def _taken(wanted: Days, _: Actor) -> BoundValue:
    return bounds(wanted.first, wanted.after)


def _has_taken(images: Any, form: Any, slots: Slots) -> Any:
    found: Any = NodeList((_taken_at(images), SQL("IS NOT NULL")), parens=True)  # or the index would not serve
    for bound, slot in zip(form, slots, strict=True):
        found = found & NodeList((_taken_at(images), SQL(">=" if bound == "low" else "<"), plain(slot)), parens=True)
    return found


def _added(wanted: Days | Age, _: Actor) -> BoundValue:
    if isinstance(wanted, Age):
        edge = db.now_ms() - wanted.hours * db.HOUR_MS
        return bounds(None, edge) if wanted.is_older else bounds(edge, None)
    return bounds(_ms(wanted.first), _ms(wanted.after))


def _ms(day: str | None) -> int | None:
    if day is None:
        return None
    return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp() * 1000)


def _has_added(form: Any, slots: Slots) -> Any:
    return within(Image.created_at, form, slots, is_closed=False)


RATIO = Meaning(_ratio, _has_ratio)
ORIENTATION = Meaning(_orientation, _has_ratio)
TAKEN = along("date", _taken, _has_taken)
ADDED = Meaning(_added, _has_added)


# What is new


def seen_up_to(actor: Actor) -> int | None:
    """The `seq` of the picture up to which a person has looked at the gallery; None for who has not yet, and for visitors."""
    if actor.user_id is None:
        return None
    return SeenMark.select(SeenMark.seq).where(SeenMark.user_id == actor.user_id).scalar()  # type: ignore[no-any-return]


def _new(_: str, actor: Actor) -> BoundValue:
    """What others brought since the person was here; without a mark what arrived within seven days."""
    mark = seen_up_to(actor)
    return bounds(db.now_ms() - NEW_MS, None) if mark is None else BoundValue("since", (mark, actor.user_id))


def _is_new(form: Any, slots: Slots) -> Any:
    return (Image.seq > slots[0]) & (Image.user != slots[1]) if form == "since" else _has_added(form, slots)


NEW = Meaning(_new, _is_new)
