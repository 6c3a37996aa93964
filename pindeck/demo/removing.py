"""Take the demonstration away again: its pictures, boards and people, and nothing that somebody else made meanwhile."""

from collections.abc import Generator
from contextlib import suppress

from pindeck import db
from pindeck.demo import state
from pindeck.errors import Conflict, NotFound
from pindeck.models import Board, Image, User
from pindeck.services.images import trash
from pindeck.states import Role

NOTHING = "There is no demonstration here to remove."


def remove() -> Generator[int, None, None]:
    """After each picture, how many are left. Twice is a Conflict; a run that was broken off goes on."""
    if state.began_at() is None:
        raise Conflict(NOTHING)
    images = list(state.images().values())
    owners = {user.id: state.actor_of(user) for user in state.people().values()}
    yield len(images)
    for left, image in reversed(list(enumerate(images))):
        with suppress(NotFound):  # somebody deleted it in the same moment
            trash.purge(owners[image.user_id], image.id)
        yield left
    _remove_people()
    state.forget()


def _remove_people() -> None:
    """People go with what is theirs alone. One who keeps pictures of their own, or is the last administrator, stays."""
    for user in state.people().values():
        with db.writing():
            db.locked(User.select().where(User.id == user.id)).get_or_none()
            Board.delete().where(Board.user_id == user.id).execute()
            others = User.select().where((User.role == Role.ADMIN) & User.disabled_at.is_null() & (User.id != user.id))
            is_last = user.role == Role.ADMIN and not others.exists()
            if not is_last and not Image.select().where(Image.user == user.id).exists():
                User.delete().where(User.id == user.id).execute()
