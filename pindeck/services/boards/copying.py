"""A board made from another one, or from chosen pictures."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import no_image
from pindeck.models import Board, BoardImage
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, pictures, reading, sections
from pindeck.services.boards.canvas import objects

COPIED = verb("board.duplicate", "Duplicated a board")


def duplicate(actor: Actor, board_id: str, name: object = "") -> tuple[Board, str]:
    """A board of the actor's with the sections, pictures, notes and canvas that it sees on another one, and the id of the action.

    It has no link and no collaborators. Above 250 pictures they come in slices.
    """
    source, columns, ids = to_copy(actor, board_id, name)

    def make() -> tuple[Board, str, dict[str, str]]:
        board, steps, sections_to = make_copy(actor, source, columns)
        action_id = log.begin(actor, COPIED, images=len(ids), board=board.id, name=board.name)
        log.keep(action_id, steps)
        return board, action_id, sections_to

    board, action_id, new = db.retried(make)
    in_slices(action_id, ids, partial(copy_some, actor, board=board.id, source=source.id, sections=new))
    return Board.get_by_id(board.id), action_id


def to_copy(actor: Actor, board_id: str, name: object) -> tuple[Board, dict[str, Any], list[str]]:
    """The board that is copied, the columns of the copy, and its pictures. Raises NotFound and Invalid."""
    source = boards.find(actor, board_id, "board.edit")
    given = {"name": name or f"{source.name[: boards.MAX_NAME - 7]} (copy)", "description": source.description, "query": source.query}
    columns = boards.checked(actor, given)
    rows = reading.all_rows(actor, source.id)
    rows.sort(key=lambda row: (row.section_id or "", row.position, row.image_id))
    columns["cover_id"] = source.cover_id if any(row.image_id == source.cover_id for row in rows) else None
    return source, columns, [row.image_id for row in rows]


def make_copy(actor: Actor, source: Board, columns: dict[str, Any]) -> tuple[Board, list[Step], dict[str, str]]:
    """Inside a transaction: a board without pictures, with the sections of another one and what else is on its canvas; by section
    there, the one here."""
    board, made = boards.insert(actor, columns)
    new: dict[str, str] = {}
    steps = [made]
    for section in reading.sections_of(source.id):
        new[section.id] = db.new_id()
        steps.append(sections.insert(board.id, new[section.id], section.name, section.position))
    return board, [*steps, *objects.copy(board, source.id)], new


def copy_some(
    actor: Actor, ids: list[str], action_id: str, *, board: str, source: str, sections: dict[str, str]
) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of the pictures, with their places, notes and objects, as far as they are not there yet."""
    locked = boards.locked(actor, board)
    known, there = set(pictures.visible(actor, ids)), pictures.on_board(board, ids)
    now = db.now_ms()
    rows = [
        dict(
            board=board, image_id=row.image_id, section_id=sections.get(row.section_id or ""), position=row.position, note=row.note,
            user_id=actor.user_id, created_at=now,
        )
        for row in pictures.on_board(source, ids).values()
        if row.image_id in known and row.image_id not in there
    ]  # fmt: skip
    db.insert_rows(BoardImage, rows)
    steps = [Step(pictures.ON, str(row["image_id"]), None, pictures.state(row), board) for row in rows]
    steps += objects.copy(locked, source, [step.image_id for step in steps])
    boards.touch(locked)
    return steps, len(rows)


def create_from(actor: Actor, name: object, ids: Sequence[str], *, description: object = "") -> tuple[Board, str]:
    """A board with these pictures, as one action; above 250 they come in slices.

    Raises Invalid, and NotFound when the actor sees none of them.
    """
    columns, ids = to_create(actor, name, ids, description)
    if len(ids) <= log.PART:
        return db.retried(partial(_create_at_once, actor, columns, ids))

    def make() -> tuple[Board, str]:
        board, made = boards.insert(actor, columns)
        action_id = log.begin(actor, boards.MADE, images=len(ids), board=board.id, name=board.name)
        log.keep(action_id, [made])
        return board, action_id

    board, action_id = db.retried(make)
    in_slices(action_id, ids, partial(fill_some, actor, board=board.id))
    return board, action_id


def to_create(actor: Actor, name: object, ids: Sequence[str], description: object) -> tuple[dict[str, Any], list[str]]:
    """The columns of a board to make, and the pictures it gets: where they are many, those that the actor sees."""
    columns = boards.checked(actor, {"name": name, "description": description})
    ids = pictures.ids_in(ids)
    if len(ids) > log.PART and not (ids := pictures.seen_among(actor, ids)):
        raise no_image()
    return columns, ids


def _create_at_once(actor: Actor, columns: dict[str, Any], ids: list[str]) -> tuple[Board, str]:
    found = pictures.visible(actor, ids)
    if not found:
        raise no_image()
    board, made = boards.insert(actor, columns)
    steps = pictures.put(actor, board, found, None)
    return board, log.record(actor, boards.MADE, [made, *steps], images=len(steps), board=board.id, name=board.name)


def fill_some(actor: Actor, ids: list[str], action_id: str, *, board: str) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of the pictures of a board that was just made or frozen."""
    steps = pictures.put(actor, boards.locked(actor, board), pictures.visible(actor, ids), None)
    return steps, len(steps)


def in_slices(action_id: str, ids: list[str], work: log.Work) -> None:
    """Within the request: what was done before something failed can be taken back."""
    try:
        log.go_on(action_id, ids, work, lambda done, of: None)
    finally:
        log.end(action_id)
