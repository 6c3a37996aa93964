"""Where the light of a picture lies, as 16 × 16 greys: it tells whether two pictures show the same scene.

Hashes of 64 bits find candidates among all pictures; this judges them. On scenes that the project draws, copies agree to 0.99
and more, and different ones to 0.987 at most (bench/precision.py).
"""

from collections.abc import Iterator
from functools import lru_cache
from math import sqrt
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIDE = 16
SAME = 0.99
_GRID = 12  # what is compared of it: coarser, so that half a cell aside matters little
_PARTS, _STEPS = (1.0, 0.95, 0.9), 5  # how much of each side a crop may have, and how many places are tried along it


def of(sample: "Image.Image") -> bytes:
    """The greys of an upright picture, row by row; what is transparent counts as mid grey."""
    from PIL import Image

    if sample.mode == "RGBA":
        sample = Image.alpha_composite(Image.new("RGBA", sample.size, (128, 128, 128, 255)), sample)
    return sample.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX).tobytes()


def is_same_scene(one: bytes, other: bytes) -> bool:
    """Whether two pictures have their light in the same places, or one a part of the other has."""
    mine, theirs = _views(one), _views(other)
    return _agree(mine, theirs[0]) or _agree(theirs, mine[0])


def _agree(views: list[list[float]], whole: list[float]) -> bool:
    return any(sum(map(mul, view, whole)) >= SAME for view in views)


@lru_cache(maxsize=1024)
def _views(light: bytes) -> list[list[float]]:
    """All of it first, and then its parts."""
    return [_normal(light, box) for box in _boxes()]


def _boxes() -> Iterator[tuple[float, float, float, float]]:
    for part in _PARTS:
        side, places = SIDE * part, range(_STEPS if part < 1 else 1)
        free = (SIDE - side) / (_STEPS - 1)
        for across in places:
            for down in places:
                yield free * across, free * down, free * across + side, free * down + side


def _normal(light: bytes, box: tuple[float, float, float, float]) -> list[float]:
    """The greys of a part around their mean, so that a scalar product says how much two agree whatever their contrast."""
    from PIL import Image

    grid = Image.frombytes("L", (SIDE, SIDE), light)
    values = grid.resize((_GRID, _GRID), Image.Resampling.BILINEAR, box=box).tobytes()
    mean = sum(values) / len(values)
    around = [value - mean for value in values]
    length = sqrt(sum(map(mul, around, around)))
    return [value / length for value in around] if length else around
