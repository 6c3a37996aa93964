"""Colours that look alike: CIE Lab cut into cells, so that a database finds likeness by an equal number.

Lightness counts for less than hue, as it does to the eye: a wall in light and in shade is one colour. A colour
is *kept* under the cells around it and *looked for* in its own, so that no border lies right beside it.
"""

from functools import lru_cache
from itertools import product

from pindeck.imaging.lab import hex_to_lab

# Changing these needs a migration that fills `image_colour` anew.
_SIDE = 14.0
_REACH = 14.0
_LIGHTNESS = 0.6
_BIAS = 16  # a and b lie between -9 and 7 sides


def cell_of(code: str) -> int:
    """The cell in which `#rrggbb` is looked for. Raises ValueError for anything else."""
    light, a, b = (int(part // 1) for part in _place(code))
    return _number(light, a, b)


@lru_cache(maxsize=4096)
def cells_around(code: str) -> frozenset[int]:
    """The cells under which `#rrggbb` is kept: its own, and those whose middle is near."""
    place = _place(code)
    home = [int(part // 1) for part in place]
    found = {_number(*home)}
    for step in product((-1, 0, 1), repeat=3):
        cell = [at + by for at, by in zip(home, step, strict=True)]
        far = sum((part - at - 0.5) ** 2 for part, at in zip(place, cell, strict=True))
        if far <= (_REACH / _SIDE) ** 2 and cell[0] >= 0:
            found.add(_number(*cell))
    return frozenset(found)


def _place(code: str) -> tuple[float, float, float]:
    """In sides of a cell."""
    level, a, b = hex_to_lab(code)
    return level * _LIGHTNESS / _SIDE, a / _SIDE, b / _SIDE


def _number(light: int, a: int, b: int) -> int:
    return (light * 32 + a + _BIAS) * 32 + b + _BIAS
