"""OKLab: colours in a space where equal distances look equal. L from 0 to 1, a and b from about -0.4 to 0.4."""

import math
from functools import lru_cache

from pindeck.imaging.lab import Rgb, hex_to_rgb

Oklab = tuple[float, float, float]

_LINEAR = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (n / 255 for n in range(256))]


@lru_cache(maxsize=8192)
def of_rgb(rgb: Rgb) -> Oklab:
    """Of channels 0–255."""
    r, g, b = (_LINEAR[channel] for channel in rgb)
    l = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def of_hex(code: str) -> Oklab:
    """Of `#rrggbb`. Raises ValueError for anything else."""
    return of_rgb(hex_to_rgb(code))


def distance(one: Oklab, other: Oklab) -> float:
    return math.dist(one, other)
