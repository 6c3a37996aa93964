"""Sections of a board: added, renamed, moved, and removed, whose pictures then stand before all sections."""

from peewee import fn

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Board, BoardImage, BoardSection
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, ordering, pictures, positions, reading
from pindeck.text import clean_text

CHANGED = verb("board.sections", "Changed the sections of a board")
KIND = "board_section"  # of steps; the key is the section
MAX_NAME = 120


def add(actor: Actor, board_id: str, name: object) -> tuple[str, str]:
    """A new section at the end: its id, and the id of the action. Raises Invalid, Conflict for the fifty-first."""
    name = clean_text(name, field="name", max_length=MAX_NAME, required=True)

    def work() -> tuple[str, str]:
        board = boards.locked(actor, board_id)
        boards.filled(board)
        mine = BoardSection.board == board.id
        if BoardSection.select().where(mine).count() >= reading.MOST_SECTIONS:
            raise Conflict(f"A board has at most {reading.MOST_SECTIONS} sections.", code="BOARD_FULL")
        last = BoardSection.select(fn.MAX(BoardSection.position)).where(mine).scalar()
        section_id = db.new_id()
        made = insert(board.id, section_id, str(name), positions.between(last, None)[0])
        boards.touch(board)
        return section_id, log.record(actor, CHANGED, [made], images=0, board=board.id, parts=[name])

    return db.retried(work)


def insert(board_id: str, section_id: str, name: str, position: str) -> Step:
    BoardSection.insert(id=section_id, board=board_id, name=name, position=position).execute()
    return Step(KIND, "", None, {"board": board_id, "name": name, "position": position}, section_id)


def state(section: BoardSection) -> dict[str, str]:
    return {"board": section.board_id, "name": section.name, "position": section.position}


def get(section_id: str) -> BoardSection:
    """Raises NotFound."""
    section = BoardSection.get_or_none(BoardSection.id == section_id)
    if section is None:
        raise _none()
    return section  # type: ignore[no-any-return]


def rename(actor: Actor, board_id: str, section_id: str, name: object) -> str | None:
    """Raises NotFound, Invalid. The id of the action, None where nothing changed."""
    return _set(actor, board_id, section_id, name=clean_text(name, field="name", max_length=MAX_NAME, required=True))


def move(actor: Actor, board_id: str, section_id: str, by: int) -> str | None:
    """One place back or on; the pictures go along. The id of the action, None at the end."""
    order = reading.sections_of(boards.find(actor, board_id, "board.edit").id)
    at = next((n for n, section in enumerate(order) if section.id == section_id), None)
    if at is None:
        raise _none()
    to = at + by
    if not 0 <= to < len(order):
        return None
    around = (to - 1, to) if by < 0 else (to, to + 1)
    low, high = (order[n].position if 0 <= n < len(order) else None for n in around)
    return _set(actor, board_id, section_id, position=positions.between(low, high)[0])


def _set(actor: Actor, board_id: str, section_id: str, **columns: str) -> str | None:
    def work() -> str | None:
        board = boards.locked(actor, board_id)
        section = _one(board, section_id)
        before = state(section)
        after = {**before, **columns}
        if before == after:
            return None
        BoardSection.update(**columns).where(BoardSection.id == section_id).execute()
        boards.touch(board)
        step = Step(KIND, "", before, after, section_id)
        return log.record(actor, CHANGED, [step], images=0, board=board.id, parts=[section.name])

    return db.retried(work)


def remove(actor: Actor, board_id: str, section_id: str) -> str | None:
    """The section ends; its pictures come after those without one. The id of the action.

    Pictures leave it in parts, and with the last part it goes. Raises NotFound.
    """
    board = boards.find(actor, board_id, "board.edit")
    name = _one(board, section_id).name
    inside = BoardImage.select(BoardImage.image_id).where(BoardImage.section_id == section_id).order_by(BoardImage.position)
    ids = [row.image_id for row in inside]

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        board = boards.locked(actor, board_id)
        there = [row for row in pictures.on_board(board.id, part).values() if row.section_id == section_id]
        there.sort(key=lambda row: row.position)
        was = state(_one(board, section_id)) if there else {}
        keys = positions.between(pictures.last_of(board.id, None), None, len(there))
        steps = [
            Step(pictures.PLACE, row.image_id, [section_id, row.position, was], [None, key], board.id)
            for row, key in zip(there, keys, strict=True)
        ]
        ordering.set_places(board.id, {row.image_id: (None, key) for row, key in zip(there, keys, strict=True)})
        return [*steps, *_end(board, section_id)], len(steps)

    if ids:
        return log.in_parts(actor, CHANGED, ids, work, board=board_id, parts=[name])

    def alone() -> str | None:
        board = boards.locked(actor, board_id)
        steps = _end(board, section_id)
        return log.record(actor, CHANGED, steps, images=0, board=board.id, parts=[name]) if steps else None

    return db.retried(alone)


def _end(board: Board, section_id: str) -> list[Step]:
    """Inside a transaction: the section goes if nothing is in it any more."""
    section = BoardSection.get_or_none((BoardSection.id == section_id) & (BoardSection.board == board.id))
    if section is None or BoardImage.select().where(BoardImage.section_id == section_id).exists():
        return []
    BoardSection.delete().where(BoardSection.id == section_id).execute()
    boards.touch(board)
    return [Step(KIND, "", state(section), None, section_id)]


def _one(board: Board, section_id: str) -> BoardSection:
    section = BoardSection.get_or_none((BoardSection.id == section_id) & (BoardSection.board == board.id))
    if section is None:
        raise _none()
    return section  # type: ignore[no-any-return]


def _none() -> NotFound:
    return NotFound("There is no such section.", code="SECTION_NOT_FOUND")
