"""Pictures come onto a board and leave it, and get a note there."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from peewee import chunked, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, no_image
from pindeck.models import Board, BoardImage, BoardSection, Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, positions
from pindeck.services.boards.canvas import objects
from pindeck.text import can_be_id, clean_text

ADDED = verb("board.add", "Added to a board")
REMOVED = verb("board.remove", "Removed from a board")
NOTED = verb("board.note", "Wrote a note on a board")
ON, PLACE, NOTE = "board_image", "board_place", "board_note"  # kinds of steps; their key is the board
MOST, MAX_NOTE = 10_000, 2000


def ids_in(ids: Iterable[str], most: int = 10_000) -> list[str]:
    """The ids that were chosen, each once. Raises Invalid when nothing or too much was."""
    found = [i for i in dict.fromkeys(ids) if can_be_id(i)]
    if not found or len(found) > most:
        message = "Choose at least one picture." if not found else f"Choose at most {most:,} pictures at a time."
        raise Invalid(message, fields={"ids": message})
    return found


def visible(actor: Actor, ids: Sequence[str]) -> list[str]:
    """Those of the ids that are pictures which the actor may put on a board, in the order given. They stay until the
    transaction ends. Give 250 at most."""
    wanted = Image.id.in_(ids) & access.seen(actor).expression() & access.LIVE.expression()
    found = db.locked(Image.select().where(wanted).order_by(Image.seq), "FOR KEY SHARE")
    known = {image.id for image in found if access.can(actor, "image.collect", image)}
    return [i for i in ids if i in known]


def add(
    actor: Actor, board_id: str, ids: Sequence[str], *, section_id: str | None = None, versions: frozenset[int] | None = None
) -> tuple[list[str], str | None]:
    """Put pictures at the end of a board, or of one of its sections; those that were not there, and the id of the action.

    Raises NotFound when the actor sees none of them, and Conflict for a full or a smart board.
    """
    ids = ids_in(ids)
    new: list[str] = []

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        checked = versions if part[0] == ids[0] else None
        steps, _ = add_some(actor, part, action_id, board=board_id, section=section_id, versions=checked, is_all=len(ids) <= log.PART)
        new.extend(step.image_id for step in steps)
        return steps, len(steps)

    return new, log.in_parts(actor, ADDED, ids, work, board=board_id)


def add_some(
    actor: Actor, ids: list[str], action_id: str, *, board: str, section: str | None = None,
    versions: frozenset[int] | None = None, is_all: bool = False,
) -> tuple[list[Step], int]:  # fmt: skip
    """Inside a transaction: a slice of what is added; its steps, and how many came. Raises NotFound where none of all is seen."""
    locked = boards.locked(actor, board, versions=versions)
    boards.filled(locked)
    found = visible(actor, ids)
    if not found and is_all:
        raise no_image()
    steps = put(actor, locked, found, section_of(locked, section))
    return steps, len(steps)


def put(actor: Actor, board: Board, ids: Sequence[str], section_id: str | None, notes: dict[str, str | None] | None = None) -> list[Step]:
    """Inside a transaction: these pictures stand at the end; a step for each that was not on the board."""
    there = on_board(board.id, ids)
    new = [i for i in ids if i not in there]
    check_room(board, len(new))
    now, keys = db.now_ms(), positions.between(last_of(board.id, section_id), None, len(new))
    rows = [
        dict(board=board.id, image_id=i, section_id=section_id, position=key, note=(notes or {}).get(i),
             user_id=actor.user_id, created_at=now)
        for i, key in zip(new, keys, strict=True)
    ]  # fmt: skip
    db.insert_rows(BoardImage, rows)
    if new:
        boards.touch(board)
    return [Step(ON, str(row["image_id"]), None, state(row), board.id) for row in rows]


def check_room(board: Board, more: int) -> None:
    """Raises Conflict where so many more would be too many."""
    count = BoardImage.select().where(BoardImage.board == board.id).count() if more else 0
    if count + more > MOST:
        raise Conflict(f"A board has at most {MOST:,} pictures. Make another board for the rest.", code="BOARD_FULL")


def state(row: Any) -> dict[str, Any]:
    """How a step keeps a picture of a board, to put it back as it was."""
    get = row.get if isinstance(row, dict) else partial(getattr, row)
    return {
        "section": get("section_id"), "position": get("position"), "note": get("note"), "by": get("user_id"),
        "at": get("created_at"),
    }  # fmt: skip


def on_board(board_id: str, ids: Sequence[str]) -> dict[str, BoardImage]:
    """Those of the pictures that are on the board, by id."""
    mine = BoardImage.board == board_id
    parts = [BoardImage.select().where(mine & BoardImage.image_id.in_(list(some))) for some in chunked(ids, 1000)]
    return {row.image_id: row for rows in parts for row in rows}


def last_of(board_id: str, section_id: str | None) -> str | None:
    """The last position in a section."""
    here = (BoardImage.board == board_id) & (
        BoardImage.section_id.is_null() if section_id is None else BoardImage.section_id == section_id
    )
    return BoardImage.select(fn.MAX(BoardImage.position)).where(here).scalar()  # type: ignore[no-any-return]


def section_of(board: Board, section_id: str | None) -> str | None:
    """The id of a section of this board. Raises Invalid."""
    if not section_id:
        return None
    if not BoardSection.select().where((BoardSection.id == section_id) & (BoardSection.board == board.id)).exists():
        raise Invalid("Choose a section of this board.", fields={"section": "Choose a section of this board."})
    return section_id


def remove(
    actor: Actor, board_id: str, ids: Sequence[str], *, versions: frozenset[int] | None = None
) -> tuple[list[str], str | None]:
    """Take pictures from a board: those that were there and that the actor sees, and the id of the action."""
    ids = ids_in(ids)
    gone: list[str] = []

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        steps, count = remove_some(actor, part, action_id, board=board_id, versions=versions if part[0] == ids[0] else None)
        gone.extend(step.image_id for step in steps if step.kind == ON)
        return steps, count

    return gone, log.in_parts(actor, REMOVED, ids, work, board=board_id)


def remove_some(
    actor: Actor, ids: list[str], action_id: str, *, board: str, versions: frozenset[int] | None = None
) -> tuple[list[Step], int]:
    """Inside a transaction: a slice of what is taken from a board, with its objects on the canvas; the steps, and how many pictures went."""
    locked = boards.locked(actor, board, versions=versions)
    boards.filled(locked)
    there = on_board(locked.id, seen_among(actor, ids))
    steps = [Step(ON, row.image_id, state(row), None, locked.id) for row in there.values()]
    if steps:
        steps += objects.leaving(locked.id, list(there))
        BoardImage.delete().where((BoardImage.board == locked.id) & BoardImage.image_id.in_(list(there))).execute()
        boards.touch(locked)
    return steps, len(there)


def seen_among(actor: Actor, ids: Sequence[str]) -> list[str]:
    """Those of the pictures that a board shows to the actor, in the order given."""
    shown = access.seen(actor).expression() & access.LIVE.expression()
    parts = [Image.select(Image.id).where(Image.id.in_(list(some)) & shown) for some in chunked(ids, 1000)]
    known = {row.id for rows in parts for row in rows}
    return [i for i in ids if i in known]


def write_note(actor: Actor, board_id: str, image_id: str, text: object, *, versions: frozenset[int] | None = None) -> str | None:
    """Write the note of a picture on a board, or delete it; the id of the action, None where nothing changed.

    Raises NotFound for a picture that the board does not show to the actor, Invalid, Conflict.
    """
    new = clean_text(text or "", field="note", max_length=MAX_NOTE, multiline=True) or None

    def work() -> str | None:
        board = boards.locked(actor, board_id, versions=versions)
        row = one(actor, board, image_id)
        if row.note == new:
            return None
        set_note(board.id, image_id, new)
        boards.touch(board)
        return log.record(actor, NOTED, [Step(NOTE, image_id, row.note, new, board.id)], images=1, board=board.id)

    return db.retried(work)


def set_note(board_id: str, image_id: str, text: str | None) -> None:
    BoardImage.update(note=text).where((BoardImage.board == board_id) & (BoardImage.image_id == image_id)).execute()


def one(actor: Actor, board: Board, image_id: str) -> BoardImage:
    """A picture of a board as the actor sees it. Raises NotFound."""
    row = on_board(board.id, seen_among(actor, [image_id])).get(image_id)
    if row is None:
        raise NotFound("This picture is not on the board.", code="NOT_ON_BOARD")
    return row
