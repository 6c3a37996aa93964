"""Links that work once, for seven days: an invitation with a role, or a new password."""

import hashlib

from peewee import Expression

from pindeck import access, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, invalid
from pindeck.models import Invite, User
from pindeck.services import activity
from pindeck.services.accounts import accounts, passwords
from pindeck.states import Role, Way

DAYS = 7
SPENT = "This link has been used, has expired or was withdrawn. Ask for a new one."


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _make(purpose: str, *, role: str | None = None, user_id: str | None = None, by: str | None = None) -> str:
    token, now = db.new_token(), db.now_ms()
    with db.writing():
        Invite.create(
            id=db.new_id(),
            token_hash=_hash(token),
            purpose=purpose,
            role=role,
            user=user_id,
            created_by=by,
            created_at=now,
            expires_at=now + DAYS * db.DAY_MS,
        )
        maker = Actor(by) if by else Actor(comes_by=Way.COMMAND)
        activity.note(maker, f"{purpose}.make", role=role, account=user_id)
    return token


def _check_open(registration: str) -> None:
    if registration == "closed":
        raise Forbidden(accounts.NO_NEW_ACCOUNTS)


def make_invite(actor: Actor, role: str, *, registration: str = "invite") -> str:
    """A token for one new account with that role. Only its hash is kept. Raises Forbidden where none are made."""
    access.require(actor, "admin")
    _check_open(registration)
    if role not in (Role.ADMIN, Role.CURATOR):
        sentence = "Choose administrator or curator."
        raise invalid("role", sentence)
    return _make("invite", role=role, by=actor.user_id)


def make_reset(actor: Actor, user_id: str) -> str:
    access.require(actor, "admin")
    user = User.get_or_none((User.id == user_id) & (User.role != Role.GUEST))
    if user is None:
        raise NotFound("There is no such account.")
    return _make("reset", user_id=user.id, by=actor.user_id)


def make_reset_for_email(email: str) -> str:
    """For the command line. Raises NotFound."""
    user = accounts.find_by_email(email)
    if user is None:
        raise NotFound(f"There is no account {email}.")
    return _make("reset", user_id=user.id)


def _usable() -> Expression:
    """Unused, in time, and made by the command line or by somebody who is an administrator still."""
    admins = User.select(User.id).where((User.role == Role.ADMIN) & User.disabled_at.is_null())
    stands = Invite.created_by.is_null() | Invite.created_by.in_(admins)
    return Invite.used_at.is_null() & (Invite.expires_at > db.now_ms()) & stands


def find(token: str, purpose: str) -> Invite:
    """A link that can still be used. Raises NotFound."""
    found = Invite.get_or_none((Invite.token_hash == _hash(token)) & (Invite.purpose == purpose) & _usable())
    if found is None:
        raise NotFound(SPENT)
    return found


def _use(invite: Invite, user_id: str) -> None:
    """Inside a transaction: the one guarded update that consumes a link."""
    mine = Invite.update(used_at=db.now_ms(), used_by=user_id).where((Invite.id == invite.id) & _usable())
    if not mine.execute():
        raise NotFound(SPENT)


def accept(
    token: str,
    email: object,
    password: object,
    *,
    name: object = "",
    guest: Actor = VISITOR,
    registration: str = "invite",
) -> User:
    """Make the account an invitation is for. Raises NotFound, Forbidden, Invalid or Busy; the link is then still good."""
    invite = find(token, "invite")
    _check_open(registration)
    return accounts.create(
        email, password, role=str(invite.role), name=name, guest=guest, also=lambda user: _use(invite, user.id)
    )


def reset(token: str, password: object) -> User:
    """Set a new password; every session of the account ends. Raises NotFound, Invalid or Busy."""
    invite = find(token, "reset")
    hashed = passwords.hashed(password)
    with db.writing():
        _use(invite, str(invite.user_id))
        accounts.store_password(str(invite.user_id), hashed)
    return User.get_by_id(invite.user_id)


def list_open(actor: Actor) -> list[Invite]:
    """Invitations that can be used."""
    access.require(actor, "admin")
    return list(Invite.select().where(_usable() & (Invite.purpose == "invite")).order_by(Invite.created_at.desc()))


def withdraw(actor: Actor, invite_id: str) -> None:
    access.require(actor, "admin")
    Invite.delete().where((Invite.id == invite_id) & Invite.used_at.is_null()).execute()
