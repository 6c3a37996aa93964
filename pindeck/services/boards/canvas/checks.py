"""What an object of a canvas may be: its place, its size and its words, checked before anything is written."""

import re
from collections.abc import Mapping
from typing import Any

from pindeck import errors
from pindeck.errors import invalid
from pindeck.services.boards.canvas.objects import Kind, State
from pindeck.text import clean_text

FAR, LARGE, SMALL = 1_000_000, 20_000, 16  # pixels: how far out a place may be, and how long a side
MAX_TEXT = 5000
COLOR = re.compile(r"#[0-9a-f]{6}")
SIZES = {Kind.PICTURE: (320, 240), Kind.NOTE: (240, 160), Kind.SWATCH: (120, 120), Kind.ARROW: (160, 0)}  # of new ones
PLAIN = "#c9a227"  # the colour of a swatch that was given none


def kind_of(value: object) -> Kind:
    """Raises Invalid."""
    if value not in list(Kind):
        raise invalid("kind", f"Choose one of {', '.join(Kind)}.")
    return Kind(str(value))


def columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of `x`, `y`, `width`, `height` (whole pixels), `text` and `color` (`#rrggbb` or empty), as columns.

    Raises Invalid naming each field at fault.
    """
    return errors.checked(dict(given), lambda name, value: CHECKS[name](value))


def whole(name: str, value: object, most: int) -> int:
    """A whole number up to so many, either side of 0; a fraction is rounded. Raises Invalid."""
    try:
        number = round(float(str(value)))
    except (ValueError, OverflowError):
        raise invalid(name, "Give a whole number of pixels.") from None
    if abs(number) > most:
        raise invalid(name, f"Give a number from -{most:,} to {most:,}.")
    return number


def _color(value: object) -> str | None:
    text = str(value or "").strip().lower()
    if text and not COLOR.fullmatch(text):
        raise invalid("color", "Give a colour as #rrggbb.")
    return text or None


CHECKS: dict[str, Any] = {
    "x": lambda value: whole("x", value, FAR),
    "y": lambda value: whole("y", value, FAR),
    "width": lambda value: whole("width", value, LARGE),
    "height": lambda value: whole("height", value, LARGE),
    "text": lambda value: clean_text(value or "", field="text", max_length=MAX_TEXT, multiline=True) or None,
    "color": _color,
}


def fits(state: State) -> State:
    """The same, if its kind can be so. Raises Invalid naming the field."""
    if state["kind"] != Kind.ARROW:
        for side in ("width", "height"):
            if state[side] < SMALL:
                raise invalid(side, f"Give at least {SMALL} pixels.")
    elif not (state["width"] or state["height"]):
        raise invalid("width", "An arrow points somewhere else than where it begins.")
    if state["kind"] == Kind.SWATCH and state["color"] is None:
        raise invalid("color", "A swatch has a colour. Give it as #rrggbb.")
    return state
