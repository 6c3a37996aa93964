"""Marks by share, for the orders in which nothing has a name: best fit, nearest first and shuffled. Reads only.

What is measured or drawn by lot has no month and no initial, so a mark says how much of the whole comes before it.
"""

import re
from dataclasses import replace

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library import sorting
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.query import Wanted
from pindeck.services.library.sorting import Sort

SORTS = frozenset({Sort.FIT, Sort.NEAREST, Sort.RANDOM})
MARKS = 20  # each five per cent
EACH = 50  # pictures between two places inside a mark: as many as a page has
DRAWN = 16**12  # values of the part of an id that is drawn by lot
Stops = list[tuple[int, str | None]]


def of(actor: Actor, wanted: Wanted, sort: Sort, *, most: int, after: str | None) -> tuple[list[tuple[str, Stops]], int] | None:
    """Marks with their stops, and how many pictures come before a place; None where more than `most` match.

    As many statements as there are thousands of pictures at most.
    """
    places = sorting.places(_NAMED, actor, wanted, sort, most=most)
    if places is None:
        return None
    total, count = len(places), min(MARKS, len(places))
    marks = []
    for n in range(count):
        begin, end = total * n // count, total * (n + 1) // count
        stops = [(min(EACH, end - at), places[at - 1] if at else None) for at in range(begin, end, EACH)]
        marks.append((_label(n, count), stops))
    return marks, places.index(after) + 1 if after in places else 0


def of_large(actor: Actor, total: int, after: str | None) -> tuple[list[tuple[str, Stops]], int]:
    """The shuffled library, however large, without reading it: what was drawn by lot lies evenly between its bounds."""
    found = sorting.read(after, sorting.KINDS[Sort.RANDOM]) if after else None
    text = found[0] if found else sorting.begin_of(actor)
    begin, parts = _number(text), MARKS * 5
    marks = []
    for n in range(MARKS):
        stops: Stops = []
        for part in range(n * 5, n * 5 + 5):
            drawn = f"{(begin + DRAWN * part // parts) % DRAWN:012x}"
            stops.append((total * (part + 1) // parts - total * part // parts, sorting.write([text, drawn, ""]) if part else None))
        marks.append((_label(n, MARKS), stops))
    return marks, (_number(found[1]) - begin) % DRAWN * total // DRAWN if found else 0


def _number(drawn: str) -> int:
    """An address may say anything."""
    return int(drawn, 16) if re.fullmatch("[0-9a-f]{12}", drawn) else 0


def _label(n: int, count: int) -> str:
    return f"{100 * n // count} %"


_NAMED = replace(GALLERY, columns=(Image.id,))
