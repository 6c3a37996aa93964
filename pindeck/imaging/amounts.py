"""How much of a picture its colours fill: the five of its palette, and beside them accents that are too small for it.

A lipstick or a tail lamp fills a hundredth of the area and no palette has it, but it is what a person remembers.
"""

from collections.abc import Iterable
from math import hypot, sqrt
from typing import TYPE_CHECKING, NamedTuple

from pindeck.imaging import oklab
from pindeck.imaging.lab import Rgb, hex_to_rgb
from pindeck.imaging.oklab import Oklab

if TYPE_CHECKING:
    from PIL import Image

ACCENTS = 3
MOST = 5 + ACCENTS
SMALL = 0.03  # of the area: what an accent fills at most
_LEAST = 0.0004  # of the area: six pixels of a sample
_OF_PALETTE, _OF_ACCENT, _APART = 0.12, 0.08, 0.1  # distances in OKLab
_FULL = 65535
_BITS = [value & 0xF8 for value in range(256)]


class Amount(NamedTuple):
    rgb: Rgb
    part: float  # of the area, from 0 to 1


def of(sample: "Image.Image", palette: list[str]) -> list[Amount]:
    """The colours of a palette with their parts, in its order, and up to three accents. One that was added to make five has
    no part. `sample` is RGB or RGBA."""
    cells = _cells(sample)
    total = sum(count for count, _ in cells) or 1
    named = [(rgb, oklab.of_rgb(rgb)) for rgb in map(hex_to_rgb, palette)]
    parts, others = [0] * len(named), []
    for count, rgb in cells:
        place = oklab.of_rgb(rgb)
        far, at = min((oklab.distance(place, other), n) for n, (_, other) in enumerate(named))
        if far <= _OF_PALETTE:
            parts[at] += count
        if far > _OF_ACCENT:
            others.append((count, rgb, place, far))
    dominant = [Amount(rgb, count / total) for (rgb, _), count in zip(named, parts, strict=True)]
    return [*dominant, *_accents(others, total)]


def _cells(sample: "Image.Image") -> list[tuple[int, Rgb]]:
    """How many pixels there are of each colour, in steps of eight; transparent ones are left out."""
    solid = sample.convert("RGB").point(_BITS * 3)
    if sample.mode == "RGBA":
        solid.putalpha(sample.getchannel("A").point([255 if value >= 128 else 0 for value in range(256)]))
    found = solid.getcolors(sample.width * sample.height) or []
    # The middle of a step, but black stays black and white white.
    return [(n, (_mid(c[0]), _mid(c[1]), _mid(c[2]))) for n, c in found if len(c) == 3 or c[3]]  # type: ignore[misc, index, arg-type]


def _mid(value: int) -> int:
    return 0 if value == 0 else 255 if value == 248 else value + 4


def _accents(cells: list[tuple[int, Rgb, Oklab, float]], total: int) -> list[Amount]:
    """Small colours that stand out: far from the palette, and rather lively than grey."""
    groups: list[list[tuple[int, Rgb, Oklab, float]]] = []
    for cell in sorted(cells, key=lambda one: (-one[0] * _lively(one[2]), one[1])):
        home = next((g for g in groups if oklab.distance(g[0][2], cell[2]) <= _OF_ACCENT), None)
        if home is not None:
            home.append(cell)
        elif len(groups) < 64:
            groups.append([cell])
    told = [(sum(cell[0] for cell in group) / total, group) for group in groups]
    small = [(part, group) for part, group in told if _LEAST <= part <= SMALL]
    small.sort(key=lambda one: -sqrt(one[0]) * one[1][0][3] * _lively(one[1][0][2]))
    chosen: list[Amount] = []
    for part, group in small:
        rgb, place = group[0][1], group[0][2]
        if len(chosen) < ACCENTS and all(oklab.distance(oklab.of_rgb(one.rgb), place) > _APART for one in chosen):
            chosen.append(Amount(rgb, part))
    return chosen


def _lively(place: Oklab) -> float:
    return 0.02 + hypot(place[1], place[2])


def packed(amounts: Iterable[Amount]) -> bytes:
    """Five bytes for each: its channels, and its part in 65535ths."""
    return b"".join(bytes(one.rgb) + round(min(1, one.part) * _FULL).to_bytes(2, "little") for one in amounts)


def unpacked(data: bytes) -> list[Amount]:
    steps = range(0, len(data), 5)
    return [Amount((data[n], data[n + 1], data[n + 2]), int.from_bytes(data[n + 3 : n + 5], "little") / _FULL) for n in steps]
