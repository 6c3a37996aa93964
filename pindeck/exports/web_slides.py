"""The slides of a web page, as the templates of presenting read them: pages of a deck, or pictures one by one; then credits, and
which pictures are not cleared."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from pindeck.exports.content import Content, DeckPage, Part, Still
from pindeck.services.boards.decks import typography
from pindeck.services.boards.decks.pages import CREDITS, ON_A_PAGE
from pindeck.services.images import rights

# Of the last pages of what is no deck.
_PLAIN = {"background": "#000", "surface": "#111", "text": "#fafafc", "muted": "#a3a7ae"}
_PICTURE, _PAGE = "present/_picture.html", "decks/_slide.html"


class Overlay(NamedTuple):
    side: str
    strength: int


class Credit(NamedTuple):
    title: str
    credit: str
    address: str
    is_generated: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture at a place."""

    image: Still

    @property
    def aim(self) -> str:
        return aim_of(self.image)


def aim_of(still: Still) -> str:
    """What a cut keeps in sight, as CSS says it."""
    return " ".join(f"{100 * part:.1f}%" for part in still.focal)


@dataclass(frozen=True)
class Page:
    """A page of a deck, or one of credits."""

    kind: str
    title: str
    text: str = ""
    part: int = 1
    title_fit: float = 1
    text_fit: float = 1
    is_dense: bool = False
    pictures: tuple[Picture | None, ...] = ()
    overlay: Overlay | None = None
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True)
class Slide:
    """`template` renders it: a page in its `style`, or an image with its words; `number` counts from 1. `notes`, which are for who
    speaks, are never here."""

    template: str
    number: int = 0
    page: Page | None = None
    style: str = ""
    effect: str = ""
    image: Still | None = None
    label: str = ""
    line: str = ""
    text: str = ""
    dialogue: str = ""
    aspect: str = ""
    notes: str = ""

    @property
    def aim(self) -> str:
        return aim_of(self.image) if self.image else ""


def slides_of(content: Content, readable: Container[str]) -> list[Slide]:
    """All of them, numbered from 1. A picture whose id is not among the `readable` leaves its place empty."""
    told = _of_deck(content, readable) if content.look else chain(_of_parts(content, readable), _pages(content, "Credits", _credits(content)))
    listed = [Credit(still.title, " · ".join(filter(None, (rights.why(still), still.credit))), "") for still in rights.not_cleared(content.stills)]
    return [replace(slide, number=number) for number, slide in enumerate(chain(told, _pages(content, rights.TITLE, listed)), 1)]


def _of_deck(content: Content, readable: Container[str]) -> Iterator[Slide]:
    for page in content.pages:
        yield _page(content, _deck_page(page, readable))


def _page(content: Content, page: Page) -> Slide:
    look = content.look
    style = typography.as_css(look.colours, look.display, look.body, look.weight) if look else typography.as_css(_PLAIN, "Geist", "Geist", 600)
    return Slide(_PAGE, page=page, style=style, effect=look.effect if look else "")


def _deck_page(page: DeckPage, readable: Container[str]) -> Page:
    return Page(
        page.kind, page.title, page.text, page.part, page.title_fit, page.text_fit, page.is_dense,
        tuple(Picture(still) if still and still.id in readable else None for still in page.stills), Overlay(*page.shade) if page.shade else None,
        tuple(Credit(each.title, each.source, each.address) for each in page.credits),
    )  # fmt: skip


def _pages(content: Content, title: str, credits: list[Credit]) -> Iterator[Slide]:
    for at in range(0, len(credits), ON_A_PAGE):
        part = at // ON_A_PAGE + 1
        yield _page(content, Page(CREDITS, title, part=part, credits=tuple(credits[at : at + ON_A_PAGE])))


def _credits(content: Content) -> list[Credit]:
    """Of what is no deck: each picture once."""
    every = {still.id: still for still in content.stills}
    return [Credit(still.title, "" if still.credit == still.address else still.credit, still.address) for still in every.values()]


def _of_parts(content: Content, readable: Container[str]) -> Iterator[Slide]:
    for part in content.parts:
        for still, said in zip(part.stills, part.told, strict=False):
            if still.id in readable:
                yield Slide(_PICTURE, image=still, label=part.name, line=still.title, text=said)
        yield from _of_shots(content, part, readable)


def _of_shots(content: Content, part: Part, readable: Container[str]) -> Iterator[Slide]:
    for shot in part.shots:
        if shot.still is not None and shot.still.id in readable:
            line = " · ".join(filter(None, (shot.number, shot.line))) or shot.still.title
            yield Slide(_PICTURE, image=shot.still, label=part.name, line=line, text=shot.action, dialogue=shot.dialogue, aspect=content.aspect)
