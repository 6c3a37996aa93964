"""Storyboards as things: made from a board, named, copied and deleted."""

from itertools import count
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Board, BoardImage, Storyboard
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards, reading
from pindeck.services.boards.storyboards import frames, layout
from pindeck.services.boards.storyboards.layout import Frame, Frames, Style
from pindeck.text import clean_text

MADE = verb("storyboard.create", "Made a storyboard")
CHANGED = verb("storyboard.change", "Changed {field} of a storyboard")
DELETED = verb("storyboard.delete", "Deleted a storyboard")
SHARED = verb("storyboard.share", "Made the public link of a storyboard")  # `sharing.py`
REVOKED = verb("storyboard.revoke", "Revoked the public link of a storyboard")
STORYBOARD, FIELD = "storyboard", "storyboard_field"  # kinds of steps; the key of a field is `<storyboard>:<column>`
BUILDER, QUICK = "storyboard:board-layout-v1", "storyboard:grid-3x2"  # what it was made with, as the specification names it
ASPECTS = ("2.39", "1.85", "16:9", "4:3", "9:16")
MAX_TITLE = 200
EMPTY = "This board has no pictures yet. Add some, and then make the storyboard."


def of_actor(actor: Actor) -> Any:
    """The condition of the storyboards that exist for an actor: those of its boards."""
    mine = Board.select(Board.id).where(access.boards_of(actor))
    return Storyboard.deleted_at.is_null() & Storyboard.board.in_(mine)


def find(actor: Actor, storyboard_id: str, action: str = "board.view") -> Storyboard:
    """Raises NotFound for one that does not exist for the actor, and Forbidden."""
    access.require(actor, action)
    found = Storyboard.get_or_none((Storyboard.id == storyboard_id) & of_actor(actor))
    if found is None:
        raise NotFound("There is no such storyboard.", code="STORYBOARD_NOT_FOUND")
    return found  # type: ignore[no-any-return]


