"""What administrators do with accounts: roles, disabling, signing out. There is always an administrator left."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Session, User
from pindeck.services import activity
from pindeck.services.accounts import sessions
from pindeck.states import Role


def list_users(actor: Actor) -> list[User]:
    """Everybody with an account, the oldest first. Guests are not listed."""
    access.require(actor, "admin")
    return list(User.select().where(User.role != Role.GUEST).order_by(User.created_at, User.id))


def _other(actor: Actor, user_id: str) -> User:
    access.require(actor, "admin")
    user = User.get_or_none((User.id == user_id) & (User.role != Role.GUEST))
    if user is None:
        raise NotFound("There is no such account.")
    return user


def _keep_an_admin(user: User) -> None:
    """Inside a transaction that would take an administrator away. Raises Conflict for the last one."""
    admins = User.select(User.id).where((User.role == Role.ADMIN) & User.disabled_at.is_null())
    if [admin.id for admin in admins] == [user.id]:
        raise Conflict("This is the last administrator. Make somebody else one first.")


def set_role(actor: Actor, user_id: str, role: str) -> User:
    user = _other(actor, user_id)
    if role not in (Role.ADMIN, Role.CURATOR):
        sentence = "Choose administrator or curator."
        raise invalid("role", sentence)
    with db.writing():
        _lock_people()
        if role != Role.ADMIN:
            _keep_an_admin(user)
        User.update(role=role).where(User.id == user.id).execute()
        activity.note(actor, "account.role", account=user.id, to=role)
    return User.get_by_id(user.id)


def disable(actor: Actor, user_id: str) -> User:
    """The account cannot sign in any more and its sessions end; what it owns stays."""
    user = _other(actor, user_id)
    with db.writing():
        _lock_people()
        _keep_an_admin(user)
        User.update(disabled_at=db.now_ms()).where((User.id == user.id) & User.disabled_at.is_null()).execute()
        Session.delete().where(Session.user == user.id).execute()
        activity.note(actor, "account.disable", account=user.id)
    return User.get_by_id(user.id)


def enable(actor: Actor, user_id: str) -> User:
    user = _other(actor, user_id)
    with db.writing():
        User.update(disabled_at=None).where(User.id == user.id).execute()
        activity.note(actor, "account.enable", account=user.id)
    return User.get_by_id(user.id)


def sign_out_everywhere(actor: Actor, user_id: str) -> int:
    user = _other(actor, user_id)
    with db.writing():
        activity.note(actor, "account.sign_out", account=user.id)
        return sessions.end_all(user.id)


def _lock_people() -> None:
    """On PostgreSQL two administrators could each take the other's role at once; one has to wait."""
    db.take_turn("roles of people")
