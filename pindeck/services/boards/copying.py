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

COPIED = verb("board.duplicate", "Duplicated a board")


def duplicate(actor: Actor, board_id: str, name: object = "") -> tuple[Board, str]:
    """A board of the actor's with the sections, pictures and notes that it sees on another one, and the id of the action.

    It has no link and no collaborators. Above 250 pictures they come in parts.
    """
    source = boards.find(actor, board_id, "board.edit")
    given = {"name": name or f"{source.name[: boards.MAX_NAME - 7]} (copy)", "description": source.description, "query": source.query}
    columns = boards.checked(actor, given)
    rows = reading.all_rows(actor, source.id)
    rows.sort(key=lambda row: (row.section_id or "", row.position, row.image_id))
    columns["cover_id"] = source.cover_id if any(row.image_id == source.cover_id for row in rows) else None

    def make() -> tuple[Board, dict[str | None, str | None], str]:
        board, made = boards.insert(actor, columns)
        new: dict[str | None, str | None] = {None: None}
        steps = [made]
        for section in reading.sections_of(source.id):
            new[section.id] = db.new_id()
            steps.append(sections.insert(board.id, str(new[section.id]), section.name, section.position))
        action_id = log.begin(actor, COPIED, images=len(rows), board=board.id, name=board.name)
        log.keep(action_id, steps)
        return board, new, action_id

    board, new, action_id = db.retried(make)
    try:
        for n in range(0, len(rows), log.PART):
            _copy(actor, board.id, rows[n : n + log.PART], new, action_id)
    finally:
        log.end(action_id)
    return Board.get_by_id(board.id), action_id


def _copy(actor: Actor, board_id: str, rows: Sequence[BoardImage], new: dict[str | None, str | None], action_id: str) -> None:
    def work() -> None:
        board = boards.locked(actor, board_id)
        known = set(pictures.visible(actor, [row.image_id for row in rows]))
        there = pictures.on_board(board_id, [row.image_id for row in rows])  # a part that was tried again
        steps, now = [], db.now_ms()
        for row in rows:
            if row.image_id in known and row.image_id not in there:
                columns = dict(
                    board=board_id, image_id=row.image_id, section_id=new.get(row.section_id), position=row.position,
                    note=row.note, user_id=actor.user_id, created_at=now,
                )  # fmt: skip
                BoardImage.insert(**columns).execute()
                steps.append(Step(pictures.ON, row.image_id, None, pictures.state(columns), board_id))
        boards.touch(board)
        log.add(action_id, steps, images=len(steps))

    db.retried(work)


def create_from(actor: Actor, name: object, ids: Sequence[str], *, description: object = "") -> tuple[Board, str]:
    """A board with these pictures, as one action; above 250 they come in parts.

    Raises Invalid, and NotFound when the actor sees none of them.
    """
    columns = boards.checked(actor, {"name": name, "description": description})
    ids = pictures.ids_in(ids)
    if len(ids) <= log.PART:
        return db.retried(partial(_create_at_once, actor, columns, ids))
    ids = pictures.seen_among(actor, ids)
    if not ids:
        raise no_image()

    def make() -> tuple[Board, str]:
        board, made = boards.insert(actor, columns)
        action_id = log.begin(actor, boards.MADE, images=len(ids), board=board.id, name=board.name)
        log.keep(action_id, [made])
        return board, action_id

    board, action_id = db.retried(make)
    try:
        for n in range(0, len(ids), log.PART):
            db.retried(partial(_fill, actor, board, ids[n : n + log.PART], action_id))
    finally:
        log.end(action_id)
    return board, action_id


def _create_at_once(actor: Actor, columns: dict[str, Any], ids: list[str]) -> tuple[Board, str]:
    found = pictures.visible(actor, ids)
    if not found:
        raise no_image()
    board, made = boards.insert(actor, columns)
    steps = pictures.put(actor, board, found, None)
    return board, log.record(actor, boards.MADE, [made, *steps], images=len(steps), board=board.id, name=board.name)


def _fill(actor: Actor, board: Board, ids: list[str], action_id: str) -> None:
    boards.locked(actor, board.id)
    steps = pictures.put(actor, board, pictures.visible(actor, ids), None)
    log.add(action_id, steps, images=len(steps))