def locked(actor: Actor, storyboard_id: str, versions: frozenset[int] | None = None) -> Storyboard:
    """Inside a transaction: the same for who edits it, and nobody else changes it until the end.

    Raises Conflict when it has none of the `versions` any more.
    """
    find(actor, storyboard_id, "board.edit")
    found = db.locked(Storyboard.select().where((Storyboard.id == storyboard_id) & Storyboard.deleted_at.is_null())).get_or_none()
    if found is None:
        raise NotFound("There is no such storyboard.", code="STORYBOARD_NOT_FOUND")
    if versions is not None and found.version not in versions:
        raise Conflict("The storyboard has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)
    return found  # type: ignore[no-any-return]


def editable(actor: Actor, storyboard_id: str, *, deleted: bool = False) -> Storyboard | None:
    """Inside a transaction: the locked storyboard, if the actor edits it; with `deleted` also one that was deleted."""
    if not access.can(actor, "board.edit"):
        return None
    mine = Storyboard.board.in_(Board.select(Board.id).where(access.boards_of(actor)))
    there = (Storyboard.id == storyboard_id) & mine
    if not deleted:
        there &= Storyboard.deleted_at.is_null()
    return db.locked(Storyboard.select().where(there)).get_or_none()  # type: ignore[no-any-return]


def list_of(actor: Actor, board_id: str) -> list[Storyboard]:
    """Those of a board, the newest first. Raises NotFound."""
    return of_board(boards.find(actor, board_id))


def list_page(
    actor: Actor, board_id: str | None = None, *, limit: int, after: str | None = None
) -> tuple[list[Storyboard], str | None]:
    """Those of all boards of the actor, or of one, the newest first, and the id to go on from. Raises NotFound."""
    access.require(actor, "board.view")
    wanted = of_actor(actor)
    if board_id is not None:
        wanted &= Storyboard.board == boards.find(actor, board_id).id
    if after is not None:
        wanted &= Storyboard.id < after
    found = list(Storyboard.select().where(wanted).order_by(Storyboard.id.desc()).limit(limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def of_board(board: Board) -> list[Storyboard]:
    """The same of a board that was found."""
    mine = (Storyboard.board == board.id) & Storyboard.deleted_at.is_null()
    return list(Storyboard.select().where(mine).order_by(Storyboard.id.desc()))


def of_boards(board_ids: list[str]) -> dict[str, list[Storyboard]]:
    """By board: its storyboards, the newest first. One statement."""
    found: dict[str, list[Storyboard]] = {}
    mine = Storyboard.board.in_(board_ids) & Storyboard.deleted_at.is_null()
    for row in Storyboard.select().where(mine).order_by(Storyboard.id.desc()):
        found.setdefault(row.board_id, []).append(row)
    return found


def create(actor: Actor, board_id: str, *, title: object = None, is_quick: bool = False) -> tuple[Storyboard, str]:
    """One of a board, to be built, or at once with all pictures of the board in reading order (`is_quick`); and the id of the
    action. Raises NotFound, Forbidden, Invalid, and Conflict for a board without pictures or with too many of them."""
    name = clean_text(title, field="title", max_length=MAX_TITLE) if title is not None else ""

    def work() -> tuple[Storyboard, str]:
        board = boards.locked(actor, board_id)
        boards.filled(board)
        shots = _in_order(actor, board) if is_quick else []
        if is_quick and not shots:
            raise Conflict(EMPTY, code="BOARD_EMPTY")
        made = layout.fill((), shots, db.new_id) if is_quick else layout.Changed(_begin())
        return _insert(actor, board, name or _new_title(board), QUICK if is_quick else BUILDER, made.frames)

    return db.retried(work)


def _begin() -> Frames:
    """What the builder starts with."""
    return Frame(db.new_id(), Style.GRID), Frame(db.new_id(), Style.HERO)


def _new_title(board: Board) -> str:
    """One that none of its others has."""
    taken, plain = {row.title for row in of_board(board)}, f"{board.name[: MAX_TITLE - 16]} Storyboard"
    return next(title for n in count(1) if (title := plain if n == 1 else f"{plain} {n}") not in taken)


def _in_order(actor: Actor, board: Board) -> list[str]:
    """The pictures of a board as somebody reads them: by sections, each in its order."""
    order = {None: 0} | {section.id: n for n, section in enumerate(reading.sections_of(board.id), 1)}
    rows: list[BoardImage] = reading.all_rows(actor, board.id)
    return [row.image_id for row in sorted(rows, key=lambda row: order.get(row.section_id, 0))]


def _insert(actor: Actor, board: Board, title: str, template: str, made: Frames, aspect: str = "") -> tuple[Storyboard, str]:
    frames.check(made)
    now = db.now_ms()
    new = Storyboard.create(
        id=db.new_id(), board=board.id, user_id=access.require_person(actor), title=title, template=template, aspect=aspect,
        created_at=now, updated_at=now,
    )  # fmt: skip
    steps = [Step(STORYBOARD, "", None, state(new), new.id), *frames.write(new.id, (), made)]
    activity.note(actor, "storyboard.create", storyboard=new.id, board=board.id)
    return new, log.record(actor, MADE, steps, images=0, storyboard=new.id)


def state(row: Storyboard) -> dict[str, Any]:
    """How the step of having made it keeps it, to make it again."""
    return {name: getattr(row, name) for name in ("board_id", "user_id", "title", "template", "aspect", "created_at")}


def duplicate(actor: Actor, storyboard_id: str, title: object = None) -> tuple[Storyboard, str]:
    """Another one of the same board with the same frames and shots; and the id of the action. Raises NotFound, Forbidden, Invalid."""
    name = clean_text(title, field="title", max_length=MAX_TITLE) if title is not None else ""

    def work() -> tuple[Storyboard, str]:
        source = locked(actor, storyboard_id)
        copies = frames.copied(frames.read(source.id))
        board = boards.find(actor, source.board_id, "board.edit")
        return _insert(actor, board, name or f"{source.title[: MAX_TITLE - 7]} (copy)", source.template, copies, source.aspect)

    return db.retried(work)


def update(actor: Actor, storyboard_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> str | None:
    """Change `title` or `aspect` (one of ASPECTS, empty for none); the id of the action, None where nothing changed.

    Raises NotFound, Forbidden, Invalid naming the field, Conflict.
    """
    columns = {name: _CHECKS[name](value) for name, value in given.items()}

    def work() -> str | None:
        row = locked(actor, storyboard_id, versions)
        news = {name: value for name, value in columns.items() if getattr(row, name) != value}
        return set_columns(actor, row, CHANGED, news, fields=[_LABELS[name] for name in news]) if news else None

    return db.retried(work)


def _aspect(value: object) -> str:
    if value in (None, ""):
        return ""
    if value not in ASPECTS:
        raise invalid("aspect", f"Choose one of {', '.join(ASPECTS)}, or none.")
    return str(value)


_CHECKS: dict[str, Any] = {
    "title": lambda value: clean_text(value, field="title", max_length=MAX_TITLE, required=True),
    "aspect": _aspect,
}
_LABELS = {"title": "the title", "aspect": "the mask", "deleted_at": "its end"}


def delete(actor: Actor, storyboard_id: str, *, versions: frozenset[int] | None = None) -> str:
    """It leaves every list; the id of the action, which can be taken back for 30 days. Raises NotFound, Forbidden, Conflict."""

    def work() -> str:
        row = locked(actor, storyboard_id, versions)
        activity.note(actor, "storyboard.delete", storyboard=row.id, name=row.title)
        return set_columns(actor, row, DELETED, {"deleted_at": db.now_ms()})

    return db.retried(work)


def set_columns(actor: Actor, row: Storyboard, how: Any, news: dict[str, Any], **detail: Any) -> str:
    """Inside a transaction: other values in columns of a locked storyboard; the id of the action."""
    steps = [Step(FIELD, "", getattr(row, name), value, f"{row.id}:{name}") for name, value in news.items()]
    Storyboard.change(**news).where(Storyboard.id == row.id).execute()
    return log.record(actor, how, steps, images=0, storyboard=row.id, **detail)


def forget(limit: int = 1000) -> int:
    """Those whose deletion can no longer be taken back go for good; how many."""
    due = [row.id for row in Storyboard.select(Storyboard.id).where(Storyboard.deleted_at < log.oldest()).limit(limit)]
    return Storyboard.delete().where(Storyboard.id.in_(due)).execute() if due else 0
