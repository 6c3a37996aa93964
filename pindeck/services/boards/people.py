"""Collaborators: people who edit a board of somebody else."""

from collections.abc import Sequence

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Board, BoardPerson, User
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.boards import boards
from pindeck.states import Role

CHANGED = verb("board.people", "Changed who edits a board")
KIND = "board_person"  # of steps; the key is `<board>:<person>`
MOST = 50


def of_board(board_id: str) -> list[User]:
    """The collaborators, by name."""
    mine = BoardPerson.select(BoardPerson.user_id).where(BoardPerson.board == board_id)
    return sorted(User.select().where(User.id.in_(mine)), key=lambda user: user.display_name.casefold())


def of_boards(board_ids: list[str]) -> dict[str, list[str]]:
    """By board: the ids of its collaborators."""
    found: dict[str, list[str]] = {}
    for row in BoardPerson.select().where(BoardPerson.board.in_(board_ids)).order_by(BoardPerson.user_id):
        found.setdefault(row.board_id, []).append(row.user_id)
    return found


def offered(board: Board) -> list[User]:
    """People who could edit it as well, by name: everybody with an account."""
    there = BoardPerson.select(BoardPerson.user_id).where(BoardPerson.board == board.id)
    able = User.disabled_at.is_null() & (User.role != Role.GUEST) & (User.id != board.user_id) & User.id.not_in(there)
    return sorted(User.select().where(able).limit(500), key=lambda user: user.display_name.casefold())


def set_all(actor: Actor, board_id: str, user_ids: Sequence[str], *, versions: frozenset[int] | None = None) -> str | None:
    """Let these people edit a board, and nobody else besides its owner; the id of the action, None where nothing changed.

    Raises Forbidden for who does not keep it, Invalid for somebody without an account.
    """

    def work() -> str | None:
        board = boards.locked(actor, board_id, "board.manage", versions)
        wanted = set(user_ids) - {board.user_id}
        before = _there(board)
        _check(wanted, before)
        return _change(actor, board, wanted - before, before - wanted)

    return db.retried(work)


def add(actor: Actor, board_id: str, user_id: str) -> str | None:
    """The same for one more."""

    def work() -> str | None:
        board = boards.locked(actor, board_id, "board.manage")
        before = _there(board)
        wanted = before | {user_id} - {board.user_id}
        _check(wanted, before)
        return _change(actor, board, wanted - before, set())

    return db.retried(work)


def _there(board: Board) -> set[str]:
    return {row.user_id for row in BoardPerson.select().where(BoardPerson.board == board.id)}


def remove(actor: Actor, board_id: str, user_id: str) -> str | None:
    """One less. A collaborator may leave."""

    def work() -> str | None:
        board = boards.locked(actor, board_id, "board.edit" if user_id == actor.user_id else "board.manage")
        mine = (BoardPerson.board == board.id) & (BoardPerson.user_id == user_id)
        return _change(actor, board, set(), {user_id}) if BoardPerson.select().where(mine).exists() else None

    return db.retried(work)


def _change(actor: Actor, board: Board, come: set[str], go: set[str]) -> str | None:
    steps = [Step(KIND, "", False, True, f"{board.id}:{user_id}") for user_id in sorted(come)]
    steps += [Step(KIND, "", True, False, f"{board.id}:{user_id}") for user_id in sorted(go)]
    if not steps:
        return None
    write(board.id, come, go)
    boards.touch(board)
    activity.note(actor, "board.people", board=board.id, added=sorted(come), removed=sorted(go))
    return log.record(actor, CHANGED, steps, images=0, board=board.id, people=sorted(come | go))


def write(board_id: str, come: set[str], go: set[str]) -> None:
    if come:
        BoardPerson.insert_many([dict(board=board_id, user_id=user_id) for user_id in sorted(come)]).execute()
    if go:
        BoardPerson.delete().where((BoardPerson.board == board_id) & BoardPerson.user_id.in_(sorted(go))).execute()


def _check(wanted: set[str], before: set[str]) -> None:
    new = sorted(wanted - before)
    able = User.id.in_(new) & User.disabled_at.is_null() & (User.role != Role.GUEST)
    if new and User.select().where(able).count() < len(new):
        raise _wrong("Choose people who have an account.")
    if len(wanted) > MOST:
        raise _wrong(f"A board has at most {MOST} collaborators.")


def _wrong(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"collaborators": sentence})
