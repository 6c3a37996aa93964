"""The nine colours of a deck: those of its style, those that somebody chose, or those of a picture."""

from collections.abc import Sequence
from typing import NamedTuple

from pindeck.services.boards.decks.kinds import Style

LEAST = 3  # colours that a picture needs, to give a palette
READABLE = 4.5  # the least contrast of text, as WCAG counts it
Rgb = tuple[int, int, int]


class Palette(NamedTuple):
    """Each as `#rrggbb`, in the order in which they are kept."""

    primary: str
    secondary: str
    accent: str
    tertiary: str
    background: str
    surface: str
    text: str
    muted: str
    border: str


NAMES = Palette._fields
EDITED = {"primary": "PRI", "secondary": "SEC", "accent": "ACC", "tertiary": "DAR", "surface": "LIQ"}  # those with a picker
PRESETS = {
    Style.CINEMATIC: Palette("#d2dc64", "#334135", "#fff5a6", "#8ea871", "#08090b", "#13161a", "#eef3df", "#bac2aa", "#5a6e4c"),
    Style.BOLD: Palette("#ff5c58", "#1f273d", "#ffd166", "#38b2ac", "#0a0b11", "#171923", "#f8f6f0", "#c1c4cf", "#8e93a6"),
    Style.MINIMAL: Palette("#c2c7cf", "#757b84", "#f2f4f5", "#9ea7b2", "#090a0c", "#12151a", "#f5f6f8", "#b5bbc5", "#505863"),
    Style.NOIR: Palette("#8c8c8c", "#343434", "#d5b45c", "#7a6852", "#050505", "#111111", "#f3efe6", "#beb7ab", "#5d5346"),
    Style.NEON: Palette("#00d9ff", "#5b4bff", "#ff4fd8", "#7dff67", "#070414", "#130b26", "#faf9ff", "#bdb6da", "#473c84"),
}


def of(style: str, own: Sequence[str] | None) -> Palette:
    """What a deck is shown in. Own colours, of which there are less than five, count for nothing; the style gives what they lack."""
    preset = PRESETS[Style(style)]
    return Palette(*own[: len(NAMES)], *preset[len(own) :]) if own and len(own) >= 5 else preset


def from_picture(colours: Sequence[str]) -> Palette:
    """The palette of a picture, from the colours that were sampled of it. Raises ValueError for less than three."""
    if len(colours) < LEAST:
        raise ValueError("at least three colours are needed")
    five = [*colours[:5], *(mix(colours[0], each, 0.5) for each in (*colours[1:3], *colours[1:2]))][:5]
    primary, secondary, accent, tertiary, surface = five
    background, text = shade(min(colours, key=luminance), -30), shade(max(colours, key=luminance), 14)
    return Palette(primary, secondary, accent, tertiary, background, surface, text, mix(text, accent, 0.32), mix(secondary, text, 0.38))


def readable(palette: Palette) -> Palette:
    """The same with text that can be read on its background: what is too close to it moves towards white or black."""
    away = "#ffffff" if luminance(palette.background) < 0.18 else "#000000"
    return palette._replace(text=_apart(palette.text, palette.background, away), muted=_apart(palette.muted, palette.background, away))


def _apart(colour: str, ground: str, away: str) -> str:
    steps = (mix(colour, away, part / 10) for part in range(11))
    return next((each for each in steps if contrast(each, ground) >= READABLE), away)


def shade(colour: str, points: int) -> str:
    """Every channel brighter by so many points of 255, or darker."""
    return _hex(tuple(part + points for part in _rgb(colour)))


def mix(colour: str, other: str, share: float) -> str:
    """The first with so large a share of the other."""
    pairs = zip(_rgb(colour), _rgb(other), strict=True)
    return _hex(tuple(one + (two - one) * share for one, two in pairs))


def contrast(colour: str, other: str) -> float:
    """1 to 21."""
    dark, light = sorted((luminance(colour), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(parts: Sequence[float]) -> str:
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in parts)
