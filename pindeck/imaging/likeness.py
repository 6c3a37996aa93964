"""A perceptual hash: 64 bits that stay nearly the same when a picture is made smaller, compressed or toned.

They say of each of the lowest 8 × 8 frequencies of its light whether it is above the middle one.
"""

from functools import lru_cache
from math import cos, pi
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

BITS = 64
_SIDE, _LOW = 32, 8
_FLAT = 8.0  # the frequencies of a picture that shows nothing, such as one colour, are all below that


def of(sample: "Image.Image") -> int | None:
    """The hash of an upright picture as a signed integer of 64 bits; None where it shows nothing to compare.

    `sample` is RGB or RGBA and at least a few pixels large; one of 160 px gives the same as the whole picture.
    """
    from PIL import Image  # not above: who only compares hashes loads no decoder

    if sample.mode == "RGBA":
        ground = Image.new("RGBA", sample.size, (128, 128, 128, 255))
        sample = Image.alpha_composite(ground, sample)
    grey = sample.convert("L").resize((_SIDE, _SIDE), Image.Resampling.HAMMING).tobytes()
    waves = _waves()
    lines = [[float(light) for light in grey[at : at + _SIDE]] for at in range(0, _SIDE**2, _SIDE)]
    rows = [[sum(map(mul, wave, line)) for wave in waves] for line in lines]
    columns = list(zip(*rows, strict=True))
    found = [sum(map(mul, wave, column)) for wave in waves for column in columns]
    rest = sorted(found[1:])  # the first is the mean of all light, and says nothing of shapes
    if max(-rest[0], rest[-1]) < _FLAT * _SIDE:
        return None
    middle = rest[len(rest) // 2]
    bits = 0
    for value in found:
        bits = bits << 1 | (value > middle)
    return signed(bits)


@lru_cache(maxsize=1)
def _waves() -> list[list[float]]:
    return [[cos(pi * k * (2 * x + 1) / (2 * _SIDE)) for x in range(_SIDE)] for k in range(_LOW)]


def signed(bits: int) -> int:
    """As a database keeps 64 bits."""
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ."""
    return ((one ^ other) & ((1 << BITS) - 1)).bit_count()
