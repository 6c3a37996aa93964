"""The pages of a deck and its look, as its owner sees them now."""

from dataclasses import replace

from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.exports.content import Content, Credit, DeckPage, Look, Still
from pindeck.services.boards import reading
from pindeck.services.boards.decks import decks, pages
from pindeck.services.boards.decks.pages import Opened, Page, Picture


def title(actor: Actor, deck_id: str) -> str:
    return str(decks.find(actor, deck_id).title)


def opened(actor: Actor, deck_id: str) -> Opened:
    """Raises NotFound for a deck that the actor does not know, or that shows no page."""
    found = pages.open_one(decks.find(actor, deck_id), reading.shown_to(actor))
    if not found.shown:
        raise NotFound("This deck shows no page.")
    return found


def images_of(found: Opened) -> list[str]:
    """The pictures on visible pages, each once."""
    return list(dict.fromkeys(picture.image.id for view in found.shown for picture in view.pictures if picture))


def content(found: Opened, stills: dict[str, Still], dated_ms: int) -> Content:
    """`stills` by image; a place whose picture is not among them stays without one."""
    look = Look(found.palette._asdict(), found.fonts.display, found.fonts.body, found.fonts.weight, found.deck.scroll_fx)
    every = tuple(_page(page, stills) for page in pages.in_order(found))
    hidden = sum(view.hidden for view in found.shown)
    return Content(found.deck.title, (), max(dated_ms, found.deck.updated_at), look=look, pages=every, hidden=hidden)


def _page(page: Page, stills: dict[str, Still]) -> DeckPage:
    return DeckPage(
        page.kind, page.title, page.text, page.part, page.title_fit, page.text_fit, page.is_dense,
        tuple(_aimed(picture, stills) if picture else None for picture in page.pictures),
        (page.overlay.side, page.overlay.strength) if page.overlay else None, page.notes, tuple(map(_credit, page.credits)),
    )  # fmt: skip


def _aimed(picture: Picture, stills: dict[str, Still]) -> Still | None:
    still = stills.get(picture.image.id)
    return replace(still, focal=(picture.focal_x, picture.focal_y)) if still else None


def _credit(credit: pages.Credit) -> Credit:
    said, address = credit.credit or "", credit.address or ""
    if said.startswith(("http://", "https://")):
        said, address = "", address or said
    told = " · ".join(each for each in (said, "generated" if credit.is_generated else "") if each)
    return Credit(credit.title, told, address)
