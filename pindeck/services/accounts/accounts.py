"""Accounts: making them, signing in, guests, and what one changes oneself."""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from peewee import ForeignKeyField, IntegrityError

from pindeck import access, config, db
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, Invalid, invalid
from pindeck.models import BaseModel, Image, Invite, Setup, User, UserId
from pindeck.services import activity
from pindeck.services.accounts import known_browsers, passwords, sessions, throttle
from pindeck.services.accounts.networks import network_of
from pindeck.services.accounts.sign_in_limits import Guess
from pindeck.states import Role, Way
from pindeck.text import clean_text

GUEST_IDLE_DAYS = 30
GUEST_LEAVES = {("session", "user_id")}  # they end, and the person signs in

FIRST = "first_account"
CODE = "first_account_code"

BY_INVITATION = "Accounts are made by invitation here. Ask an administrator for a link."
NO_NEW_ACCOUNTS = "No new accounts are made here."



@dataclass(frozen=True)
class Visit:
    """Where a request comes from, for limits and for the list of sessions. `known` is what the browser remembers."""

    address: str = ""
    agent: str = ""
    known: str = ""

    @property
    def network(self) -> str:
        return network_of(self.address)


NOWHERE = Visit()


def clean_email(raw: object) -> str:
    """Lower case, trimmed, plausible. Raises Invalid."""
    email = clean_text(raw, field="email", max_length=254, required=True).lower()
    if not re.fullmatch(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}", email):
        sentence = "This is not an e-mail address."
        raise invalid("email", sentence)
    return email


def find_by_email(raw: object) -> User | None:
    """The account with this address, however it is written; None for a text that is not an address."""
    try:
        return User.get_or_none(User.email == clean_email(raw))
    except Invalid:
        return None


# The first account


def first_account_exists() -> bool:
    return Setup.select().where(Setup.name == FIRST).exists()


def first_account_code() -> str | None:
    """The one-time code the first account needs; None on loopback, where the person who asks is at the machine."""
    if config.current().listens_on_loopback or first_account_exists():
        return None
    Setup.insert(name=CODE, value=f"{secrets.randbelow(10**8):08d}").on_conflict_ignore().execute()
    row = Setup.get_or_none(Setup.name == CODE)
    return row.value if row else None  # used up by somebody in this very moment


def _check_code(given: str, origin: Visit) -> None:
    code = first_account_code()
    if code is None:
        return
    with db.writing():
        throttle.take("code", origin.network, config.current().sign_in_rate, "Too many tries. Try again {wait}.")
    if not hmac.compare_digest(code.encode(), given.strip().encode("utf-8", "replace")):
        sentence = "This is not the code that was printed when Pindeck started."
        raise invalid("code", sentence)
    throttle.forget("code", origin.network)


# Making accounts


def create(
    email: object,
    password: object,
    *,
    role: str = Role.CURATOR,
    name: object = "",
    guest: Actor = VISITOR,
    first_only: bool = False,
    also: Callable[[User], None] | None = None,
    way: Way = Way.PAGE,
) -> User:
    """Make an account, from the command line or after the doors checked who may. Raises Invalid.

    The very first account is always an administrator, regardless of who makes it: one insert of a unique row decides.
    With `first_only` the loser of that race gets Forbidden. What a `guest` has becomes the account's. `also`
    runs in the same transaction; if it raises, there is no account.
    """
    address = clean_email(email)
    shown = clean_text(name or "", field="name", max_length=80)
    # Before the work of hashing; the unique column still decides.
    if User.select().where(User.email == address).exists():
        raise _taken()
    hashed = passwords.hashed(password)
    try:
        with db.writing():
            first = _claim_first()
            if first_only and not first:
                raise Forbidden(BY_INVITATION)
            user = User.create(
                id=db.new_id(),
                email=address,
                name=shown,
                role=Role.ADMIN if first else role,
                password_hash=hashed,
                created_at=db.now_ms(),
            )
            activity.note(Actor(user.id, comes_by=way), "account.create", role=user.role)
            upgrade_guest(guest, user)
            if also:
                also(user)
            return user
    except IntegrityError as error:
        raise _taken() from error


def _taken() -> Invalid:
    sentence = "There is an account with this e-mail address already. Sign in instead."
    return invalid("email", sentence)


def _claim_first() -> bool:
    cursor = db.sql(
        "INSERT INTO setup (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING",
        name=FIRST,
        value=str(db.now_ms()),
    )
    if cursor.rowcount > 0:
        Setup.delete().where(Setup.name == CODE).execute()
        return True
    return False


def may_sign_up() -> bool:
    """Whether anybody may make an account without an invitation."""
    return config.current().registration == "open" or not first_account_exists()


def sign_up(
    email: object,
    password: object,
    *,
    name: object = "",
    code: str = "",
    guest: Actor = VISITOR,
    origin: Visit = NOWHERE,
) -> User:
    """Make an account as a stranger. Raises Invalid, Forbidden where that needs an invitation, TooMany or Busy."""
    settings, first = config.current(), not first_account_exists()
    if first:
        _check_code(code, origin)
    elif settings.registration == "closed":
        raise Forbidden(NO_NEW_ACCOUNTS)
    elif settings.registration != "open":
        raise Forbidden(BY_INVITATION)
    limit = (
        "sign_up",
        origin.network,
        settings.sign_up_rate,
        "Too many new accounts from this address. Try again {wait}.",
    )
    throttle.check(*limit)  # before the password is hashed, which is slow
    return create(
        email,
        password,
        name=name,
        guest=guest,
        first_only=first and settings.registration != "open",
        also=lambda _: throttle.take(*limit),
    )


