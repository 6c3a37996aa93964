"""The blocks of a deck as a value: composed from pictures, and changed one by one. Each change gives other blocks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pindeck.services.boards.decks.kinds import BLOCKS, HIDDEN, LOCKED, TEMPLATE, Kind


class Still(NamedTuple):
    """A picture in a block. The focal point (0 to 1) is where this page is cut around; None leaves it to the picture."""

    image_id: str
    focal_x: float | None = None
    focal_y: float | None = None


@dataclass(frozen=True)
class Block:
    """None as `title` or `text` leaves the words to the deck; empty ones are none at all. `variant` is A, B, or empty for
    that of the deck. `stills` has a place for each picture that the kind has room for. `position` is the key that orders the
    blocks, empty for one that has none yet where it stands."""

    id: str
    kind: Kind
    is_on: bool = True
    is_locked: bool = False
    variant: str = ""
    title: str | None = None
    text: str | None = None
    notes: str | None = None
    stills: tuple[Still | None, ...] = ()
    position: str = ""

    def __post_init__(self) -> None:
        room = BLOCKS[self.kind].slots
        object.__setattr__(self, "stills", (*self.stills, *[None] * room)[:room])


Blocks = tuple[Block, ...]


def compose(ids: Sequence[str], new_id: Callable[[], str]) -> Blocks:
    """The ten blocks of a new deck: the pictures rotate, and block *n* begins with picture *n*."""
    return tuple(
        Block(new_id(), kind, kind not in HIDDEN, kind in LOCKED, stills=rotated(ids, n, BLOCKS[kind].slots))
        for n, kind in enumerate(TEMPLATE)
    )


def pour(blocks: Iterable[Block], ids: Sequence[str], new_id: Callable[[], str]) -> Blocks:
    """Another deck's blocks with other pictures: its words and shapes, under ids of their own."""
    return tuple(
        replace(block, id=new_id(), stills=rotated(ids, n, BLOCKS[block.kind].slots), position=block.position)
        for n, block in enumerate(blocks)
    )


def rotated(ids: Sequence[str], start: int, count: int) -> tuple[Still, ...]:
    """So many pictures from one on, beginning anew after the last; none twice."""
    return tuple(Still(ids[(start + n) % len(ids)]) for n in range(min(count, len(ids))))


def unused(blocks: Iterable[Block], ids: Sequence[str]) -> list[str]:
    """Those of the pictures that stand in no block."""
    used = set(used_in(blocks))
    return [each for each in ids if each not in used]


def used_in(blocks: Iterable[Block]) -> list[str]:
    """All pictures in blocks, in reading order, each once."""
    return list(dict.fromkeys(still.image_id for block in blocks for still in block.stills if still))


def add(blocks: Blocks, block: Block, before: str | None = None) -> Blocks:
    """At the end, or before another one. Raises KeyError."""
    at = len(blocks) if before is None else blocks.index(block_of(blocks, before))
    return (*blocks[:at], block, *blocks[at:])


def remove(blocks: Blocks, block_id: str) -> Blocks:
    """Raises KeyError."""
    gone = block_of(blocks, block_id)
    return tuple(block for block in blocks if block is not gone)


def move(blocks: Blocks, block_id: str, before: str | None) -> Blocks:
    """It stands before another one, or at the end. Raises KeyError."""
    block = block_of(blocks, block_id)
    if before == block_id:
        return blocks
    return add(remove(blocks, block_id), replace(block, position=""), before)


def duplicate(blocks: Blocks, block_id: str, new_id: str) -> Blocks:
    """A copy stands behind it, and is not locked. Raises KeyError."""
    block = block_of(blocks, block_id)
    at = blocks.index(block) + 1
    return (*blocks[:at], replace(block, id=new_id, is_locked=False, position=""), *blocks[at:])


def put(blocks: Blocks, block_id: str, slot: int, still: Still | None) -> Blocks:
    """Another picture stands there, or none. Raises KeyError and IndexError for no such place."""
    block = block_of(blocks, block_id)
    if not 0 <= slot < len(block.stills):
        raise IndexError(slot)
    return replaced(blocks, replace(block, stills=(*block.stills[:slot], still, *block.stills[slot + 1 :])))


def without(blocks: Blocks, ids: Iterable[str]) -> Blocks:
    """Where these pictures stand there is none."""
    gone = set(ids)
    return tuple(
        replace(block, stills=tuple(None if still and still.image_id in gone else still for still in block.stills)) for block in blocks
    )


def block_of(blocks: Blocks, block_id: str) -> Block:
    for block in blocks:
        if block.id == block_id:
            return block
    raise KeyError(block_id)


def replaced(blocks: Blocks, block: Block) -> Blocks:
    return tuple(block if each.id == block.id else each for each in blocks)
