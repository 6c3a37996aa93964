"""The pages of a deck in reading order, as plain data for whoever shows or prints them. Reads only.

Each is read for whoever looks (`shown`): a picture that the reader does not see is no part of what is given.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from peewee import chunked

from pindeck.access import Condition
from pindeck.models import Deck, Image
from pindeck.services.boards.decks import blocks, chosen, composing, flowing, kinds, overlays, palettes, typography
from pindeck.services.boards.decks.composing import Block
from pindeck.services.boards.decks.kinds import BLOCKS
from pindeck.services.boards.decks.overlays import Overlay
from pindeck.services.boards.decks.palettes import Palette
from pindeck.services.boards.decks.typography import Typography
from pindeck.states import Rights

CREDITS = "credits"  # the kind of the last pages
ON_A_PAGE = 24  # credits
EASY_TITLE = 36  # letters that stand in their full size


@dataclass(frozen=True)
class Picture:
    """A picture at a place of a page; its focal point is that of the page, of the picture, or the middle (0 to 1)."""

    image: Image
    focal_x: float
    focal_y: float

    @property
    def aim(self) -> str:
        """What a cut keeps in sight, as CSS says it."""
        return f"{100 * self.focal_x:.1f}% {100 * self.focal_y:.1f}%"


@dataclass(frozen=True)
class Credit:
    """What a picture is called, who is named for it, and where it comes from, None for what nobody wrote; and whether a machine
    made it."""

    image: Image
    title: str
    credit: str | None
    address: str | None

    @property
    def is_missing(self) -> bool:
        return not self.credit and not self.address

    @property
    def is_generated(self) -> bool:
        return self.image.rights == Rights.GENERATED


@dataclass(frozen=True)
class Page:
    """`number` counts from 1. `pictures` has a place for each that the block has room for. A part of a block above 1 goes on with
    its text alone. `credits` are those of a page of credits."""

    number: int
    kind: str
    treatment: str
    title: str
    text: str
    block_id: str = ""
    part: int = 1
    is_dense: bool = False
    pictures: tuple[Picture | None, ...] = ()
    overlay: Overlay | None = None
    notes: str = ""
    credits: tuple[Credit, ...] = ()

    @property
    def title_fit(self) -> float:
        """How large the title is set, 1 for its full size."""
        return flowing.fit(self.title, EASY_TITLE) / 100

    @property
    def text_fit(self) -> float:
        """The same for the text: what fills a page is half as large. Text that goes on has a page of its own."""
        if self.part > 1:
            return 1
        return flowing.fit(self.text, BLOCKS[kinds.Kind(self.kind)].room // 4 if self.kind != CREDITS else len(self.text)) / 100


@dataclass(frozen=True)
class View:
    """A block as its editor sees it: with what stands there where nobody wrote anything. `hidden` counts pictures that the reader
    does not see, `parts` the pages that it takes."""

    block: Block
    number: int
    title: str
    text: str
    pictures: tuple[Picture | None, ...]
    hidden: int
    is_dense: bool
    overlay: Overlay | None
    parts: int

    @property
    def kind(self) -> str:
        return str(self.block.kind)

    @property
    def title_fit(self) -> float:
        """How large the title is set on its page, 1 for its full size."""
        return flowing.fit(self.title, EASY_TITLE) / 100

    @property
    def text_fit(self) -> float:
        """The same for the text that its first page has room for."""
        room = BLOCKS[self.block.kind].room
        return flowing.fit(self.text[:room], room // 4) / 100


@dataclass(frozen=True)
class Opened:
    """`chosen` are the pictures of the deck that the reader sees, `hidden` counts the others, `spare` those on no page."""

    deck: Deck
    palette: Palette
    fonts: Typography
    views: list[View]
    chosen: list[Image]
    hidden: int
    spare: list[Image] = field(default_factory=list)

    @property
    def treatment(self) -> str:
        return kinds.STYLES[kinds.Style(self.deck.style)].treatment

    @property
    def shown(self) -> list[View]:
        return [view for view in self.views if view.block.is_on]


def open_one(deck: Deck, shown: Condition) -> Opened:
    """As many statements for many blocks as for few, and one more for each 500 pictures."""
    found, strip = blocks.read(deck.id), list(chosen.read(deck.id))
    used = composing.used_in(found)
    images = _images([*strip, *used], shown)
    titles = tuple(images[each].title if each in images else "" for each in strip)
    views = [_view(deck, block, n, images, titles) for n, block in enumerate(found)]
    there = [images[each] for each in strip if each in images]
    return Opened(
        deck, palettes.readable(palettes.of(deck.style, deck.palette)), typography.of(deck.font_family), views, there,
        len(strip) - len(there), [image for image in there if image.id not in set(used)],
    )  # fmt: skip


def _images(ids: Iterable[str], shown: Condition) -> dict[str, Image]:
    found: dict[str, Image] = {}
    for part in chunked(list(dict.fromkeys(ids)), 500):
        found |= {image.id: image for image in Image.select().where(Image.id.in_(list(part)) & shown.expression())}
    return found


def _view(deck: Deck, block: Block, n: int, images: dict[str, Image], titles: tuple[str, ...]) -> View:
    pictures = tuple(_picture(still, images) if still else None for still in block.stills)
    text = kinds.default_text(block.kind, titles) if block.text is None else block.text
    shade = overlays.of_block(
        deck.id, block.id, n, block.kind, amount=deck.overlay, variation=deck.overlay_variation, seed=deck.overlay_seed
    )
    return View(
        block, n + 1, kinds.default_title(block.kind, deck.title) if block.title is None else block.title, text, pictures,
        sum(1 for still, picture in zip(block.stills, pictures, strict=True) if still and not picture),
        kinds.is_dense(deck.layout, block.variant), shade, len(flowing.parts(text, BLOCKS[block.kind].room)),
    )  # fmt: skip


def _picture(still: composing.Still, images: dict[str, Image]) -> Picture | None:
    image = images.get(still.image_id)
    if image is None:
        return None
    x = still.focal_x if still.focal_x is not None else image.focal_x
    y = still.focal_y if still.focal_y is not None else image.focal_y
    return Picture(image, 0.5 if x is None else x, 0.5 if y is None else y)


def in_order(opened: Opened) -> list[Page]:
    """All pages: the visible blocks, each with what its text needs more, and the credits."""
    found: list[Page] = []
    for view in opened.shown:
        treatment, room = BLOCKS[view.block.kind].treatment, BLOCKS[view.block.kind].room
        for part, text in enumerate(flowing.parts(view.text, room), 1):
            first = part == 1
            found.append(
                Page(
                    len(found) + 1, view.kind, treatment if first else "text", view.title, text, view.block.id, part, view.is_dense,
                    view.pictures if first else (), view.overlay if first else None, (view.block.notes or "") if first else "",
                )  # fmt: skip
            )
    named = credits_of(opened) if opened.deck.has_credits else []
    for part in range(0, len(named), ON_A_PAGE):
        some = tuple(named[part : part + ON_A_PAGE])
        found.append(Page(len(found) + 1, CREDITS, CREDITS, "Credits", "", part=part // ON_A_PAGE + 1, credits=some))
    return found


def credits_of(opened: Opened) -> list[Credit]:
    """Of the pictures on visible pages, each once, in reading order."""
    there = {picture.image.id: picture.image for view in opened.shown for picture in view.pictures if picture}
    return [Credit(image, image.title, image.attribution or None, image.source_url or None) for image in there.values()]


def count(opened: Opened) -> int:
    """How many pages it has."""
    return len(in_order(opened))


@dataclass(frozen=True)
class Card:
    """A deck of a list: how many pictures were chosen, and the first that the reader sees."""

    deck: Deck
    count: int
    covers: list[Image]


COVERS = 6


def cards(decks: Sequence[Deck], shown: Condition) -> list[Card]:
    """Three statements, however many decks."""
    ids = [deck.id for deck in decks]
    counts = chosen.count_of(ids) if ids else {}
    firsts: dict[str, list[str]] = {}
    for row in chosen.first_of(ids) if ids else ():
        some = firsts.setdefault(row.deck_id, [])
        if len(some) < 2 * COVERS:  # some of them may be hidden
            some.append(row.image_id)
    images = _images([each for some in firsts.values() for each in some], shown)
    return [
        Card(deck, counts.get(deck.id, 0), [images[each] for each in firsts.get(deck.id, ()) if each in images][:COVERS])
        for deck in decks
    ]
