"""What actions were about besides pictures: the board by its name, with its sections or people, for those who may know it."""

from collections.abc import Sequence
from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Action, Board, User
from pindeck.services.actions import remaining

BOARD, NAME, PARTS, PEOPLE = "board", "name", "parts", "people"  # of the detail of an action
DETAIL = (BOARD, NAME, PARTS, PEOPLE)


def of_actions(actor: Actor, actions: Sequence[Action]) -> dict[str, str]:
    """By action: `“Night ride” (Exterior)`. Two statements at most; none where no action is about a board."""
    ids = {action.detail[BOARD] for action in actions if BOARD in action.detail}
    if not ids:
        return {}
    boards: dict[str, Board] = {row.id: row for row in Board.select(Board.id, Board.name).where(Board.id.in_(ids) & access.boards_named(actor))}
    people = _names({user_id for action in actions for user_id in action.detail.get(PEOPLE, ())})
    there = {row.id for row in Board.select(Board.id).where(Board.id.in_(ids))} if ids - boards.keys() else ids
    found = {}
    for action in actions:
        board_id = action.detail.get(BOARD)
        # A board whose making was taken back has no row: who made it knows what it was called.
        is_gone = board_id not in there and actor.user_id is not None and action.user_id == actor.user_id
        name = boards[board_id].name if board_id in boards else action.detail.get(NAME) if is_gone else None
        if name:
            beside = [*action.detail.get(PARTS, ()), *(people[each] for each in action.detail.get(PEOPLE, ()) if each in people)]
            found[action.id] = f"“{name}” ({', '.join(beside)})" if beside else f"“{name}”"
    return found


def _names(user_ids: set[str]) -> dict[str, str]:
    rows: Any = User.select(User.id, User.name, User.email, User.role).where(User.id.in_(user_ids)).tuples() if user_ids else []
    return {user_id: remaining.name_of(*named) for user_id, *named in rows}
