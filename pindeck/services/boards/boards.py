"""Boards as things: made, renamed, described, and deleted by who keeps them."""

from collections.abc import Sequence
from typing import Any

from pindeck import access, db, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.models import Board, BoardImage, Project
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.text import clean_text

MADE = verb("board.create", "Made a board")
CHANGED = verb("board.change", "Changed {field} of a board")
DELETED = verb("board.delete", "Deleted a board")
FROZE = verb("board.freeze", "Froze a smart board")
BOARD, FIELD = "board", "board_field"  # kinds of steps; the key of a field is `<board>:<column>`
MAX_NAME, MAX_TEXT = 200, 5000
LABELS = {"name": "the name", "description": "the description", "cover_id": "the cover", "query": "the query"}


def find(actor: Actor, board_id: str, action: str = "board.view") -> Board:
    """A board to look at or to act on. Raises NotFound for one that does not exist for the actor, and Forbidden."""
    rule = access.RULES[action]
    access.require(actor, action if rule.about is None else "board.edit")
    board = Board.get_or_none((Board.id == board_id) & access.boards_of(actor))
    if board is None:
        raise not_found()
    if rule.about is not None:
        access.require(actor, action, board)
    return board  # type: ignore[no-any-return]


def not_found() -> NotFound:
    return NotFound("There is no such board.", code="BOARD_NOT_FOUND")


def locked(actor: Actor, board_id: str, action: str = "board.edit", versions: frozenset[int] | None = None) -> Board:
    """Inside a transaction: the same, and nobody else changes it or what is on it until the end.

    Raises Conflict when it has none of the `versions` any more.
    """
    find(actor, board_id, action)
    board = db.locked(Board.select().where((Board.id == board_id) & Board.deleted_at.is_null())).get_or_none()
    if board is None:
        raise not_found()
    check_version(board, versions)
    return board


