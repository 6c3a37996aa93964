"""Colours between hex, sRGB and CIE Lab (D65)."""

import math

Rgb = tuple[int, int, int]
Lab = tuple[float, float, float]

_WHITE = (0.95047, 1.0, 1.08883)
_EPSILON = 216 / 24389
_KAPPA = 24389 / 27
_LINEAR = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (n / 255 for n in range(256))]


def rgb_to_hex(rgb: Rgb) -> str:
    """Lower-case `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def hex_to_rgb(text: str) -> Rgb:
    """Channels 0–255 of `#rrggbb`. Raises ValueError for anything else."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"{text!r} is not a colour of the form #rrggbb.")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def hex_to_lab(text: str) -> Lab:
    """CIE Lab of `#rrggbb`, L from 0 to 100."""
    return rgb_to_lab(hex_to_rgb(text))


def rgb_to_lab(rgb: Rgb) -> Lab:
    """CIE Lab of channels 0–255."""
    r, g, b = (_LINEAR[channel] for channel in rgb)
    x = _curve((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / _WHITE[0])
    y = _curve((0.2126729 * r + 0.7151522 * g + 0.0721750 * b) / _WHITE[1])
    z = _curve((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / _WHITE[2])
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def lab_to_rgb(lab: Lab) -> Rgb:
    """The nearest channels 0–255; what sRGB cannot show is clipped channel by channel."""
    level, a, b = lab
    fy = (level + 16) / 116
    x = _uncurve(fy + a / 500) * _WHITE[0]
    y = _uncurve(fy) * _WHITE[1]
    z = _uncurve(fy - b / 200) * _WHITE[2]
    return (
        _channel(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
        _channel(-0.9692660 * x + 1.8760108 * y + 0.0415560 * z),
        _channel(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
    )


def _curve(value: float) -> float:
    return math.cbrt(value) if value > _EPSILON else (_KAPPA * value + 16) / 116


def _uncurve(value: float) -> float:
    cube = value**3
    return cube if cube > _EPSILON else (116 * value - 16) / _KAPPA


def _channel(linear: float) -> int:
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return min(255, max(0, math.floor(encoded * 255 + 0.5)))
