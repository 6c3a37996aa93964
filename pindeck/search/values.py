"""What stands after a field: colours, numbers, shapes and days, read from text. Each reader gives None for what it cannot read."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pindeck.search.colours import NAMED

MOST = 1e12
BEARS = 0.02  # how far a ratio may be off

_COLOUR = re.compile(r"(?:#?([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})|([a-z][a-z _-]*?))(?:~(\d{1,3}))?(?:@(\d{1,3})%?)?")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_SHAPE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:[:/x](\d{1,6}(?:\.\d{1,6})?))?")
_COMPARED = re.compile(r"(<=|>=|<|>|=)?(.*)")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(<=|>=|<|>)?(\d{1,5})(h|d|w|m|y)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


@dataclass(frozen=True)
class Colour:
    """`#rrggbb`, how far it may be off (OKLab distance × 100) and the share of the picture in percent, where they are given."""

    code: str
    tolerance: int | None = None
    share: int | None = None


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included; None where there is no end. Without a bound itself where it `is_open`."""

    low: float | None
    high: float | None
    is_open: bool = False


@dataclass(frozen=True)
class Days:
    """From the day `first` up to and without the day `after`, as `YYYY-MM-DD`; None where there is no end."""

    first: str | None
    after: str | None


@dataclass(frozen=True)
class Age:
    """Younger than so many hours, or older."""

    hours: int
    is_older: bool = False


def colour(text: str) -> Colour | None:
    found = _COLOUR.fullmatch(text.lower().strip())
    if found is None:
        return None
    digits, name, tolerance, share = found.groups()
    code = f"#{_six(digits)}" if digits else NAMED.get(re.sub("[ _-]+", " ", name))
    if code is None or (share and not 0 < int(share) <= 100) or (tolerance and int(tolerance) > 100):
        return None
    return Colour(code, int(tolerance) if tolerance else None, int(share) if share else None)


def _six(digits: str) -> str:
    """Three digits stand for six, and how much shines through is not looked at."""
    return "".join(digit * 2 for digit in digits[:3]) if len(digits) < 6 else digits[:6]


def number(text: str) -> Range | None:
    return _between(text, lambda part: float(part) if _NUMBER.fullmatch(part) else None)


def ratio(text: str) -> Range | None:
    """One shape bears 2 %; bounds are exact."""
    shape = _shape(text.removeprefix("="))
    if shape is not None:
        return Range(shape * (1 - BEARS), shape * (1 + BEARS))
    return _between(text, _shape)


def _shape(text: str) -> float | None:
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    over, under = float(found[1]), float(found[2] or 1)
    return over / under if under and over else None


def _between(text, read):  # type: ignore[no-untyped-def]
    if ".." in text:
        first, _, last = text.partition("..")
        low, high = read(first) if first else None, read(last) if last else None
        wrong = (first and low is None) or (last and high is None) or not (first or last)
        return None if wrong or (low is not None and high is not None and low > high) else Range(low, high)
    sign, rest = _COMPARED.fullmatch(text).groups()  # type: ignore[union-attr]
    value = read(rest)
    if value is None:
        return None
    if sign in (None, "="):
        return Range(value, value)
    return Range(value, None, sign == ">") if sign[0] == ">" else Range(None, value, sign == "<")


def days(text: str, today: date) -> Days | None:
    if ".." in text:
        first, _, last = text.partition("..")
        begin, end = _day(first, today) if first else None, _day(last, today) if last else None
        if (first and begin is None) or (last and end is None) or not (first or last):
            return None
        return Days(begin[0] if begin else None, end[1] if end else None)
    sign, rest = _COMPARED.fullmatch(text).groups()  # type: ignore[union-attr]
    found = _day(rest, today)
    if found is None:
        return None
    first_day, after = found
    spans = {">": Days(after, None), ">=": Days(first_day, None), "<": Days(None, first_day), "<=": Days(None, after)}
    return spans.get(sign, Days(first_day, after))


def _day(text: str, today: date) -> tuple[str, str] | None:
    """The first day of a year, a month or a day, and the one after it."""
    named = {"today": today, "yesterday": today - timedelta(days=1)}.get(text.lower())
    if named is not None:
        return named.isoformat(), (named + timedelta(days=1)).isoformat()
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            after = first + timedelta(days=1)
        elif month:
            after = date(first.year + month // 12, month % 12 + 1, 1)
        else:
            after = date(first.year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
    return first.isoformat(), after.isoformat()


def age(text: str, today: date) -> Days | Age | None:
    found = _AGO.fullmatch(text.lower())
    if found is None:
        return days(text, today)
    sign, count, unit = found.groups()
    return Age(int(count) * _HOURS[unit], (sign or "<")[0] == ">")
