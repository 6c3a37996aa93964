"""Who in Discord is which account. Its owner shows it by a code, an administrator may say it."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from peewee import Expression

from pindeck import access, config, db
from pindeck.access import Actor, Asker
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import DiscordCode, DiscordPerson, User
from pindeck.services import activity
from pindeck.services.accounts import accounts
from pindeck.states import Role
from pindeck.text import clean_text

CODE_S = 15 * 60
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
_ID = re.compile(r"[1-9][0-9]{4,19}")  # as Discord counts people
SPENT = "This code is not known, was used, or is older than 15 minutes. Make a new one on the page of your account in Pindeck."


@dataclass(frozen=True)
class Link:
    """Somebody in Discord, and the person they are here."""

    discord_id: str
    name: str
    user: User
    created_at: int

    @property
    def shown(self) -> str:
        return self.name or self.discord_id


def find_account(discord_id: str) -> User | None:
    """The account of somebody in Discord, if they have one that may act."""
    rows = User.select().join(DiscordPerson, on=(DiscordPerson.user == User.id))
    return rows.where((DiscordPerson.discord_id == discord_id) & User.disabled_at.is_null() & (User.role != Role.GUEST)).first()


def find_lent() -> User | None:
    """The account of the settings, which the role in Discord lends, as long as it may act."""
    wanted = config.current().pindeck_user_id
    return User.get_or_none((User.id == wanted) & User.disabled_at.is_null()) if wanted else None


def make_code(actor: Actor) -> str:
    """A code for one's own account, which is typed in Discord within 15 minutes. A new one ends the one before."""
    access.require(actor, "account")
    person = access.require_person(actor)
    code = "".join(secrets.choice(_LETTERS) for _ in range(10))
    with db.writing():
        DiscordCode.delete().where(DiscordCode.user == person).execute()
        DiscordCode.insert(user=person, code_hash=_hash(code), expires_at=db.now_ms() + CODE_S * 1000).execute()
    return code


def _hash(code: str) -> str:
    plain = re.sub(r"[^A-Z0-9]", "", code.upper())
    return hashlib.sha256(plain.encode()).hexdigest()


def link_by_code(asker: Asker, code: str) -> User:
    """Who types the code of an account in Discord is its owner, also where they were another one. Raises NotFound."""
    mine = DiscordCode.code_hash == _hash(code)

    def work() -> User:
        found = db.locked(DiscordCode.select().where(mine & (DiscordCode.expires_at > db.now_ms()))).get_or_none()
        user = User.get_or_none((User.id == found.user_id) & User.disabled_at.is_null()) if found else None
        if user is None or user.role == Role.GUEST or not _ID.fullmatch(asker.id):
            raise NotFound(SPENT)
        if not DiscordCode.delete().where(mine).execute():
            raise NotFound(SPENT)
        DiscordPerson.delete().where(DiscordPerson.discord_id == asker.id).execute()
        _write(asker.id, asker.name, user, None)
        activity.note(Actor(user.id, asked_by=asker), "discord.link", account=user.id)
        return user

    return db.retried(work)


def link(actor: Actor, discord_id: str, email: str, *, name: str = "") -> User:
    """For administrators: say who somebody is. Raises Invalid naming the field, or Conflict for somebody who is known already."""
    access.require(actor, "admin")
    wanted = clean_id(discord_id)
    told = clean_text(name, field="name", max_length=120)
    user = accounts.find_by_email(email)
    if user is None or user.disabled_at is not None:
        raise invalid("email", "There is no account with this e-mail, or it is disabled.")

    def work() -> User:
        known = db.locked(DiscordPerson.select().where(DiscordPerson.discord_id == wanted)).get_or_none()
        if known is not None and known.user_id == user.id:
            return user
        if known is not None:
            raise Conflict("This person in Discord is another account. Unlink them there first.")
        _write(wanted, told, user, actor.user_id)
        activity.note(actor, "discord.link", account=user.id, person=wanted)
        return user

    return db.retried(work)


def clean_id(raw: object) -> str:
    """The id of somebody in Discord. Raises Invalid."""
    found = str(raw or "").strip().removeprefix("<@").removeprefix("!").removesuffix(">")
    if not _ID.fullmatch(found):
        raise invalid("discord_id", "This is not the id of a person in Discord. It has digits alone, such as 80351110224678912.")
    return found


def _write(discord_id: str, name: str, user: User, by: str | None) -> None:
    DiscordPerson.insert(
        discord_id=discord_id, name=name[:120], user=user.id, linked_by=by, created_at=db.now_ms()
    ).execute()


def unlink(actor: Actor, discord_id: str) -> None:
    """For administrators: this person in Discord is no account any more. Raises NotFound."""
    access.require(actor, "admin")
    _unlink(actor, DiscordPerson.discord_id == discord_id, discord_id)


def unlink_own(actor: Actor, discord_id: str) -> None:
    """The same of one's own account. Raises NotFound for somebody else's."""
    access.require(actor, "account")
    _unlink(actor, (DiscordPerson.discord_id == discord_id) & (DiscordPerson.user == actor.user_id), discord_id)


def _unlink(actor: Actor, wanted: Expression, discord_id: str) -> None:
    with db.writing():
        if not DiscordPerson.delete().where(wanted).execute():
            raise NotFound("There is no such person of Discord here.")
        activity.note(actor, "discord.unlink", person=discord_id)


def list_own(actor: Actor) -> list[Link]:
    access.require(actor, "account")
    return _links(DiscordPerson.user == actor.user_id)


def list_all(actor: Actor) -> list[Link]:
    """Everybody who is known, the newest first."""
    access.require(actor, "admin")
    return _links(DiscordPerson.discord_id.is_null(False))


def _links(wanted: Expression) -> list[Link]:
    rows = DiscordPerson.select(DiscordPerson, User).join(User).where(wanted)
    found = rows.order_by(DiscordPerson.created_at.desc(), DiscordPerson.discord_id)
    return [Link(row.discord_id, row.name, row.user, row.created_at) for row in found]

