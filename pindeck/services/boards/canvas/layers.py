"""How far in front objects stand, as plain numbers. There is room between two layers, so an act writes a row of another object
only where that is used up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from pindeck.models import CanvasObject
from pindeck.services.boards.canvas import layouts
from pindeck.services.boards.canvas.layouts import Box

ROOM = 1024


class Way(StrEnum):
    FRONT = "front"
    FORWARD = "forward"
    BACKWARD = "backward"
    BACK = "back"


def front(of: Iterable[CanvasObject]) -> int:
    """The layer of what comes before all of these."""
    return max((row.layer for row in of), default=-ROOM) + ROOM


def moved(every: Mapping[str, CanvasObject], chosen: Collection[str], way: Way, seen: Collection[str]) -> dict[str, int]:
    """By object: the layers that change when those that are chosen go this way, in the order that they have among themselves.

    `every` stands from the lowest layer up. A step passes the next object, of those that are `seen`, that lies over or under one of
    the chosen; without one nothing changes.
    """
    order = list(every)
    going = [key for key in order if key in chosen]
    if way in (Way.FRONT, Way.BACK):
        rest = [key for key in order if key not in chosen]
        return _between(every, going, rest, len(rest) if way == Way.FRONT else 0)
    line = order if way == Way.FORWARD else order[::-1]
    place = {key: n for n, key in enumerate(line)}
    boxes = {key: layouts.box_of(row) for key, row in every.items()}
    others = (key for key in line if key not in chosen and key in seen)
    passed = next((key for key in others if any(place[k] < place[key] and _meet(boxes[k], boxes[key]) for k in going)), None)
    if passed is None:
        return {}
    going = [key for key in going if place[key] < place[passed]]
    rest = [key for key in order if key not in going]
    return _between(every, going, rest, rest.index(passed) + (way == Way.FORWARD))


def _meet(one: Box, two: Box) -> bool:
    return one.x < two.right and two.x < one.right and one.y < two.bottom and two.y < one.bottom


def _between(every: Mapping[str, CanvasObject], going: Sequence[str], rest: Sequence[str], at: int) -> dict[str, int]:
    """Layers of those that go between two of the rest, and of what has to make room, further in front."""
    low = every[rest[at - 1]].layer if at else None
    high = every[rest[at]].layer if at < len(rest) else None
    count = len(going)
    if high is None or low is None:
        start = (low if low is not None else -ROOM) + ROOM if high is None else high - count * ROOM
        return {key: start + n * ROOM for n, key in enumerate(going)}
    if high - low > count:
        return {key: low + (high - low) * n // (count + 1) for n, key in enumerate(going, 1)}
    found = {key: low + n * ROOM for n, key in enumerate(going, 1)}
    last = low + count * ROOM
    for key in rest[at:]:
        if every[key].layer > last:
            break
        last += ROOM
        found[key] = last
    return found
