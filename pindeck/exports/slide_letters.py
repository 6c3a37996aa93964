"""The letters of each kind of page of a deck, as its style sheet has them on a screen of 1920 pixels, and the files that have them."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from pindeck import resources
from pindeck.exports.content import Look

FONTS = resources.ROOT / "static" / "fonts" / "decks"
LEAST = 0.4  # of its full size, to which a text shrinks before it goes on
# By family, the weights that there are; the same files serve pages.
WEIGHTS: dict[str, tuple[int, ...]] = {
    "Schibsted Grotesk": (700,), "Karla": (400,), "IBM Plex Sans": (400, 600, 700), "IBM Plex Mono": (400,), "Playfair Display": (700,),
    "Source Serif 4": (400,), "Archivo Black": (400,), "Archivo": (400,), "Quicksand": (700,), "Cabin": (400,), "Inter": (400, 700),
    "DM Sans": (400,), "Geist": (400, 500), "Geist Mono": (500,),
}  # fmt: skip


@dataclass(frozen=True)
class Letters:
    """`size` in points, `leading` in sizes, `spacing` between letters in sizes."""

    family: str
    weight: int
    size: float
    leading: float
    colour: str
    spacing: float = 0
    is_italic: bool = False
    is_upper: bool = False

    @property
    def line(self) -> float:
        """The height of a line in points."""
        return self.size * self.leading

    @property
    def face(self) -> str:
        """The name of the file of this font, without its ending: of the nearest weight that there is."""
        return f"{self.family.lower().replace(' ', '-')}-{self._nearest}"

    @property
    def is_bold(self) -> bool:
        return self._nearest >= 600 or self.family == "Archivo Black"

    @property
    def _nearest(self) -> int:
        return min(WEIGHTS[self.family], key=lambda each: abs(each - self.weight))

    def times(self, fit: float) -> "Letters":
        return replace(self, size=self.size * fit)


class _Kind(NamedTuple):
    """`font` is a role of the deck's typography; `colour` one of its palette."""

    font: str
    size: float
    leading: float
    colour: str
    spacing: float = 0
    is_italic: bool = False
    is_upper: bool = False


_LABEL = _Kind("mono", 17, 1.4, "primary", 0.12, is_upper=True)
_QUOTE = _Kind("display", 58, 1.2, "text")
_TITLES = {
    "": _Kind("display", 46, 1.1, "text", -0.01), "hero": _Kind("display", 118, 0.98, "text", -0.025), "logline": _LABEL,
    "character": _Kind("display", 64, 1.05, "text", -0.01), "theme": _LABEL, "stakes": _LABEL, "closing": _Kind("display", 96, 1.1, "text", -0.01),
    "credits": _Kind("display", 19, 1.5, "text"),
}  # fmt: skip
_TEXTS = {
    "": _Kind("body", 26, 1.5, "muted"), "hero": _Kind("body", 26, 1.5, "text", is_italic=True), "logline": _Kind("display", 46, 1.24, "text"),
    "story": _Kind("serif", 26, 1.5, "muted"), "motif": _Kind("motif", 26, 1.5, "muted"), "theme": _QUOTE, "stakes": _QUOTE,
    "closing": _Kind("body", 26, 1.5, "text"), "text": _Kind("body", 26, 1.5, "text"), "credits": _Kind("body", 19, 1.5, "muted"),
}  # fmt: skip
_MARKS = {"logline": _Kind("display", 16 * 19.2, 1, "accent")}


def letters_of(kind: str, name: str, look: Look) -> Letters:
    """Those of the `title`, the `text` or the `mark` of a kind of page, in their full size."""
    table = {"title": _TITLES, "text": _TEXTS, "mark": _MARKS}[name]
    found = table.get(kind) or table[""]
    family, weight = {
        "display": (look.display, look.weight), "body": (look.body, 400), "motif": (look.display, 400), "serif": ("Source Serif 4", 400),
        "mono": ("Geist Mono", 500),
    }[found.font]  # fmt: skip
    return Letters(family, weight, found.size, found.leading, look.colours[found.colour], found.spacing, found.is_italic, found.is_upper)


def label(size: float, colour: str) -> Letters:
    """Small letters of one width, for numbers."""
    return Letters("Geist Mono", 500, size, 1.3, colour)
