"""A perceptual hash: 64 bits that stay nearly the same when a picture is made smaller, compressed or toned.

They say of each of the lowest 8 × 8 frequencies of its light whether it is above the middle one. A second hash, of the
middle of the picture, is what a crop of it has as a whole.
"""

from functools import lru_cache
from math import cos, pi
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

BITS = 64
MIDDLE = 0.9  # of each side
RADIUS = 7  # bits in which two pictures of the same cut differ at most
CROP_RADIUS, CROP_SUM = 8, 30  # bench/precision.py: beyond it different scenes of one kind are met
MAYBE = 12  # bits, where something else decides
_SIDE, _LOW = 32, 8
_FLAT = 8.0  # the frequencies of a picture that shows nothing, such as one colour, are all below that


class Look(NamedTuple):
    """The hash of the whole and of the middle; None for a middle that shows nothing."""

    whole: int
    middle: int | None = None


def look_of(sample: "Image.Image") -> Look | None:
    """Both hashes of an upright picture; None where it shows nothing to compare."""
    whole = of(sample)
    if whole is None:
        return None
    across, down = (side * (1 - MIDDLE) / 2 for side in sample.size)
    box = (across, down, sample.width - across, sample.height - down)
    return Look(whole, of(sample, box))


def how_far(one: Look, other: Look) -> int | None:
    """How little two pictures look alike, 0 for what is nearly equal; None where they do not.

    One is a crop of the other if its whole is near the middle of that one. Then the wholes and the middles must not be far
    from each other either: of a million pictures some have a middle like the whole of a strange one.
    """
    wholes = distance(one.whole, other.whole)
    if wholes <= RADIUS:
        return wholes
    if one.middle is None or other.middle is None:
        return None
    crop = min(distance(one.middle, other.whole), distance(one.whole, other.middle))
    total = crop + wholes + distance(one.middle, other.middle)
    return total if crop <= CROP_RADIUS and total <= CROP_SUM else None


def may_be_same(one: Look, other: Look) -> bool:
    """Whether it is worth comparing where their light lies, which decides (`imaging.light`)."""
    return any(
        mine is not None and theirs is not None and distance(mine, theirs) <= MAYBE
        for mine, theirs in ((one.whole, other.whole), (one.middle, other.whole), (one.whole, other.middle))
    )


def of(sample: "Image.Image", box: tuple[float, float, float, float] | None = None) -> int | None:
    """The hash of an upright picture, or of a part of it, as a signed integer of 64 bits; None where it shows nothing.

    `sample` is RGB or RGBA and at least a few pixels large; one of 160 px gives the same as the whole picture.
    """
    from PIL import Image  # not above: who only compares hashes loads no decoder

    if sample.mode == "RGBA":
        ground = Image.new("RGBA", sample.size, (128, 128, 128, 255))
        sample = Image.alpha_composite(ground, sample)
    grey = sample.convert("L").resize((_SIDE, _SIDE), Image.Resampling.HAMMING, box=box).tobytes()
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