def check_version(board: Board, versions: frozenset[int] | None) -> None:
    """Raises Conflict when it has none of the `versions` any more."""
    if versions is not None and board.version not in versions:
        raise Conflict("The board has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)


def filled(board: Board) -> None:
    """Raises Conflict for a smart board, which its query fills."""
    if board.is_smart:
        raise Conflict("A query fills this board. Freeze it to arrange its pictures yourself.", code="BOARD_IS_SMART")


def touch(board: Board) -> None:
    """Inside a transaction: something on it has changed."""
    Board.change().where(Board.id == board.id).execute()


def create(actor: Actor, *, name: object, description: object = "", query: str | None = None) -> tuple[Board, str]:
    """A new board of the actor's, without pictures, and the id of the action. Raises Invalid naming each field at fault."""
    columns = checked(actor, {"name": name, "description": description, "query": query})

    def work() -> tuple[Board, str]:
        board, step = insert(actor, columns)
        return board, log.record(actor, MADE, [step], images=0, board=board.id, name=board.name)

    return db.retried(work)


def insert(actor: Actor, columns: dict[str, Any]) -> tuple[Board, Step]:
    """Inside a transaction: a board with columns that were `checked`, and the step of having made it."""
    access.require(actor, "board.edit")
    now = db.now_ms()
    if actor.project_id is not None:  # a key's project may have just ended
        db.lock_rows(Project.select(Project.id).where(Project.id == actor.project_id), "FOR KEY SHARE")
    board = Board.create(
        id=db.new_id(), user_id=access.require_person(actor), project_id=actor.project_id, created_at=now, updated_at=now,
        name_key=key_of(columns["name"]), **columns,
    )  # fmt: skip
    activity.note(actor, "board.create", board=board.id)
    return board, Step(BOARD, "", None, state(board), board.id)


def state(board: Board) -> dict[str, Any]:
    """How the step of having made a board keeps it, to make it again."""
    names = ("name", "description", "query", "cover_id", "user_id", "project_id", "created_at")
    return {name: getattr(board, name) for name in names}


def key_of(name: str) -> str:
    """What names that look alike have in common."""
    return " ".join(name.casefold().split())


def checked(actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    """What was given as columns: `name`, `description`, `cover` (an image's id), `query`; None empties what may be empty.

    Raises Invalid naming each field at fault.
    """
    access.require(actor, "board.edit")
    found = errors.checked(given, lambda field, value: _CHECKS[field](value))
    return {name: value for columns in found.values() for name, value in columns.items()}


_CHECKS: dict[str, Any] = {
    "name": lambda value: {"name": clean_text(value, field="name", max_length=MAX_NAME, required=True)},
    "description": lambda value: {
        "description": clean_text(value or "", field="description", max_length=MAX_TEXT, multiline=True) or None
    },
    "cover": lambda value: {"cover_id": value or None},
    "query": lambda value: {"query": None if value is None else clean_text(value, field="query", max_length=2000)},
}


def update(actor: Actor, board_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> str | None:
    """Change `name`, `description`, `cover` or `query`; the id of the action, None where nothing changed.

    A cover is a picture of the board. The query of a smart board changes; a board of chosen pictures gets none. Raises
    NotFound, Forbidden, Invalid naming each field at fault, and Conflict.
    """
    columns = checked(actor, given)

    def work() -> str | None:
        board = locked(actor, board_id, versions=versions)
        _check_cover(actor, board, columns)
        if "query" in columns and board.is_smart != (columns["query"] is not None):
            raise Invalid(_QUERY, fields={"query": _QUERY})
        news = {name: value for name, value in columns.items() if getattr(board, name) != value}
        return set_columns(actor, board, CHANGED, news, fields=[LABELS[name] for name in news]) if news else None

    return db.retried(work)


_QUERY = "Only a smart board has a query. Make a new board from the query, or freeze this one."


def _check_cover(actor: Actor, board: Board, columns: dict[str, Any]) -> None:
    cover = columns.get("cover_id")
    there = (BoardImage.board == board.id) & (BoardImage.image_id == cover)
    if cover and not (BoardImage.select().where(there).exists() and access.is_seen(actor, cover)):
        raise Invalid("Choose a picture of this board.", fields={"cover": "Choose a picture of this board."})


def set_columns(actor: Actor, board: Board, how: Any, news: dict[str, Any], **detail: Any) -> str:
    """Inside a transaction: other values in columns of a locked board; the id of the action."""
    steps = field_steps(board, news)
    write(board, news)
    return log.record(actor, how, steps, images=0, board=board.id, **detail)


def field_steps(board: Board, news: dict[str, Any]) -> list[Step]:
    return [Step(FIELD, "", getattr(board, name), value, f"{board.id}:{name}") for name, value in news.items()]


def write(board: Board, columns: dict[str, Any]) -> None:
    """Inside a transaction: the columns of a board, and what is made of them."""
    made = {"name_key": key_of(columns["name"])} if "name" in columns else {}
    Board.change(**columns, **made).where(Board.id == board.id).execute()


def delete(actor: Actor, board_id: str, *, versions: frozenset[int] | None = None) -> str:
    """The board leaves every list, and its link ends; its pictures stay in the library. The id of the action, which can be
    taken back for 30 days. Raises NotFound, Forbidden for a collaborator, Conflict."""

    def work() -> str:
        board = locked(actor, board_id, "board.manage", versions)
        activity.note(actor, "board.delete", board=board.id, name=board.name)
        return set_columns(actor, board, DELETED, {"deleted_at": db.now_ms()})

    return db.retried(work)


def forget(limit: int = 1000) -> int:
    """Boards whose deletion can no longer be taken back go for good, with all that is on them; how many."""
    due: Sequence[str] = [row.id for row in Board.select(Board.id).where(Board.deleted_at < log.oldest()).limit(limit)]
    return Board.delete().where(Board.id.in_(due)).execute() if due else 0
