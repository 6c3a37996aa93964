"""What lies beside a page that opens from a disk: the style sheets, fonts and script of presenting, and the licences of the fonts."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from pindeck import resources
from pindeck.exports.content import Look
from pindeck.exports.packed_slides import LICENCES, licences
from pindeck.exports.packing import Packed
from pindeck.exports.slide_letters import FONTS, WEIGHTS

STATIC = resources.ROOT / "static"
# In the order in which the site has them.
SHEETS = ("tokens", "base", "buttons", "deckfonts", "deckpages", "deckviews", "dialog", "keys", "present")
OWN = ("archivo-narrow", "geist", "geist-mono")  # what all pages are set in
SERIF = "Source Serif 4"  # of stories, in each typography
ICONS = ("chevron-left", "chevron-right", "keyboard", "maximize-2")


class Key(NamedTuple):
    """A key of the keyboard, as the sheet of keys lists it."""

    keys: str
    does: str


KEYS = (
    Key("→ Space PgDn", "Next slide"), Key("← PgUp", "Slide before"), Key("Home End", "First and last slide"),
    Key("B W", "Black screen, white screen; again or a step takes it away"), Key("P", "Pause"), Key("F", "Fill the screen"),
    Key("T", "Show or hide the words"), Key("Esc", "Take away what lies over the slide"),
)  # fmt: skip
_FACE = re.compile(r"@font-face \{.*?\}\n\n?", re.DOTALL)
_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)


def of(look: Look | None) -> Iterator[Packed]:
    """Under the names by which the page and the style sheet ask for them; of the fonts of decks those of this one."""
    faces = _faces(look) if look else []
    yield Packed.of("css/page.css", _sheet(faces).encode(), is_words=True)
    yield Packed.of("js/page.js", _script().encode(), is_words=True)
    for name in OWN:
        yield Packed.of(f"fonts/{name}.woff2", (STATIC / "fonts" / f"{name}.woff2").read_bytes())
        yield Packed.of(f"fonts/licences/{name}.txt", (LICENCES / f"fontsource-variable-{name}.txt").read_bytes(), is_words=True)
    for face in faces:
        yield Packed.of(f"fonts/decks/{face}.ttf", (FONTS / f"{face}.ttf").read_bytes(), is_words=True)
    for name, licence in licences(faces).items():
        yield Packed.of(f"fonts/licences/{name}", licence, is_words=True)


def _faces(look: Look) -> list[str]:
    """The files of the fonts of a deck, by their names; those of all pages are there already."""
    families = {look.display, look.body, SERIF} - {"Geist", "Geist Mono"}
    return sorted(f"{family.lower().replace(' ', '-')}-{weight}" for family in families for weight in WEIGHTS[family])


def _sheet(faces: list[str]) -> str:
    """All in one, without the fonts of other decks."""
    whole = "\n".join((STATIC / "css" / f"{name}.css").read_text("utf-8") for name in SHEETS)
    return _FACE.sub(lambda found: found[0] if "decks/" not in found[0] or any(f"/{face}.ttf" in found[0] for face in faces) else "", whole)


def _script() -> str:
    """The module of presenting as a plain script, because no browser loads a module from a disk. What it imports fetches more slides,
    and here are all. It runs once the slides are there; that scripts work is said before."""
    module = _IMPORT.sub("", (STATIC / "js" / "present.js").read_text("utf-8"))
    return f'document.documentElement.classList.add("js");\naddEventListener("DOMContentLoaded", () => {{\n{module}}});\n'


def icon(name: str) -> Markup:
    """An icon that is drawn in the page itself: browsers show none of another file on a disk."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#{}"/></svg>').format(name)


@cache
def drawings() -> Markup:
    """What the icons of the page are drawn by."""
    symbols = re.findall(rf'<symbol id="(?:{"|".join(ICONS)})".*?</symbol>', (STATIC / "icons.svg").read_text("utf-8"), re.DOTALL)
    return Markup(f'<svg hidden aria-hidden="true">{"".join(symbols)}</svg>')  # noqa: S704  a file of our own
