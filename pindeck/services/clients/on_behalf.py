"""The person that a bot or script acts for."""

from dataclasses import replace

from pindeck import config, db
from pindeck.access import Actor, Asker, require, require_person
from pindeck.errors import Forbidden, Invalid, NotFound
from pindeck.services.clients import discord_people, ingest_key
from pindeck.states import Role
from pindeck.text import can_be_id

# What each door lends a bot for the time of a call, and to the jobs that the call asks for.
LENT = {
    "ingest": ("images:read", "images:write"),
    "moderate": ("images:read", "images:write", "images:delete", "generate"),
}
NOBODY = "No target user found. Provide userId."


def person(
    program: Actor, user_id: str | None, door: str, *, asked_by: Asker | None = None, also: tuple[str, ...] = ()
) -> Actor:
    """The program as one that acts for its person, with the scopes that this door lends it, and for this call `also` these.

    `user_id` is who the caller names, and without it the account of who asked in Discord; a key that is bound to somebody needs
    no name and bears no other one. Raises Forbidden for another person, a guest, a key bound to nobody or without the right; NotFound `USER_NOT_FOUND`; Invalid without a name.
    """
    require(program, door)
    bound = _bound(program)
    if bound is not None and user_id not in (None, "", bound):
        raise Forbidden("This key acts for another person. Leave userId out, or use that person's key.")
    wanted = bound or user_id or _linked(asked_by)
    if not wanted:
        raise Invalid(NOBODY, fields={"userId": "Send the id of the account that this is for."})
    user = db.sql(_USER, id=wanted).fetchone() if can_be_id(wanted) else None
    if user is None:
        raise NotFound("There is no account with the id in userId, or it is disabled.", code="USER_NOT_FOUND")
    user_id, role, email = user
    if role == Role.GUEST:
        raise Forbidden("A guest cannot bring in pictures or decide about them.")
    lent = frozenset((*LENT[door], *also))
    return replace(program, user_id=user_id, role=role, email=email, scopes=lent, asked_by=asked_by, door=door)


_USER = 'SELECT id, role, email FROM "user" WHERE id = :id AND disabled_at IS NULL'


def _linked(asked_by: Asker | None) -> str | None:
    found = discord_people.find_account(asked_by.id) if asked_by else None
    return found.id if found else None


def _bound(program: Actor) -> str | None:
    """Whom the key may act for; None when the caller may name anybody."""
    if program.key_id == ingest_key.KEY_ID:
        return config.current().pindeck_user_id or None
    return require_person(program)
