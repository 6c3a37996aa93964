"""Pictures that look like some others, found in the database by the quarters of their perceptual hashes.

Of two hashes that differ in at most seven bits at least one quarter differs in at most one. So each quarter is looked for
as it is and with each of its bits turned: 17 values in an index of each quarter. Wholes are looked for among wholes and
middles, and middles among wholes, so that a picture and a crop of it find each other. A crop may differ in eight bits;
the few that differ in exactly two of each quarter are missed.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from peewee import chunked

from pindeck import db, models
from pindeck.imaging.likeness import Look, how_far
from pindeck.models import Image

if TYPE_CHECKING:
    from pindeck.imaging.derivatives import Looks

NEAREST = 60
TOGETHER = 20  # pictures that one statement asks for
MOST = 400  # of each quarter that are compared: a library may hold thousands of pictures of one kind
SHIFTS = (48, 32, 16, 0)
WITHIN = {"phash": ("whole", "middle"), "phash_middle": ("whole",)}  # by column: what is looked for in it

Found = set[tuple[int, Look]]


def of(image: Image) -> Look | None:
    return None if image.phash is None else Look(image.phash, image.phash_middle)


def keep(blob_id: str, found: "Looks") -> None:
    """Inside a transaction: how the picture of these bytes looks, as far as it is of bytes and not of an image."""
    row = models.Look.insert(blob=blob_id, light=found.light, amounts=found.amounts)
    row.on_conflict(conflict_target=[models.Look.blob], preserve=[models.Look.light, models.Look.amounts]).execute()


def candidates(looks: Iterable[Look]) -> Found:
    """Number and look of those that share a quarter with one of these, but for a bit. One statement for up to 20."""
    found: Found = set()
    for some in chunked(sorted(set(looks), key=lambda look: look.whole), TOGETHER):
        size = 1 if len(some) == 1 else TOGETHER  # two texts are enough: a look may be asked for twice
        rows = db.sql(_text(size), **_values((some * size)[:size])).fetchall()
        found |= {(seq, Look(whole, middle)) for seq, whole, middle in rows}
    return found


def nearest(mine: int, look: Look, found: Found) -> list[int]:
    """The numbers of those that look like an image, the likest and then the oldest first."""
    near = [(far, seq) for seq, other in found if seq != mine and (far := how_far(look, other)) is not None]
    return [seq for _, seq in sorted(near)[:NEAREST]]


@lru_cache(maxsize=2)
def _text(size: int) -> str:
    parts = []
    for column, parts_of_look in WITHIN.items():
        for shift in SHIFTS:
            names = ", ".join(
                f":{part}{shift}_{number}" for part in parts_of_look for number in range(17 * size)
            )
            parts.append(
                f"SELECT * FROM (SELECT seq, phash, phash_middle FROM image WHERE {column} IS NOT NULL"
                f" AND (({column} >> {shift}) & 65535) IN ({names}) LIMIT :most) AS {column}{shift}"
            )
    return " UNION ALL ".join(parts)


def _values(looks: list[Look]) -> dict[str, int]:
    values = {"most": MOST * len(looks)}
    for shift in SHIFTS:
        for part in ("whole", "middle"):
            hashes = [look.whole if part == "whole" or look.middle is None else look.middle for look in looks]
            around = [value for phash in hashes for value in _around((phash >> shift) & 65535)]
            values |= {f"{part}{shift}_{number}": value for number, value in enumerate(around)}
    return values


def _around(quarter: int) -> list[int]:
    return [quarter, *(quarter ^ (1 << bit) for bit in range(16))]
