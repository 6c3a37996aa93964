"""What people do with the blocks and pictures of a deck, each act one action that can be taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pindeck import db, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, invalid, no_image
from pindeck.models import Deck
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb
from pindeck.services.boards import pictures
from pindeck.services.boards.decks import blocks, chosen, composing, decks
from pindeck.services.boards.decks.composing import Block, Blocks, Still
from pindeck.services.boards.decks.kinds import VARIANTS, Kind
from pindeck.text import clean_text

WORDS = {"title": 500, "text": 20_000, "notes": 20_000}  # the most letters
LOCKED = "This page is locked. Unlock it first."


class Edited(NamedTuple):
    """`action_id` is None where nothing changed; `block_id` is the block that was changed or came."""

    deck: Deck
    action_id: str | None
    block_id: str = ""


def add(
    actor: Actor, deck_id: str, kind: object, *, before: str | None = None, ids: Sequence[str] = (), title: object = None,
    text: object = None, versions: frozenset[int] | None = None,
) -> Edited:  # fmt: skip
    """A block at the end, or before another one. Without `ids` it shows pictures of the deck that no block shows yet.

    Raises NotFound, Forbidden, Invalid naming the field, Conflict.
    """
    if kind not in list(Kind):
        raise invalid("kind", f"Choose one of {', '.join(Kind)}.")
    new = Block(db.new_id(), Kind(str(kind)), title=_word("title", title), text=_word("text", text))

    def change(now: Blocks) -> Blocks:
        shown = list(ids) or composing.unused(now, chosen.seen_among(actor, list(chosen.read(deck_id))))
        return composing.add(now, replace(new, stills=tuple(Still(each) for each in shown)), before)

    return _change(actor, deck_id, decks.ADDED, change, versions, new.id)


def remove(actor: Actor, deck_id: str, block_id: str, *, versions: frozenset[int] | None = None) -> Edited:
    """Its pictures stay among those of the deck. Raises Conflict for a locked one."""
    return _change(actor, deck_id, decks.REMOVED, lambda now: composing.remove(now, _open(now, block_id).id), versions, block_id)


def duplicate(actor: Actor, deck_id: str, block_id: str, *, versions: frozenset[int] | None = None) -> Edited:
    """A copy stands behind it."""
    new_id = db.new_id()
    return _change(actor, deck_id, decks.ADDED, lambda now: composing.duplicate(now, block_id, new_id), versions, new_id)


def move(actor: Actor, deck_id: str, block_id: str, before: str | None, *, versions: frozenset[int] | None = None) -> Edited:
    """It stands before another one, or at the end. Raises Conflict for a locked one."""
    return _change(actor, deck_id, decks.MOVED, lambda now: composing.move(now, _open(now, block_id).id, before), versions, block_id)


def step(actor: Actor, deck_id: str, block_id: str, by: int) -> Edited:
    """One place on (1) or back (-1)."""

    def change(now: Blocks) -> Blocks:
        at = now.index(_open(now, block_id))
        to = at + by if by < 0 else at + by + 1
        if not 0 <= at + by < len(now):
            return now
        return composing.move(now, block_id, now[to].id if to < len(now) else None)

    return _change(actor, deck_id, decks.MOVED, change, None, block_id)


def change(
    actor: Actor, deck_id: str, block_id: str, *, based_on: Mapping[str, str] | None = None, versions: frozenset[int] | None = None,
    **given: Any,
) -> Edited:  # fmt: skip
    """Change some of `title`, `text`, `notes` (None: as the deck has them), `variant`, `is_on`, `is_locked`, and `stills`, a list
    of pictures by slot. With `based_on`, the words that the writer had read, Conflict CHANGED_SINCE with both where somebody
    wrote something else since. Of a locked block only `is_locked` changes.

    Raises NotFound, Forbidden, Invalid naming each field at fault.
    """
    found = errors.checked(given, lambda name, value: _CHECKS[name](value))

    def work(now: Blocks) -> Blocks:
        block = composing.block_of(now, block_id)
        if block.is_locked and (found.get("is_locked", True) or found.keys() - {"is_locked"}):
            if found == {"is_locked": True}:
                return now
            raise Conflict(LOCKED, code="BLOCK_LOCKED")
        _meet(block, found, based_on or {})
        if "stills" in found:
            return composing.replaced(now, replace(block, **{**found, "stills": _kept(actor, block, found["stills"])}))
        return composing.replaced(now, replace(block, **found))

    how = decks.SWAPPED if "stills" in found else decks.WROTE if found.keys() & WORDS.keys() else decks.FORMED
    return _change(actor, deck_id, how, work, versions, block_id)


def _kept(actor: Actor, block: Block, given: tuple[Still | None, ...]) -> tuple[Still | None, ...]:
    """A picture that the actor does not see stays where nothing else was put."""
    seen = set(chosen.seen_among(actor, composing.used_in([block])))
    room = (*given, *[None] * len(block.stills))
    return tuple(
        new or (still if still and still.image_id not in seen else None) for new, still in zip(room, block.stills, strict=False)
    )


def _meet(block: Block, found: Mapping[str, Any], based_on: Mapping[str, str]) -> None:
    """Raises Conflict where somebody wrote something else than what the writer had read."""
    now = {name: getattr(block, name) or "" for name in based_on if name in found}
    met = [name for name, text in now.items() if text not in (based_on[name], found[name] or "")]
    if met:
        details: dict[str, object] = {"now": {name: now[name] for name in met}, "yours": {name: found[name] or "" for name in met}}
        raise Conflict("Somebody else wrote here meanwhile.", code="CHANGED_SINCE", details=details)


def put(
    actor: Actor, deck_id: str, block_id: str, slot: int, image_id: str | None, *, focal: tuple[float, float] | None = None,
    versions: frozenset[int] | None = None,
) -> Edited:  # fmt: skip
    """Another picture stands there, or none; with the point that its crop keeps in sight, else that of the picture.

    Raises NotFound, Forbidden, Invalid naming the field, Conflict for a locked block.
    """
    still = Still(image_id, *_point(focal)) if image_id else None

    def change(now: Blocks) -> Blocks:
        try:
            return composing.put(now, _open(now, block_id).id, slot, still)
        except IndexError:
            raise invalid("slot", "This page has no such place.") from None

    return _change(actor, deck_id, decks.SWAPPED, change, versions, block_id)


def choose(actor: Actor, deck_id: str, ids: Sequence[str], *, versions: frozenset[int] | None = None) -> Edited:
    """The pictures of the deck are these, in this order; others leave it, and the blocks that showed them. Those of the deck that
    the actor does not see stay last. Raises NotFound, Forbidden, Invalid, and Conflict where a locked block shows one that would leave.
    """
    wanted = pictures.ids_in(ids, chosen.MOST) if ids else []

    def work() -> Edited:
        row = decks.locked(actor, deck_id, versions)
        there = chosen.read(row.id)
        seen = chosen.seen_among(actor, [*dict.fromkeys([*wanted, *there])])
        if set(wanted) - set(seen):
            raise no_image()
        hidden = [each for each in there if each not in set(seen)]
        gone = set(there) - set(wanted) - set(hidden)
        before = blocks.read(row.id)
        if any(block.is_locked and gone & set(composing.used_in([block])) for block in before):
            raise Conflict("A locked page shows one of the pictures. Unlock it first.", code="BLOCK_LOCKED")
        steps = blocks.write(row.id, before, composing.without(before, gone))
        return _done(actor, row, decks.CHOSEN, [*chosen.set_all(row.id, [*wanted, *hidden]), *steps])

    return db.retried(work)


def choose_more(actor: Actor, deck_id: str, ids: Sequence[str], *, versions: frozenset[int] | None = None) -> Edited:
    """These as well, at the end. Raises NotFound where the actor sees none of them."""
    wanted = pictures.ids_in(ids, chosen.MOST)

    def work() -> Edited:
        row = decks.locked(actor, deck_id, versions)
        if not (seen := chosen.seen_among(actor, wanted)):
            raise no_image()
        return _done(actor, row, decks.CHOSEN, chosen.add(row.id, seen))

    return db.retried(work)


def _open(now: Blocks, block_id: str) -> Block:
    block = composing.block_of(now, block_id)
    if block.is_locked:
        raise Conflict(LOCKED, code="BLOCK_LOCKED")
    return block


def _word(field: str, value: object) -> str | None:
    return None if value is None else clean_text(value, field=field, max_length=WORDS[field], multiline=field != "title")


def _variant(value: object) -> str:
    if (value or "") not in VARIANTS:
        raise invalid("variant", "Choose A, B, or none.")
    return str(value or "")


def _stills(value: object) -> tuple[Still | None, ...]:
    if not isinstance(value, list | tuple) or not all(each is None or isinstance(each, Still) for each in value):
        raise invalid("stills", "Give a list of pictures.")
    return tuple(each and Still(each.image_id, *_point((each.focal_x, each.focal_y))) for each in value)


def _point(focal: tuple[float | None, float | None] | None) -> tuple[float | None, float | None]:
    x, y = focal or (None, None)
    if (x is None) != (y is None) or not all(part is None or 0 <= part <= 1 for part in (x, y)):
        raise invalid("focal", "Give two numbers from 0 to 1.")
    return x, y


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "title": lambda value: _word("title", value),
    "text": lambda value: _word("text", value),
    "notes": lambda value: _word("notes", value) or None,
    "variant": _variant,
    "is_on": bool,
    "is_locked": bool,
    "stills": _stills,
}


def _change(
    actor: Actor, deck_id: str, how: Verb, change: Callable[[Blocks], Blocks], versions: frozenset[int] | None, block_id: str
) -> Edited:
    def work() -> Edited:
        row = decks.locked(actor, deck_id, versions)
        before = blocks.read(row.id)
        try:
            after = change(before)
        except KeyError:
            raise NotFound("There is no such page in this deck.", code="BLOCK_NOT_FOUND") from None
        blocks.check(after)
        new = set(composing.used_in(after)) - set(composing.used_in(before))
        if new - set(chosen.seen_among(actor, sorted(new))):
            raise Invalid("Choose a picture of the library.", fields={"image": "Choose a picture of the library."})
        steps = chosen.add(row.id, [each for each in composing.used_in(after) if each in new])
        return _done(actor, row, how, [*steps, *blocks.write(row.id, before, after)], block_id)

    return db.retried(work)


def _done(actor: Actor, row: Deck, how: Verb, steps: list[Step], block_id: str = "") -> Edited:
    if not steps:
        return Edited(row, None, block_id)
    Deck.change().where(Deck.id == row.id).execute()
    action_id = log.record(actor, how, steps, images=0, deck=row.id, name=row.title)
    return Edited(Deck.get_by_id(row.id), action_id, block_id)
