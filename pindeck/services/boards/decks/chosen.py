"""The pictures that were chosen for a deck, in their order. Blocks show some of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import chunked, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import DeckImage, Image
from pindeck.services.actions.steps import Step
from pindeck.services.boards import positions

KIND = "deck_image"  # a kind of steps; their key is the deck and the picture, what they keep is the position
MOST = 1000
FULL = f"A deck has at most {MOST:,} pictures. Make another deck for the rest."


def seen_among(actor: Actor, ids: Sequence[str]) -> list[str]:
    """Inside a transaction: those of the pictures that the actor sees in the library, in the order given. They stay until its end."""
    shown = access.seen(actor).expression() & access.LIVE.expression()
    known: set[str] = set()
    for part in chunked(sorted(ids), 250):
        rows = Image.select(Image.id, Image.seq).where(Image.id.in_(list(part)) & shown).order_by(Image.seq)
        known |= {image.id for image in db.locked(rows, "FOR KEY SHARE")}
    return [each for each in ids if each in known]


def read(deck_id: str) -> dict[str, str]:
    """By picture, in their order: the position."""
    rows = DeckImage.select().where(DeckImage.deck == deck_id).order_by(DeckImage.position, DeckImage.image_id)
    return {row.image_id: row.position for row in rows}


def add(deck_id: str, ids: Iterable[str]) -> list[Step]:
    """Inside a transaction: those that are not among them come last. Raises Conflict where they would be too many."""
    there = read(deck_id)
    new = [each for each in dict.fromkeys(ids) if each not in there]
    if len(there) + len(new) > MOST:
        raise Conflict(FULL, code="DECK_FULL")
    last = DeckImage.select(fn.MAX(DeckImage.position)).where(DeckImage.deck == deck_id).scalar()
    return put(deck_id, there, {**there, **dict(zip(new, positions.between(last, None, len(new)), strict=True))})


def set_all(deck_id: str, ids: Sequence[str]) -> list[Step]:
    """Inside a transaction: these, in this order, and no others. Raises Conflict where they are too many."""
    if len(ids) > MOST:
        raise Conflict(FULL, code="DECK_FULL")
    there = read(deck_id)
    if list(there) == list(ids):
        return []
    return put(deck_id, there, dict(zip(ids, positions.between(None, None, len(ids)), strict=True)))


def put(deck_id: str, before: dict[str, str], after: dict[str, str]) -> list[Step]:
    """Inside a transaction: the rows become what `after` says; a step for each that is elsewhere now, or gone."""
    changed = [each for each in {**before, **after} if before.get(each) != after.get(each)]
    write(deck_id, {each: after.get(each) for each in changed})
    return [Step(KIND, "", before.get(each), after.get(each), f"{deck_id}:{each}") for each in changed]


def write(deck_id: str, positions_of: dict[str, str | None]) -> None:
    """Inside a transaction: these pictures have these positions, None for one that is gone."""
    for gone in chunked([each for each, position in positions_of.items() if position is None], 500):
        DeckImage.delete().where((DeckImage.deck == deck_id) & DeckImage.image_id.in_(list(gone))).execute()
    rows: list[dict[str, Any]] = [dict(deck=deck_id, image_id=each, position=key) for each, key in positions_of.items() if key]
    for part in chunked(rows, 200):
        key = [DeckImage.deck, DeckImage.image_id]
        DeckImage.insert_many(part).on_conflict(conflict_target=key, preserve=[DeckImage.position]).execute()


def first_of(deck_ids: list[str]) -> Any:
    """The rows of all pictures of these decks, in their order."""
    return DeckImage.select().where(DeckImage.deck.in_(deck_ids)).order_by(DeckImage.deck, DeckImage.position, DeckImage.image_id)


def count_of(deck_ids: list[str]) -> dict[str, int]:
    """By deck: how many were chosen."""
    rows: Any = DeckImage.select(DeckImage.deck, fn.COUNT(DeckImage.image_id)).where(DeckImage.deck.in_(deck_ids)).group_by(DeckImage.deck)
    return dict(rows.tuples())


