"""Which decks an actor knows of: its own, those it collaborates on, and an administrator everybody's."""

from typing import Any

from pindeck.access.actor import Actor
from pindeck.models import Deck, DeckPerson


def decks_of(actor: Actor, *, deleted: bool = False) -> Any:
    """The condition of the decks that exist for an actor, with `deleted` also of those that it deleted. The key of a project
    knows those that it made."""
    known = Deck.id.is_null(False) if deleted else Deck.deleted_at.is_null()
    if actor.is_admin:
        return known
    shared = DeckPerson.select(DeckPerson.deck).where(DeckPerson.user_id == actor.user_id)
    mine = known & ((Deck.user_id == actor.user_id) | Deck.id.in_(shared))
    return mine if actor.project_id is None else mine & (Deck.project_id == actor.project_id)
