"""Which boards an actor knows of: its own, those it collaborates on, and an administrator everybody's."""

from typing import Any

from pindeck.access.actor import Actor
from pindeck.models import Board, BoardPerson


def boards_of(actor: Actor) -> Any:
    """The condition of the boards that exist for an actor. The key of a project knows those that it made."""
    return Board.deleted_at.is_null() if actor.is_admin else own_boards(actor)


def boards_named(actor: Actor) -> Any:
    """The condition of the boards whose names an actor reads in the history: those, and what it kept and has deleted."""
    if actor.is_admin:
        return Board.id.is_null(False)
    return own_boards(actor) if actor.project_id is not None else own_boards(actor) | (Board.user_id == actor.user_id)


def own_boards(actor: Actor) -> Any:
    """Those that are the actor's own or that it collaborates on, for an administrator as well."""
    shared = BoardPerson.select(BoardPerson.board).where(BoardPerson.user_id == actor.user_id)
    mine = Board.deleted_at.is_null() & ((Board.user_id == actor.user_id) | Board.id.in_(shared))
    return mine if actor.project_id is None else mine & (Board.project_id == actor.project_id)
