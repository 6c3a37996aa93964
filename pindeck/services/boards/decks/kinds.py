"""What a deck is made of: kinds of blocks with their words and their room for pictures, and the choices that shape all of them."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a block is for. Each is shown as one page, and goes on over others where its text is long."""

    HERO = "hero"
    LOGLINE = "logline"
    STORY = "story"
    WORLD = "world"
    CHARACTER = "character"
    TONE = "tone"
    MOTIF = "motif"
    THEME = "theme"
    STAKES = "stakes"
    CLOSING = "closing"


class Style(StrEnum):
    """The palette that a deck has until its own colours are chosen, and the name of its treatment."""

    CINEMATIC = "cinematic"
    MINIMAL = "minimal"
    NEON = "neon"
    BOLD = "bold"
    NOIR = "noir"


class DeckLayout(StrEnum):
    """Wide frames, or a dense arrangement. A block may have the other one as its variant."""

    EDITORIAL = "editorial"
    COLLAGE = "collage"


class Effect(StrEnum):
    """How one page follows the other when a deck is presented."""

    PARALLAX = "parallax"
    SNAP = "snap"
    KINETIC = "kinetic"
    DOLLY = "dolly"
    SEQUENCE = "sequence"


class Named(NamedTuple):
    """`short` is what a picker says, `treatment` the line over a deck."""

    short: str
    treatment: str


STYLES = {
    Style.CINEMATIC: Named("Cinema", "Cinematic treatment"),
    Style.MINIMAL: Named("Editor", "Editorial / No. 12"),
    Style.NEON: Named("MV", "Music video"),
    Style.BOLD: Named("Comm", "Commercial board"),
    Style.NOIR: Named("Arch", "Archival reference"),
}
LAYOUTS = {DeckLayout.EDITORIAL: "A editorial", DeckLayout.COLLAGE: "B collage"}
EFFECTS = {
    Effect.PARALLAX: "Parallax", Effect.SNAP: "Snap", Effect.KINETIC: "Kinetic", Effect.DOLLY: "Dolly", Effect.SEQUENCE: "Frame",
}  # fmt: skip
VARIANTS = ("", "A", "B")  # of a block: as the deck, wide, dense


class Block(NamedTuple):
    """`title` is empty where the title of the deck stands; `slots` is the room for pictures; `says` has two sentences, with the
    title of a picture and without one. `treatment` is how a presenter shows it, `tight_at` how many letters of text fit."""

    title: str
    slots: int
    treatment: str
    room: int
    says: tuple[str, str]


BLOCKS: dict[Kind, Block] = {
    Kind.HERO: Block("", 1, "opener", 700, ("It begins with “{}”.", "It begins with one picture.")),
    Kind.LOGLINE: Block("Logline", 1, "text", 900, ("Everything leads up to “{}”.", "Say in one sentence who wants what, and what stands in the way.")),  # fmt: skip
    Kind.STORY: Block("Story", 4, "split", 1600, ("The turn of the story lies close to “{}”.", "Tell how it begins, where it turns, and how it ends.")),  # fmt: skip
    Kind.WORLD: Block("World & concept", 6, "cards", 900, ("The rules of this world can be read from “{}”.", "Describe the places, the hour and the light.")),  # fmt: skip
    Kind.CHARACTER: Block("Character", 1, "portrait", 1400, ("Whoever we follow could step out of “{}”.", "Introduce the person whom we follow.")),  # fmt: skip
    Kind.TONE: Block("Tone & style", 6, "mood", 900, ("The tone is set by “{}”: its colour, its grain, its patience.", "Say how it feels, and what the camera does about that.")),  # fmt: skip
    Kind.MOTIF: Block("Visual motifs", 4, "cards", 1600, ("Shapes return, and “{}” shows the first of them.", "Name the shapes and colours that return.")),  # fmt: skip
    Kind.THEME: Block("Themes", 0, "statement", 1100, ("Behind “{}” stands a question.", "What is it about, when it is about nothing that happens?")),  # fmt: skip
    Kind.STAKES: Block("Stakes", 0, "statement", 1100, ("If it fails, nothing of “{}” remains.", "What is lost if it fails?")),
    Kind.CLOSING: Block("Closing", 1, "final", 700, ("The last thing we see is “{}”.", "Thank you.")),
}
TEMPLATE = tuple(Kind)  # the blocks of a new deck, in their order
LOCKED, HIDDEN = {Kind.HERO}, {Kind.THEME}  # as a new deck begins


def default_title(kind: Kind, deck_title: str) -> str:
    return BLOCKS[kind].title or deck_title


def default_text(kind: Kind, titles: tuple[str, ...]) -> str:
    """One sentence that names the n-th picture of a deck, for the n-th kind; the closing one names the first where there are less."""
    n = TEMPLATE.index(kind)
    with_title, without = BLOCKS[kind].says
    if kind == Kind.CLOSING and titles and n >= len(titles):
        n = 0
    return with_title.format(titles[n]) if n < len(titles) and titles[n] else without


def is_dense(layout: str, variant: str) -> bool:
    """A block that says nothing itself is as the deck."""
    return variant == "B" if variant else layout == DeckLayout.COLLAGE
