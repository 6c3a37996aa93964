"""Colours of a palette: the rows an image is found by, and what people call them."""

import colorsys
import math
import re
from collections.abc import Mapping

from peewee import Case, Cast

from pindeck.imaging import similar
from pindeck.imaging.lab import hex_to_lab, hex_to_rgb
from pindeck.models import Image, ImageColour
from pindeck.services.images import indexed

ROWS = 10_000  # of two values each, in one statement
HUES = (  # each ends at so many degrees
    (15, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (195, "cyan"), (258, "blue"), (290, "violet"),
    (335, "magenta"), (361, "red"),
)  # fmt: skip


def write(seq: int, palette: list[str]) -> None:
    """Inside a transaction: keep the image under the colours it has now, and under no others."""
    write_many({seq: palette})


def write_many(palettes: Mapping[int, list[str]]) -> None:
    """The same for several images, by `seq`."""
    indexed.changed(palettes)
    ImageColour.delete().where(ImageColour.seq.in_(list(palettes))).execute()
    rows = [
        (cell, seq)
        for seq, palette in palettes.items()
        for cell in sorted(set().union(*map(similar.cells_around, palette)) if palette else ())
    ]
    hues = [(seq, hue_of(palette)) for seq, palette in palettes.items()]
    if hues:
        Image.update(hue=Cast(Case(Image.seq, hues), "integer")).where(Image.seq.in_(list(palettes))).execute()
    for start in range(0, len(rows), ROWS):
        ImageColour.insert_many(rows[start : start + ROWS], [ImageColour.cell, ImageColour.seq]).execute()


GREY = 1000  # and a hundred more, from black to white: behind all hues


def hue_of(palette: list[str]) -> int | None:
    """Where a palette stands among others: the hue of its first colour in degrees, or GREY and more for what is nearly grey."""
    if not palette:
        return None
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in hex_to_rgb(palette[0])))
    return round(hue * 359) if saturation * value >= 0.12 else GREY + round(value * 100)


def wanted_cell(code: str) -> int | None:
    """Where images with a colour like `#rrggbb` are kept; None for what is no colour."""
    return similar.cell_of(code) if is_colour(code) else None


def is_colour(code: str) -> bool:
    return re.fullmatch(r"#[0-9a-f]{6}", code) is not None


def name_of(code: str) -> str:
    """A plain name for `#rrggbb`: dark, light or nothing, and a hue; warm or cool for what is nearly grey."""
    level, a, b = hex_to_lab(code)
    strength = math.hypot(a, b)
    if level < 6 or (level > 95 and strength < 5):
        return "black" if level < 50 else "white"
    if strength < 12:
        word = "grey" if strength < 4 else "warm grey" if b > 0 and a > -0.5 * b else "cool grey"
        return f"dark {word}" if level < 34 else f"light {word}" if level > 76 else word
    red, green, blue = (channel / 255 for channel in hex_to_rgb(code))
    hue = colorsys.rgb_to_hls(red, green, blue)[0] * 360
    word = next(name for limit, name in HUES if hue < limit)
    if word in ("orange", "yellow") and strength < 34 and level > 62:
        return "beige" if level < 86 else "cream"
    if word == "orange" and level < 52:
        return "dark brown" if level < 30 else "brown"
    if word == "cyan" and level < 60:
        return "dark teal" if level < 30 else "teal"
    if word in ("red", "magenta") and level > 72:
        return "pink" if level < 86 else "light pink"
    return f"dark {word}" if level < 28 else f"light {word}" if level > 78 and word != "yellow" else word
