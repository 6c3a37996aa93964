"""Objects of a canvas as rows: read, compared with what they become, and written. A step is one object, as it was and as it is."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.errors import Conflict
from pindeck.models import Board, CanvasObject
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb

ADDED = verb("canvas.add", "Placed on the canvas of a board")
MOVED = verb("canvas.move", "Moved on the canvas of a board")
CHANGED = verb("canvas.change", "Changed on the canvas of a board")
REMOVED = verb("canvas.remove", "Took from the canvas of a board")
LAYERED = verb("canvas.layer", "Brought forward or back on the canvas of a board")
GROUPED = verb("canvas.group", "Grouped or ungrouped on the canvas of a board")
ARRANGED = verb("canvas.arrange", "Arranged the canvas of a board")
KIND = "canvas_object"  # a kind of steps; their key is the object
MOST = 2000
COLUMNS = ("kind", "image_id", "x", "y", "width", "height", "layer", "group_id", "text", "color")
WORDS = ("text", "color")
State = dict[str, Any]  # an object as JSON, with the id of its board and without its version


class Kind(StrEnum):
    PICTURE = "picture"
    NOTE = "note"
    SWATCH = "swatch"
    ARROW = "arrow"


class How(StrEnum):
    """By what pictures are arranged."""

    PACKED = "packed"
    COLOUR = "colour"
    PROJECT = "project"


def read(board_id: str, ids: Iterable[str] | None = None) -> dict[str, CanvasObject]:
    """All of a board by id, from the lowest layer up, or those that are named. One statement, or one for each 500 ids."""
    mine = CanvasObject.select().where(CanvasObject.board == board_id)
    if ids is None:
        return {row.id: row for row in mine.order_by(CanvasObject.layer, CanvasObject.id)}
    parts = [mine.where(CanvasObject.id.in_(list(part))) for part in chunked(dict.fromkeys(ids), 500)]
    return {row.id: row for rows in parts for row in rows}


def of_pictures(board_id: str, image_ids: Sequence[str]) -> dict[str, CanvasObject]:
    """By picture: its object, of those that have one. One statement for each 500."""
    mine = CanvasObject.board == board_id
    parts = [CanvasObject.select().where(mine & CanvasObject.image_id.in_(list(part))) for part in chunked(image_ids, 500)]
    return {str(row.image_id): row for rows in parts for row in rows}


def state(row: CanvasObject) -> State:
    return {"board": row.board_id, **{name: getattr(row, name) for name in COLUMNS}}


def leaving(board_id: str, image_ids: Sequence[str]) -> list[Step]:
    """A step for each object that goes with its picture, when that leaves the board."""
    found = of_pictures(board_id, image_ids)
    return [Step(KIND, image_id, state(row), None, row.id) for image_id, row in found.items()]


def steps(before: Mapping[str, State | None], after: Mapping[str, State | None]) -> list[Step]:
    """What differs; None for an object that was not there, or is not there any more."""
    return [Step(KIND, "", before.get(key), now, key) for key, now in after.items() if before.get(key) != now]


def put(board: Board, states: Mapping[str, State | None]) -> None:
    """Inside a transaction that locked the board: these objects stand as told, None for one that is gone, and the board's
    version is a new one. Raises Conflict where they are too many."""
    if not states:
        return
    gone = [key for key, each in states.items() if each is None]
    for keys in chunked(gone, 500):
        CanvasObject.delete().where(CanvasObject.id.in_(list(keys))).execute()
    rows = [
        {"id": key, "board": board.id, "version": board.next_version, **{name: each[name] for name in COLUMNS}}
        for key, each in states.items() if each
    ]  # fmt: skip
    told = [CanvasObject.version, *(getattr(CanvasObject, name) for name in COLUMNS)]
    for part in chunked(rows, 60):
        CanvasObject.insert_many(part).on_conflict(conflict_target=[CanvasObject.id], preserve=told).execute()
    if len(gone) < len(states) and CanvasObject.select().where(CanvasObject.board == board.id).count() > MOST:
        raise Conflict(f"A canvas has at most {MOST:,} objects. Make another board for the rest.", code="CANVAS_FULL")
    Board.change().where(Board.id == board.id).execute()


def copy(board: Board, source_id: str, image_ids: Sequence[str] | None = None) -> list[Step]:
    """Inside a transaction that locked the board: objects of another one stand here as well, those of the pictures that are named,
    or without any the notes, swatches and arrows; a step for each."""
    found = [row for row in read(source_id).values() if not row.image_id] if image_ids is None else of_pictures(source_id, image_ids).values()
    states = {db.new_id(): {**state(row), "board": board.id} for row in found}
    put(board, states)
    return [Step(KIND, each["image_id"] or "", None, each, key) for key, each in states.items()]
