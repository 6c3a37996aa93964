"""How acts on decks are taken back: guarded, so that what somebody changed since stays."""

from collections.abc import Iterable
from typing import Any

from peewee import chunked

from pindeck import access
from pindeck.models import Board, Deck, DeckBlock, DeckImage, DeckPerson, Image, User
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.boards.collaborators import NOW_OTHERS
from pindeck.services.boards.decks import blocks, chosen, decks, people

NOT_THERE = "was in a deck that is no longer there"


def take_back_blocks(taking: Taking, steps: list[Step]) -> list[Left]:
    """Each block stands as before, if it still stands as after."""
    left: list[Left] = []
    for deck_id in dict.fromkeys((step.before or step.after)["deck"] for step in steps):
        mine = [step for step in steps if (step.before or step.after)["deck"] == deck_id]
        if decks.editable(taking.actor, deck_id) is None:
            left += [Left(step, NOT_THERE) for step in mine]
            continue
        now = {block.id: blocks.state(deck_id, block) for block in blocks.read(deck_id)}
        there = _there(blocks.images_in(state for step in mine for state in (step.before, step.after)))
        fit = [step for step in mine if now.get(step.key) == _without_gone(step.after, there)]
        left += [Left(step, NOW_OTHERS) for step in mine if step not in fit]
        blocks.put(deck_id, {step.key: _without_gone(step.before, there) for step in fit})
        Deck.change().where(Deck.id == deck_id).execute()
    return left


def _there(ids: Iterable[str]) -> set[str]:
    """Pictures that were deleted for good come back in no block."""
    found: set[str] = set()
    for part in chunked(sorted(set(ids)), 500):
        found |= {image.id for image in Image.select(Image.id).where(Image.id.in_(list(part)))}
    return found


def _without_gone(state: dict[str, Any] | None, there: set[str]) -> dict[str, Any] | None:
    return state and {**state, "stills": [still if still and still[0] in there else None for still in state["stills"]]}


def take_back_chosen(taking: Taking, steps: list[Step]) -> list[Left]:
    """Each picture is where it was among those of the deck, if it still is where the act put it."""
    left: list[Left] = []
    for deck_id in dict.fromkeys(step.key.partition(":")[0] for step in steps):
        mine = {step.key.partition(":")[2]: step for step in steps if step.key.partition(":")[0] == deck_id}
        if decks.editable(taking.actor, deck_id) is None:
            left += [Left(step, NOT_THERE) for step in mine.values()]
            continue
        now, there = chosen.read(deck_id), _there(mine)
        fit = {each: step for each, step in mine.items() if each in there and now.get(each) == step.after}
        left += [Left(step, NOW_OTHERS) for each, step in mine.items() if each not in fit]
        chosen.write(deck_id, {each: step.before for each, step in fit.items()})
        Deck.change().where(Deck.id == deck_id).execute()
    return left


_KEPT = {"deleted_at": "deck.manage", "share_hash": "deck.share"}  # what is for who keeps the deck


def take_back_fields(taking: Taking, steps: list[Step]) -> list[Left]:
    left = []
    for step in steps:
        deck_id, _, column = step.key.partition(":")
        row = decks.editable(taking.actor, deck_id, deleted=column == "deleted_at")
        if row is None:
            left.append(Left(step, NOT_THERE))
        elif column in _KEPT and not access.can(taking.actor, _KEPT[column], row):
            left.append(Left(step, "can no longer be changed by you"))
        elif getattr(row, column) != step.after:
            left.append(Left(step, NOW_OTHERS, now=getattr(row, column) if column == "title" else None))
        else:
            Deck.change(**{column: step.before}).where(Deck.id == row.id).execute()
    return left


def unmake(taking: Taking, steps: list[Step]) -> list[Left]:
    """A deck that the action made goes when its blocks and pictures went before it and nobody shaped it since."""
    left = []
    for step in steps:
        row = decks.editable(taking.actor, step.key)
        if row is None:
            left.append(Left(step, NOT_THERE))
        elif not _is_as_made(row, step):
            left.append(Left(step, NOW_OTHERS))
        else:
            Deck.delete().where(Deck.id == row.id).execute()
    return left


def _is_as_made(row: Deck, step: Step) -> bool:
    if {**decks.state(row), "people": step.after["people"]} != {**step.after, "board_id": row.board_id}:
        return False
    if row.is_shared or not {user.id for user in people.of_deck(row.id)} <= set(step.after["people"]):
        return False
    return not any(model.select().where(model.deck == row.id).exists() for model in (DeckBlock, DeckImage))


def make_again(taking: Taking, steps: list[Step]) -> tuple[list[Left], list[Step]]:
    """It is there again with its id and its people, and without blocks and pictures, which follow."""
    left, made = [], []
    for step in steps:
        was = dict(step.after)
        people = was.pop("people")
        known = {user.id for user in User.select(User.id).where(User.id.in_([was["user_id"], *people]))}
        is_mine = taking.actor.is_admin or taking.actor.user_id == was["user_id"]
        is_free = was["user_id"] in known and not Deck.select().where(Deck.id == step.key).exists()
        if not (is_mine and is_free and access.can(taking.actor, "deck.edit")):
            left.append(Left(step, NOT_THERE))
            continue
        board = Board.get_or_none(Board.id == was.pop("board_id"))
        Deck.insert(id=step.key, updated_at=taking.now, board=board and board.id, **was).execute()
        rows = [dict(deck=step.key, user_id=each) for each in people if each in known]
        if rows:
            DeckPerson.insert_many(rows).execute()
        made.append(step)
    return left, made
