"""Pictures change their places on a board: moved before another one, or all put in an order at once."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from peewee import Case, chunked, fn

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Board, BoardImage
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, pictures, positions, reading

MOVED = verb("board.order", "Arranged a board")
Spot = tuple[str | None, str]  # section and position


def move(
    actor: Actor, board_id: str, ids: Sequence[str], *, before: str | None = None, section_id: str | None = None,
    versions: frozenset[int] | None = None,
) -> str | None:  # fmt: skip
    """Put pictures, in the order given, before another one of the board, or at the end of a section; the id of the action.

    Each is one row, and the others keep their places. Raises NotFound for a picture that the board does not show to
    the actor, Invalid, Conflict.
    """
    ids = pictures.ids_in(ids, log.PART)

    def work() -> str | None:
        board = boards.locked(actor, board_id, versions=versions)
        boards.filled(board)
        there = pictures.on_board(board.id, pictures.seen_among(actor, ids))
        rows = [there[i] for i in ids if i in there] or [pictures.one(actor, board, ids[0])]
        if before in there:
            return None
        section, low, high = _gap(actor, board, before, section_id, [row.image_id for row in rows])
        keys = positions.between(low, high, len(rows))
        return _write(actor, board, rows, [(section, key) for key in keys])

    return db.retried(work)


def _gap(actor: Actor, board: Board, before: str | None, section_id: str | None, moving: list[str]) -> tuple[str | None, str | None, str | None]:
    """The section, and the positions that lie around the place, whatever moves left aside."""
    others = (BoardImage.board == board.id) & BoardImage.image_id.not_in(moving)
    position = fn.MAX(BoardImage.position)
    if before is None:
        section = pictures.section_of(board, section_id)
        return section, BoardImage.select(position).where(others & _in(section)).scalar(), None
    anchor = pictures.one(actor, board, before)
    lower = others & _in(anchor.section_id) & (BoardImage.position < anchor.position)
    return anchor.section_id, BoardImage.select(position).where(lower).scalar(), anchor.position


def _in(section_id: str | None) -> Any:
    return BoardImage.section_id.is_null() if section_id is None else BoardImage.section_id == section_id


def step(actor: Actor, board_id: str, image_id: str, by: int) -> str | None:
    """Move a picture so many places back or on among those that the actor sees in its section; the id of the action."""
    board = boards.find(actor, board_id, "board.edit")
    row = pictures.one(actor, board, image_id)
    beside = reading.ids_beside(actor, board.id, row, by)
    if len(beside) < abs(by):
        return None
    if by < 0:
        return move(actor, board_id, [image_id], before=beside[-1])
    after = reading.ids_beside(actor, board.id, row, by + 1)
    if len(after) > by:
        return move(actor, board_id, [image_id], before=after[-1])
    return move(actor, board_id, [image_id], section_id=row.section_id)


def move_after(actor: Actor, board_id: str, ids: Sequence[str], image_id: str) -> str | None:
    """Put pictures behind another one of the board."""
    row = pictures.one(actor, boards.find(actor, board_id, "board.edit"), image_id)
    beside = [each for each in reading.ids_beside(actor, board_id, row, len(ids) + 1) if each not in ids]
    return move(actor, board_id, ids, before=beside[0] if beside else None, section_id=row.section_id)


def set_order(actor: Actor, board_id: str, ids: Sequence[str], *, versions: frozenset[int] | None = None) -> str | None:
    """Put all pictures of the board that the actor sees in this order, within their sections; the id of the action.

    Only the fewest rows change that have to; above 250 in slices. Raises Invalid when the ids are not those of the board.
    """
    ids = pictures.ids_in(ids)
    action_id: str | None = None
    ahead = _read(actor, board_id, ids, versions)
    try:
        for _ in range(TRIES):
            if not ahead.moves:
                return action_id
            if action_id is None and len(ahead.moves) > log.PART:
                with db.writing():
                    action_id = log.begin(actor, MOVED, images=len(ahead.moves), board=board_id)
            is_same = True
            while is_same and ahead.moves:
                is_same = db.retried(partial(_slice, actor, ahead, action_id))
            if not ahead.moves:
                return action_id or ahead.action_id
            ahead = _read(actor, board_id, ids, versions if action_id is None else None)
    finally:
        if action_id:
            log.end(action_id)  # what was done before something failed can be taken back
    raise Conflict("Others are changing this board. Try again in a minute.")


TRIES = 20  # to bring all into an order while others change the board


@dataclass
class _Ahead:
    """What is left to move, as the board was in this `version`."""

    board: Board
    version: int
    moves: list[tuple[BoardImage, Spot]]
    action_id: str | None = None

    def go_on(self, version: int, left: list[tuple[BoardImage, Spot]]) -> None:
        self.version, self.moves = version, left


def _read(actor: Actor, board_id: str, ids: list[str], versions: frozenset[int] | None) -> _Ahead:
    """Outside of a transaction, because others would wait; who writes then asks whether the version is still this one."""
    board = boards.find(actor, board_id, "board.edit")
    boards.check_version(board, versions)
    boards.filled(board)
    rows = {row.image_id: row for row in reading.all_rows(actor, board.id)}
    if set(ids) != set(rows):
        raise Invalid(_ALL, fields={"ids": _ALL})
    moves: list[tuple[BoardImage, Spot]] = []
    for section in dict.fromkeys(row.section_id for row in rows.values()):
        mine = [rows[i] for i in ids if rows[i].section_id == section]
        moves += [(row, (section, key)) for row, key in _new_keys(mine)]
    return _Ahead(board, board.version, moves)


def _slice(actor: Actor, ahead: _Ahead, action_id: str | None) -> bool:
    """Inside a transaction: the next moves, or all where no action runs. False when somebody else has changed the board."""
    board = boards.locked(actor, ahead.board.id)
    if board.version != ahead.version:
        return False
    count = log.slice_size() if action_id else len(ahead.moves)
    now, left = ahead.moves[:count], ahead.moves[count:]
    rows, places = [row for row, _ in now], [place for _, place in now]
    ahead.action_id = _write(actor, board, rows, places, action_id)
    version: int = Board.select(Board.version).where(Board.id == board.id).scalar()
    db.database.after_commit(lambda: ahead.go_on(version, left))
    return True


_ALL = "Name every picture of the board that you see, each once."


def _new_keys(rows: list[BoardImage]) -> list[tuple[BoardImage, str]]:
    """Keys for those that must change to bring all into this order. The longest run that is in order already stays."""
    stay = _longest(rows)
    found: list[tuple[BoardImage, str]] = []
    low: str | None = None
    waiting: list[BoardImage] = []
    for number, row in enumerate([*rows, None]):
        if row is not None and number not in stay:
            waiting.append(row)
            continue
        high = None if row is None else row.position
        found += zip(waiting, positions.between(low, high, len(waiting)), strict=True)
        waiting, low = [], high
    return found


def _longest(rows: list[BoardImage]) -> set[int]:
    """Places of a longest subsequence whose positions grow."""
    ends: list[str] = []
    at: list[int] = []
    before: list[int] = []
    for number, row in enumerate(rows):
        n = bisect_left(ends, row.position)
        before.append(at[n - 1] if n else -1)
        ends[n : n + 1], at[n : n + 1] = [row.position], [number]
    found: set[int] = set()
    number = at[-1] if at else -1
    while number >= 0:
        found.add(number)
        number = before[number]
    return found


def _write(
    actor: Actor, board: Board, rows: Sequence[BoardImage], places: Sequence[Spot], running: str | None = None
) -> str | None:
    """Inside a transaction: as an action of its own, or as a slice of the one that is `running`."""
    steps = [
        Step(pictures.PLACE, row.image_id, [row.section_id, row.position], list(place), board.id)
        for row, place in zip(rows, places, strict=True)
        if (row.section_id, row.position) != place
    ]
    if not steps:
        return None
    set_places(board.id, {each.image_id: tuple(each.after) for each in steps})
    boards.touch(board)
    if running:
        log.add(running, steps, images=len(steps))
        return running
    return log.record(actor, MOVED, steps, images=len(steps), board=board.id)


def set_places(board_id: str, places: dict[str, Spot]) -> None:
    """Inside a transaction: sections and positions, by picture."""
    for part in chunked(places.items(), log.PART):
        ids = [image_id for image_id, _ in part]
        sections = {section for _, (section, _) in part}
        section: Any = sections.pop() if len(sections) == 1 else Case(BoardImage.image_id, [(i, s) for i, (s, _) in part if s], None)
        position = Case(BoardImage.image_id, [(i, key) for i, (_, key) in part])
        BoardImage.update(section_id=section, position=position).where(
            (BoardImage.board == board_id) & BoardImage.image_id.in_(ids)
        ).execute()
