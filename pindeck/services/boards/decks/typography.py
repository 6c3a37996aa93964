"""The pairs of fonts in which a deck can be set."""

from collections.abc import Mapping
from typing import NamedTuple


class Typography(NamedTuple):
    """`display` is the family of titles, `body` that of text; `fallback` is the generic family of both where it is missing."""

    name: str
    display: str
    body: str
    fallback: str = "sans-serif"
    weight: int = 700


DEFAULT = "agency"
PRESETS = {
    "agency": Typography("Agency", "Schibsted Grotesk", "Karla"),
    "technical": Typography("Technical", "IBM Plex Sans", "IBM Plex Mono"),
    "editorial": Typography("Editorial", "Playfair Display", "Source Serif 4", "serif"),
    "brutalist": Typography("Brutalist", "Archivo Black", "Archivo", weight=400),
    "playful": Typography("Playful", "Quicksand", "Cabin"),
    "modern": Typography("Modern", "Inter", "Inter"),
    "newspaper": Typography("Newspaper", "Playfair Display", "DM Sans", "serif"),
    "plex": Typography("IBM Plex", "IBM Plex Sans", "IBM Plex Sans", weight=600),
    "minimal": Typography("Minimal", "Geist", "Geist", weight=500),
}


def of(name: str) -> Typography:
    return PRESETS.get(name, PRESETS[DEFAULT])


def as_css(colours: Mapping[str, str], display: str, body: str, weight: int) -> str:
    """The colours (by their names) and fonts of a deck, as its style sheet names them."""
    named = ";".join(f"--d-{name}:{colour}" for name, colour in colours.items())
    return f"{named};--d-display:'{display}',var(--display);--d-body:'{body}',var(--sans);--d-weight:{weight}"