def upgrade_guest(actor: Actor, user: User) -> None:
    """A guest who made an account keeps all it has; the guest itself goes."""
    if not actor.is_guest:
        return
    with db.writing():
        for table, column in sorted(naming_users() - GUEST_LEAVES):
            sql = f'UPDATE "{table}" SET {column} = :new WHERE {column} = :old'
            db.sql(sql, new=user.id, old=actor.user_id)
        User.delete().where((User.id == actor.user_id) & (User.role == Role.GUEST)).execute()


def naming_users() -> set[tuple[str, str]]:
    """Every table and column in which a row can name a user, as the models say.

    A guest is deleted when it becomes a person: a row that still named it would go with it, or keep it from going.
    """
    return {
        (model._meta.table_name, field.column_name)
        for model in BaseModel.__subclasses__()
        for field in model._meta.sorted_fields
        if isinstance(field, UserId) or (isinstance(field, ForeignKeyField) and field.rel_model is User)
    }


# Signing in


def sign_in(email: object, password: object, origin: Visit) -> tuple[User, str]:
    """The account and the token of a new session. The message is the same whatever was wrong.

    Raises Invalid; TooMany after too many failures, or too early; Busy while too many others sign in.
    """
    given = password if isinstance(password, str) else ""
    try:
        address = clean_email(email)
    except Invalid:
        address = ""  # cannot be anybody's
    user = User.get_or_none((User.email == address) & User.disabled_at.is_null()) if address else None
    browser = known_browsers.recognise(origin.known, user)
    guess = Guess(address, origin.address, browser, config.current().sign_in_rate)
    with passwords.place():  # first the place and then the row: running tries are never more than there are places
        guess.check()
        guess.begin()
        known = str(user.password_hash) if user and user.password_hash else None
        if not passwords.fits(given, known) or user is None:
            raise _no_match()
        guess.succeeded()
        if passwords.is_outdated(str(known)):
            renewed = passwords.hashed(given)
            unchanged = (User.id == user.id) & (User.password_hash == known)
            if User.update(password_hash=renewed).where(unchanged).execute():
                known = renewed
    with db.writing():
        # Again, because the password may have been replaced, and sessions ended, while it was hashed.
        stands = (User.id == user.id) & (User.password_hash == known) & User.disabled_at.is_null()
        found = db.locked(User.select().where(stands)).first()
        if found is None:
            raise _no_match()
        return found, start_session(found, origin)


def _no_match() -> Invalid:
    sentence = "E-mail and password do not match an account."
    return invalid("password", sentence)


def start_session(user: User, origin: Visit) -> str:
    return sessions.start(user, days=config.current().session_days, address=origin.address, agent=origin.agent)


def continue_as_guest(origin: Visit) -> str:
    """The token of a new guest's session. Raises Forbidden or TooMany."""
    settings = config.current()
    if not settings.guests_allowed:
        raise Forbidden("Guests are not admitted here. Sign in, or ask an administrator for an invitation.")
    limit = ("guest", origin.network, settings.guest_rate, "Too many guests from this address. Try again {wait}.")
    throttle.check(*limit)  # before the turn to write, which others need
    with db.writing():
        throttle.take(*limit)
        guest = User.create(id=db.new_id(), name="Guest", role=Role.GUEST, created_at=db.now_ms())
    return start_session(guest, origin)


def sweep_guests() -> int:
    """Remove guests idle for thirty days who own nothing; how many."""
    edge = db.now_ms() - GUEST_IDLE_DAYS * db.DAY_MS
    idle = (User.role == Role.GUEST) & (User.last_seen_at.is_null() | (User.last_seen_at < edge))
    owners = Image.select(Image.user)
    return User.delete().where(idle & (User.created_at < edge) & User.id.not_in(owners)).execute()


# One's own account


def get_own(actor: Actor) -> User:
    access.require(actor, "account")
    return User.get_by_id(actor.user_id)


def rename(actor: Actor, name: object) -> None:
    access.require(actor, "account")
    shown = clean_text(name, field="name", max_length=80)
    User.update(name=shown).where(User.id == actor.user_id).execute()


def change_password(actor: Actor, current: object, new: object) -> None:
    """Raises Invalid, TooMany or Busy. Every other session of the account ends."""
    access.require(actor, "account")
    user = User.get_by_id(actor.user_id)
    limit = ("password", user.id, "10/hour", "Too many tries. Try again {wait}.")
    throttle.check(*limit)
    with passwords.place():
        with db.writing():
            throttle.take(*limit)
        if not passwords.fits(current if isinstance(current, str) else "", user.password_hash):
            sentence = "This is not your current password."
            raise invalid("current", sentence)
        throttle.forget("password", user.id)
        hashed = passwords.hashed(new, field="new")
    store_password(user.id, hashed, but=actor.session_id)


def store_password(user_id: str, hashed: str, *, but: str | None = None) -> None:
    """A new password ends the sessions of the old one, and the links that would replace it."""
    with db.writing():
        User.update(password_hash=hashed).where(User.id == user_id).execute()
        sessions.end_all(user_id, but=but)
        links = (Invite.user == user_id) & (Invite.purpose == "reset") & Invite.used_at.is_null()
        Invite.delete().where(links).execute()
