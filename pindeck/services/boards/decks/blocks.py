"""Blocks and their pictures as rows: read, compared with what they become, and written. A step is one block, as it was and as it is."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from peewee import chunked

from pindeck.errors import Conflict
from pindeck.models import DeckBlock, DeckStill
from pindeck.services.actions.steps import Step
from pindeck.services.boards import positions
from pindeck.services.boards.decks.composing import Block, Blocks, Still
from pindeck.services.boards.decks.kinds import Kind

KIND = "deck_block"  # a kind of steps; their key is the block
MOST = 1000
COLUMNS = ("position", "kind", "is_on", "is_locked", "variant", "title", "text", "notes")
State = dict[str, Any]  # a block as JSON, with the id of its deck


def read(deck_id: str) -> Blocks:
    """All blocks in their order, with their pictures. Two statements."""
    return read_many([deck_id]).get(deck_id, ())


def read_many(deck_ids: list[str]) -> dict[str, Blocks]:
    """By deck: the same."""
    stills: dict[str, dict[int, Still]] = {}
    for still in DeckStill.select().where(DeckStill.deck.in_(deck_ids)):
        stills.setdefault(still.block_id, {})[still.slot] = Still(still.image_id, still.focal_x, still.focal_y)
    found: dict[str, list[Block]] = {}
    for row in DeckBlock.select().where(DeckBlock.deck.in_(deck_ids)).order_by(DeckBlock.position, DeckBlock.id):
        there = stills.get(row.id, {})
        block = Block(
            row.id, Kind(row.kind), bool(row.is_on), bool(row.is_locked), row.variant, row.title, row.text, row.notes,
            tuple(there.get(n) for n in range(1 + max(there, default=-1))), row.position,
        )  # fmt: skip
        found.setdefault(row.deck_id, []).append(block)
    return {deck_id: tuple(of) for deck_id, of in found.items()}


def check(blocks: Blocks) -> None:
    """Raises Conflict where they are too many."""
    if len(blocks) > MOST:
        raise Conflict(f"A deck has at most {MOST:,} pages. Make another deck for the rest.", code="DECK_FULL")


def write(deck_id: str, before: Blocks, after: Blocks) -> list[Step]:
    """Inside a transaction: the rows become what `after` says; a step for each block that is another one now."""
    then = {block.id: state(deck_id, block) for block in before}
    now = {block.id: state(deck_id, block) for block in ordered(after)}
    changed = {key: (then.get(key), now.get(key)) for key in {**then, **now} if then.get(key) != now.get(key)}
    put(deck_id, {key: new for key, (_, new) in changed.items()})
    return [Step(KIND, "", old, new, key) for key, (old, new) in changed.items()]


def ordered(blocks: Blocks) -> Blocks:
    """Each block without a position gets one between its neighbours."""
    found: list[Block] = []
    for is_placed, some in groupby(blocks, lambda block: bool(block.position)):
        run = list(some)
        if is_placed:
            found += run
            continue
        last = found[-1].position if found else None
        following = blocks[len(found) + len(run) :]
        keys = positions.between(last, following[0].position if following else None, len(run))
        found += [replace(block, position=key) for block, key in zip(run, keys, strict=True)]
    return tuple(found)


def state(deck_id: str, block: Block) -> State:
    stills = [still and list(still) for still in block.stills]
    return {"deck": deck_id, **asdict(block), "kind": str(block.kind), "stills": stills}


def put(deck_id: str, states: Mapping[str, State | None]) -> None:
    """Inside a transaction: these blocks stand as told, None for one that is gone."""
    for keys in chunked(states, 500):
        DeckStill.delete().where(DeckStill.block_id.in_(list(keys))).execute()
    for keys in chunked([key for key, each in states.items() if each is None], 500):
        DeckBlock.delete().where(DeckBlock.id.in_(list(keys))).execute()
    rows = [{"id": key, "deck": deck_id, **{name: each[name] for name in COLUMNS}} for key, each in states.items() if each]
    for part in chunked(rows, 80):
        told = [getattr(DeckBlock, name) for name in COLUMNS]
        DeckBlock.insert_many(part).on_conflict(conflict_target=[DeckBlock.id], preserve=told).execute()
    stills = [
        dict(block_id=key, slot=slot, deck=deck_id, image_id=still[0], focal_x=still[1], focal_y=still[2])
        for key, each in states.items() if each
        for slot, still in enumerate(each["stills"]) if still
    ]  # fmt: skip
    for some in chunked(stills, 150):
        DeckStill.insert_many(some).execute()


def images_in(states: Iterable[State | None]) -> list[str]:
    return [still[0] for each in states if each for still in each["stills"] if still]
