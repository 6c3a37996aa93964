"""What the public link of a deck shows: its visible pages with the pictures that are part of the library, and no speaker notes.

The link is made by who keeps the deck, ends with it, and rests while that account is disabled.
"""

from typing import Any

from pindeck.access import Actor
from pindeck.errors import no_image
from pindeck.models import Deck, DeckBlock, DeckStill, Image, User
from pindeck.services.boards.decks import decks
from pindeck.services.boards.public_links import OPEN, Links


def _kept(actor: Actor, deck_id: str) -> Deck:
    return decks.locked(actor, deck_id, action="deck.share")


def _open_rows(share_hash: str) -> Any:
    mine = (Deck.share_hash == share_hash) & Deck.deleted_at.is_null()
    return Deck.select().join(User, on=(User.id == Deck.user_id)).where(mine & User.disabled_at.is_null())


LINKS = Links("deck", decks.SHARED, decks.REVOKED, _kept, decks.set_columns, _open_rows)
share, revoke = LINKS.share, LINKS.revoke


def picture(deck: Deck, image_id: str) -> Image:
    """A picture that the link shows: one on a visible page. Raises NotFound."""
    found = Image.select().where((Image.id == image_id) & Image.id.in_(_on_pages(deck)) & OPEN.expression()).get_or_none()
    if found is None:
        raise no_image()
    return found  # type: ignore[no-any-return]


def count_hidden(deck: Deck) -> int:
    """How many of the pictures on visible pages the link does not show."""
    on = Image.select().where(Image.id.in_(_on_pages(deck)))
    return int(on.count() - on.where(OPEN.expression()).count())


def _on_pages(deck: Deck) -> Any:
    shown = DeckBlock.select(DeckBlock.id).where((DeckBlock.deck == deck.id) & DeckBlock.is_on)
    return DeckStill.select(DeckStill.image_id).where((DeckStill.deck == deck.id) & DeckStill.block_id.in_(shown))
