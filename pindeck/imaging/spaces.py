"""Colour spaces that a file tells by numbers instead of a profile, as profiles that a colour engine can use.

What is brighter than a screen's white (PQ and HLG) is bent below it by one curve, the one that browsers use: a white
wall of 203 candela stays bright, and the light on it keeps its shape.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

Point = tuple[float, float]

D65: Point = (0.3127, 0.3290)
_SRGB: tuple[Point, Point, Point] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# By the numbers of ITU-T H.273. The second one is that of no statement.
_PRIMARIES: dict[int, tuple[tuple[Point, Point, Point], Point]] = {
    1: (_SRGB, D65),
    2: (_SRGB, D65),
    4: (((0.67, 0.33), (0.21, 0.71), (0.14, 0.08)), (0.310, 0.316)),
    5: (((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)), D65),
    6: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), D65),
    7: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), D65),
    9: (((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)), D65),
    11: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), (0.314, 0.351)),
    12: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), D65),
    22: (((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)), D65),
}
_PQ, _HLG = "pq", "hlg"
_SRGB_CURVE = "srgb"
# The curves of video cameras are meant for screens like any other, so they are read as sRGB's.
_CURVES: dict[int, str | float] = {
    **dict.fromkeys((1, 2, 6, 7, 11, 12, 13, 14, 15), _SRGB_CURVE),
    4: 2.2, 5: 2.8, 8: 1.0, 16: _PQ, 17: 2.6, 18: _HLG,
}  # fmt: skip
_PNG_GAMMA = 1 / 2.2  # what a PNG in sRGB says
_NEAR = 0.05
_STEPS = 4096
_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Space:
    """Primaries and white as x and y, and the curve: a name, or the exponent that makes a number light. sRGB unless told."""

    primaries: tuple[Point, Point, Point] = _SRGB
    white: Point = D65
    curve: str | float = _SRGB_CURVE


def by_numbers(primaries: int, transfer: int) -> Space | None:
    """The space of H.273's colour primaries and transfer characteristics; None where they are not known."""
    if primaries not in _PRIMARIES or transfer not in _CURVES:
        return None
    return Space(*_PRIMARIES[primaries], _CURVES[transfer])


def by_gamma(gamma: float, chromaticities: tuple[float, ...] = ()) -> Space | None:
    """The space of a PNG's gAMA (0.45455 is usual) and cHRM (white, red, green, blue); None for a gamma of nonsense."""
    if not 0.1 <= gamma <= 10:
        return None
    curve: str | float = 1 / gamma if abs(gamma / _PNG_GAMMA - 1) > _NEAR else _SRGB_CURVE
    space = Space(curve=curve)
    if len(chromaticities) == 8 and all(0 <= value <= 1 for value in chromaticities):
        white, red, green, blue = ((chromaticities[at], chromaticities[at + 1]) for at in (0, 2, 4, 6))
        told, usual = (*white, *red, *green, *blue), (*D65, *(value for point in _SRGB for value in point))
        if any(abs(one - other) > 0.01 for one, other in zip(told, usual, strict=True)):
            space = Space((red, green, blue), white, curve)
    return space


@lru_cache(maxsize=8)
def profile(space: Space) -> bytes | None:
    """A matrix profile (ICC, version 2); None where primaries lie on one line."""
    try:
        colorants = _colorants(space)
    except ZeroDivisionError:
        return None
    tags = [(b"desc", _described("told by numbers")), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", _xyz(_D50))]
    tags += [(name, _xyz(value)) for name, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)]
    curve = _curve(space.curve)
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I", at + len(body)) + bytes(4) + struct.pack(">I", 0x02400000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(_D50) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


def _described(text: str) -> bytes:
    data = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + bytes(78)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: tuple[float, ...]) -> bytes:
    return struct.pack(">3i", *(round(value * 65536) for value in values))


def _curve(curve: str | float) -> bytes:
    light = _LIGHT.get(curve) if isinstance(curve, str) else lambda value: value**curve
    assert light is not None
    values = [round(65535 * min(1.0, max(0.0, light(step / (_STEPS - 1))))) for step in range(_STEPS)]
    return b"curv\0\0\0\0" + struct.pack(f">I{_STEPS}H", _STEPS, *values)


def _srgb_light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _pq_light(value: float) -> float:
    root = value ** (1 / 78.84375)
    return _on_a_screen(
        10_000 * (max(0.0, root - 0.8359375) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    )


def _hlg_light(value: float) -> float:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = value * value / 3 if value <= 0.5 else (math.exp((value - c) / a) + b) / 12
    return _on_a_screen(_PEAK_NITS * scene**1.2)


def _on_a_screen(nits: float) -> float:
    """Light between 0 and 1; the brightest that such pictures are made for becomes 1."""
    light, peak = nits / _WHITE_NITS, _PEAK_NITS / _WHITE_NITS
    return light * (1 + light / (peak * peak)) / (1 + light)


_LIGHT: dict[str, Callable[[float], float]] = {_SRGB_CURVE: _srgb_light, _PQ: _pq_light, _HLG: _hlg_light}


# Primaries to the colorants of a profile, whose white is D50


def _colorants(space: Space) -> list[tuple[float, ...]]:
    columns = [_of_point(point) for point in space.primaries]
    matrix = tuple(zip(*columns, strict=True))
    white = _of_point(space.white)
    amounts = _times(_inverse(matrix), white)
    cones, wanted = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    found = []
    for column, amount in zip(columns, amounts, strict=True):
        scaled = _times(_BRADFORD, tuple(part * amount for part in column))
        adapted = tuple(part * to / of for part, to, of in zip(scaled, wanted, cones, strict=True))
        found.append(_times(_inverse(_BRADFORD), adapted))
    return found


def _of_point(point: Point) -> tuple[float, float, float]:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _inverse(m: Matrix) -> Matrix:
    cofactors = [
        [
            m[(row + 1) % 3][(column + 1) % 3] * m[(row + 2) % 3][(column + 2) % 3]
            - m[(row + 1) % 3][(column + 2) % 3] * m[(row + 2) % 3][(column + 1) % 3]
            for row in range(3)
        ]
        for column in range(3)
    ]
    whole = sum(m[0][at] * cofactors[at][0] for at in range(3))
    return tuple(tuple(value / whole for value in row) for row in cofactors)
