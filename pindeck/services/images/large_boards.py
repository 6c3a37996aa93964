"""More than 250 pictures on a board: a job puts them there or takes them away. What would be refused is refused before it begins."""

from collections.abc import Sequence
from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Board
from pindeck.services.actions import log
from pindeck.services.boards import boards, copying, pictures
from pindeck.services.images import large


def add(actor: Actor, board_id: str, ids: Sequence[str]) -> str | None:
    """`pictures.add`: the id of the action, which runs from now on. None for 250 pictures or fewer, which wait for no job.

    Raises NotFound, Invalid, Conflict for a full or a smart board.
    """
    return _begin(actor, "board_add", board_id, pictures.ids_in(ids))


def remove(actor: Actor, board_id: str, ids: Sequence[str]) -> str | None:
    """`pictures.remove`, likewise."""
    return _begin(actor, "board_remove", board_id, pictures.ids_in(ids))


def _begin(actor: Actor, act: str, board_id: str, ids: list[str]) -> str | None:
    if len(ids) <= log.PART:
        return None
    with db.writing():
        board = boards.locked(actor, board_id)
        boards.filled(board)
        if act == "board_add":
            pictures.check_room(board, len(ids) - len(pictures.on_board(board.id, ids)))
        return large.begin(actor, act, ids, board=board.id)


def create_from(actor: Actor, name: object, ids: Sequence[str]) -> tuple[Board, str] | None:
    """`copying.create_from`: the board, which fills from now on, and the id of the action; None where no job is needed."""
    if len(pictures.ids_in(ids)) <= log.PART:
        return None
    columns, seen = copying.to_create(actor, name, ids, "")
    if len(seen) <= log.PART:
        return None
    with db.writing():
        board, made = boards.insert(actor, columns)
        return board, str(large.begin(actor, "board_fill", seen, steps=[made], made=board.name, board=board.id))


def duplicate(actor: Actor, board_id: str, name: object = "") -> tuple[Board, str] | None:
    """`copying.duplicate`, likewise."""
    source, columns, ids = copying.to_copy(actor, board_id, name)
    if len(ids) <= log.PART:
        return None
    with db.writing():
        board, steps, sections = copying.make_copy(actor, source, columns)
        given: dict[str, Any] = {"board": board.id, "source": source.id, "sections": sections}
        running = large.begin(actor, "board_copy", ids, steps=steps, made=board.name, **given)
        return board, str(running)
