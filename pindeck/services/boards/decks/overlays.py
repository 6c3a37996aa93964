"""The shade over the pictures of a block: chance decides, but always in the same way for the same deck."""

from typing import NamedTuple

from pindeck.services.boards.decks.kinds import Kind

SHARE, WEAKEST, STRONGEST = 64, 8, 100  # percent
CALM = 10  # up to this variation the kind of the block says from where the shade comes
SIDES = ("bottom", "top", "left", "right")
BY_KIND = {Kind.STORY: "left", Kind.WORLD: "left", Kind.CHARACTER: "right"}
ALWAYS = {Kind.HERO, Kind.CLOSING}
MOST_SEED = 1_000_000


class Overlay(NamedTuple):
    """`side` is where it is darkest, `strength` 8 to 100 percent."""

    side: str
    strength: int


def of_block(deck_id: str, block_id: str, index: int, kind: Kind, *, amount: int, variation: int, seed: int) -> Overlay | None:
    """None for a block that has none. `index` counts the blocks of the deck from 0; amount and variation are percent."""
    number = hash_of(f"{deck_id}:{block_id}:{index}:{seed}")
    chance = number % 100
    if chance >= SHARE and kind not in ALWAYS:
        return None
    side = BY_KIND.get(kind, "bottom") if variation <= CALM else SIDES[number // 100 % len(SIDES)]
    return Overlay(side, round(min(STRONGEST, max(WEAKEST, amount + (chance / 100 - 0.5) * variation))))


def hash_of(text: str) -> int:
    """Every letter added to 31 times what came before it, in 32 bits."""
    number = 0
    for letter in text:
        number = (number * 31 + ord(letter)) & 0xFFFFFFFF
    return number
