"""Cursors: where a list goes on, as text that its readers hand back. It holds a place and no number of rows, so that
what arrives or goes meanwhile repeats nothing and hides nothing."""

import base64
import binascii
import re
from typing import NamedTuple

from pindeck.errors import invalid

_PLACE = re.compile(r"([0-9]{1,15}):([0-9a-f-]{36})")


class Place(NamedTuple):
    """The last thing that was shown: its time in milliseconds, and its id."""

    at: int
    id: str


def write(at: int, id: str) -> str:
    return packed(f"{at}:{id}")


def read(cursor: str) -> Place:
    """Raises Invalid naming the cursor."""
    place = _PLACE.fullmatch(unpacked(cursor))
    if place is None:
        raise wrong()
    return Place(int(place[1]), place[2])


def packed(place: str) -> str:
    """A place as one word that stands in an address as it is."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def unpacked(cursor: str) -> str:
    """Empty for what was not packed."""
    try:
        return base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def wrong() -> Exception:
    return invalid("cursor", "This cursor is not one that a list gave. Begin again without it.", named=True)
