"""Signed-in browsers: one row each, so that signing out anywhere takes effect at once."""

import hashlib
import secrets

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Session, User

TOUCH_MS = 60_000  # "last used" is written at most once a minute, so that reading pages hardly ever writes


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User, *, days: int, address: str = "", agent: str = "") -> str:
    """Open a session and return its token. Only the token's hash is stored."""
    token = secrets.token_urlsafe(32)
    now = db.now_ms()
    with db.writing():
        Session.create(
            id=_hash(token),
            user=user.id,
            created_at=now,
            last_used_at=now,
            expires_at=now + days * db.DAY_MS,
            address=address[:64],
            agent=agent[:200],
        )
        User.update(last_seen_at=now).where(User.id == user.id).execute()
    return token


_FIND = """
SELECT s.id, s.last_used_at, u.id, u.role, u.name, u.email
FROM session s JOIN "user" u ON u.id = s.user_id
WHERE s.id = :id AND s.expires_at > :now AND u.disabled_at IS NULL
"""


def find(token: str, *, days: int) -> tuple[Actor, bool] | None:
    """The actor behind a token and whether its cookie should be renewed; None when it no longer counts."""
    now = db.now_ms()
    row = db.sql(_FIND, id=_hash(token), now=now).fetchone()
    if row is None:
        return None
    session_id, last_used_at, user_id, role, name, email = row
    stale = now - last_used_at > TOUCH_MS
    if stale:
        with db.writing():
            Session.update(last_used_at=now, expires_at=now + days * db.DAY_MS).where(
                Session.id == session_id
            ).execute()
            User.update(last_seen_at=now).where(User.id == user_id).execute()
    return Actor(user_id, role, name or (email or "").split("@")[0] or "Guest", email, session_id), stale


def list_for(actor: Actor) -> list[Session]:
    """The actor's own sessions, the latest used first."""
    mine = Session.select().where((Session.user_id == actor.user_id) & (Session.expires_at > db.now_ms()))
    return list(mine.order_by(Session.last_used_at.desc()))


def end(session_id: str | None) -> None:
    with db.writing():
        Session.delete().where(Session.id == session_id).execute()


def end_own(actor: Actor, session_id: str) -> int:
    """End one of the actor's own sessions; how many ended."""
    with db.writing():
        mine = (Session.id == session_id) & (Session.user_id == actor.user_id)
        return Session.delete().where(mine).execute()


def end_all(user_id: str, *, but: str | None = None) -> int:
    """End every session of a user except `but`; how many ended."""
    with db.writing():
        theirs = Session.delete().where(Session.user_id == user_id)
        if but:
            theirs = theirs.where(Session.id != but)
        return theirs.execute()


def sweep() -> int:
    """Remove expired sessions; how many."""
    with db.writing():
        return Session.delete().where(Session.expires_at <= db.now_ms()).execute()
