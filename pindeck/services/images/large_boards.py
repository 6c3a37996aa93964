"""More than 250 pictures on a board: a job puts them there or takes them away. What would be refused is refused before it begins."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
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


def freeze(
    actor: Actor, board: Board, ids: list[str], *, versions: frozenset[int] | None, by_job: bool
) -> tuple[str, bool]:
    """A smart board holds these pictures from now on, and no query fills it: the id of the action, and whether a job is doing it.

    Above 250 they come in slices, `by_job` or here. Raises NotFound, and Conflict where the board has another query by now.
    """
    is_many = len(ids) > log.PART

    def begin() -> str:
        fresh = boards.locked(actor, board.id, versions=versions)
        if fresh.query != board.query:
            raise Conflict("The query of this board has changed. Look at it again.", code="CHANGED_SINCE")
        news = {"query": None}
        steps = boards.field_steps(fresh, news)
        boards.write(fresh, news)
        if not is_many:
            steps += pictures.put(actor, fresh, pictures.visible(actor, ids), None)
            return log.record(actor, boards.FROZE, steps, images=len(steps) - 1, board=board.id)
        if by_job:
            return str(large.begin(actor, "board_freeze", ids, steps=steps, board=board.id))
        action_id = log.begin(actor, boards.FROZE, images=len(ids), board=board.id)
        log.keep(action_id, steps)
        return action_id

    action_id = db.retried(begin)
    if is_many and not by_job:
        copying.in_slices(action_id, ids, partial(copying.fill_some, actor, board=board.id))
    return action_id, is_many and by_job


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
