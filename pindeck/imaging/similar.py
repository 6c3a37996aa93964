"""Colours that look alike: CIE Lab cut into cells, so that a database finds likeness by an equal number.

Lightness counts for less than hue, as it does to the eye: a wall in light and in shade is one colour. A colour
is *kept* under the cells around it and *looked for* in its own, so that no border lies right beside it.
"""

from functools import lru_cache
from itertools import product

from pindeck.imaging import oklab
from pindeck.imaging.lab import hex_to_lab, rgb_to_hex

# Changing these needs a migration that fills `image_colour` anew.
_SIDE = 14.0
_REACH = 14.0
_LIGHTNESS = 0.6
_KEPT_BEYOND = 4  # OKLab × 100: how far a picture's colour is kept around itself
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


@lru_cache(maxsize=512)
def cells_within(code: str, tolerance: int) -> list[int]:
    """The cells in which what lies up to `tolerance` (OKLab distance × 100) from `#rrggbb` is looked for; its own at least.

    What is kept reaches beyond its own cell, so the cells reach less far than what is found.
    """
    ground, reach = oklab.of_hex(code), (tolerance - _KEPT_BEYOND) / 100
    return sorted({cell_of(code), *(cell for place, cell in _grid() if oklab.distance(place, ground) <= reach)})


@lru_cache(maxsize=1)
def _grid() -> list[tuple[oklab.Oklab, int]]:
    """Some four thousand colours, evenly over what a screen shows, with their cells."""
    codes = [rgb_to_hex((red, green, blue)) for red, green, blue in product(range(0, 256, 17), repeat=3)]
    return [(oklab.of_hex(code), cell_of(code)) for code in codes]


def _place(code: str) -> tuple[float, float, float]:
    """In sides of a cell."""
    level, a, b = hex_to_lab(code)
    return level * _LIGHTNESS / _SIDE, a / _SIDE, b / _SIDE


def _number(light: int, a: int, b: int) -> int:
    return (light * 32 + a + _BIAS) * 32 + b + _BIAS
