"""Clients and their keys: shown once, kept as a hash, listed by prefix."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, replace

from peewee import IntegrityError

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.access.scopes import ALLOWED_SCOPES, DEFAULT_SCOPES, IMAGE_SCOPES, SCOPES, effective_scopes
from pindeck.errors import NotFound, invalid
from pindeck.models import ApiKey, Client, Project, User
from pindeck.services import activity
from pindeck.services.accounts import accounts
from pindeck.states import ClientKind, Role
from pindeck.text import clean_text

PROJECT_DAYS = 90
PREFIX = 12
TOUCH_MS = 60_000

_LIMIT = {
    "project": "A project key works inside its project",
    "extension": "An extension works on pictures only",
}


def is_ours(text: str) -> bool:
    """Whether this looks like a key that was made here, good or not."""
    return re.fullmatch(r"pd_[a-z]_.*", text, re.DOTALL) is not None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def clean_scopes(kind: str, scopes: tuple[str, ...]) -> list[str]:
    """`images` is short for the four image scopes. Raises Invalid for a scope that this kind may not hold."""
    chosen: list[str] = []
    for scope in scopes or DEFAULT_SCOPES[kind]:
        if scope != "images" and scope not in ALLOWED_SCOPES[kind]:
            problem = f"{_LIMIT[kind]} and may not hold" if scope in SCOPES else "There is no scope"
            allowed = ", ".join(ALLOWED_SCOPES[kind])
            raise invalid("scopes", f"{problem} “{scope}”. Choose from: images, {allowed}.")
        chosen += IMAGE_SCOPES if scope == "images" else (scope,)
    return list(dict.fromkeys(chosen))


@dataclass(frozen=True)
class NewClient:
    """A client as somebody asks for it. `project` is a slug; without `scopes` it may do what is usual for its kind."""

    kind: str
    name: str = ""
    project: str | None = None
    identifier: str | None = None
    install_scope: str | None = None
    user_email: str | None = None
    scopes: tuple[str, ...] = ()
    expires_in_days: int | None = None


def create(asked: NewClient, *, by: Actor = VISITOR) -> tuple[Client, ApiKey, str]:
    """A new key, and its client if the identifier is new. The key text is returned this once.

    Who makes it stands in the activity trail. Raises Invalid naming the option at fault.
    """
    if asked.kind not in DEFAULT_SCOPES:
        raise invalid("kind", "Choose master, project or extension.")
    user = _user(asked.user_email)
    project = _project(asked.project, asked.kind)
    if asked.kind == "extension":
        _check_extension(asked, user)
    days = clean_days(asked.expires_in_days, asked.kind)
    allowed = clean_scopes(asked.kind, asked.scopes)
    asked = replace(asked, name=clean_text(asked.name, field="name", max_length=120))
    known = _known(asked, project, user)
    with db.writing():
        if known is None:
            client = _client(asked, project, user, allowed)
        else:
            client = known
            if asked.scopes:
                Client.update(permissions=allowed).where(Client.id == known.id).execute()
                client = Client.get_by_id(known.id)
                note(by, "client.scopes", client.id, scopes=allowed)
        key, text = issue(client, days, by=by)
    return client, key, text


def clean_days(days: int | None, kind: str) -> int | None:
    """How long a key lasts: what was asked, else 90 days for a project's, else without end. Raises Invalid."""
    if days is not None and not 1 <= days <= 3650:
        raise invalid("expires-in", "Give between 1 and 3650 days.")
    return days or (PROJECT_DAYS if kind == ClientKind.PROJECT else None)


def issue(client: Client, days: int | None, *, by: Actor = VISITOR) -> tuple[ApiKey, str]:
    """Inside a transaction: one more key for a client, and its text, which nobody can read again."""
    text, now = f"pd_{client.kind[0]}_{secrets.token_urlsafe(32)}", db.now_ms()
    key = ApiKey.create(
        id=db.new_id(),
        client=client.id,
        prefix=text[:PREFIX],
        hash=_hash(text),
        created_at=now,
        expires_at=now + days * db.DAY_MS if days else None,
    )
    note(by, "key.create", client.id, prefix=key.prefix)
    return key, text


def note(by: Actor, verb: str, client_id: str, **detail: object) -> None:
    """Inside a transaction: who did what to which client. The actor may be another program."""
    activity.note(by, verb, client=client_id, **detail)


def _user(email: str | None) -> User | None:
    if not email:
        return None
    user = accounts.find_by_email(email)
    if user is None or user.disabled_at is not None:
        raise invalid("user", f"There is no account {email}.")
    return user


def _project(slug: str | None, kind: str) -> Project | None:
    if kind != "project":
        if slug:
            raise invalid("project", "Only a project key names a project.")
        return None
    found = Project.get_or_none(Project.slug == (slug or "library"))
    if found is None:
        raise invalid("project", f"There is no project “{slug}”.")
    return found


def _check_extension(asked: NewClient, user: User | None) -> None:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,120}", asked.identifier or ""):
        raise invalid("identifier", "An extension key needs an identifier of letters, digits, dot, - and _.")
    if asked.install_scope not in ("user", "operator"):
        raise invalid("install-scope", "Choose user or operator.")
    if asked.install_scope == "user" and user is None:
        raise invalid("user", "An extension for one person needs that person's e-mail address.")


def _known(asked: NewClient, project: Project | None, user: User | None) -> Client | None:
    """The client that has this identifier already. Raises Invalid if it is another one."""
    known = Client.get_or_none(Client.identifier == asked.identifier) if asked.identifier else None
    if known is None:
        return None
    wanted = (asked.kind, project.id if project else None, asked.install_scope, user.id if user else None)
    if (known.kind, known.project_id, known.install_scope, known.user_id) != wanted:
        raise invalid("identifier", "This identifier belongs to another client already.")
    return known


def _client(asked: NewClient, project: Project | None, user: User | None, scopes: list[str]) -> Client:
    try:
        return Client.create(
            id=db.new_id(),
            kind=asked.kind,
            identifier=asked.identifier or f"{asked.kind}-{db.new_token()[:12]}",
            name=asked.name,
            project=project.id if project else None,
            install_scope=asked.install_scope,
            user=user.id if user else None,
            permissions=scopes,
            created_at=db.now_ms(),
        )
    except IntegrityError as error:
        raise invalid("identifier", "This identifier belongs to another client already.") from error


def list_keys() -> list[ApiKey]:
    """All keys with their clients, the newest first."""
    return list(ApiKey.select(ApiKey, Client).join(Client).order_by(ApiKey.created_at.desc()))


_FIND = """
SELECT k.id, k.last_used_at, c.id, c.kind, c.identifier, c.name, c.project_id, c.install_scope, c.permissions,
  u.id, u.role, u.email
FROM api_key k JOIN client c ON c.id = k.client_id LEFT JOIN "user" u ON u.id = c.user_id
WHERE k.{column} = :value AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)
  AND c.disabled_at IS NULL AND u.disabled_at IS NULL
"""


def actor_of(key_text: str) -> Actor | None:
    """The program behind a key; None when the key, its client or its user no longer counts.

    Read on every request, so that a grant and a revocation act on the next one. The use is noted at most once
    a minute. A key that is bound to a user acts as that user, an extension for the one it was installed for.
    """
    row = _in_force("hash", _hash(key_text))
    if row is None:
        return None
    key_id, used_at, now = row[0], row[1], db.now_ms()
    if now - (used_at or 0) > TOUCH_MS:
        # A call that only reads waits for no writer. The next call notes its use then.
        db.write_if_free(lambda: ApiKey.update(last_used_at=now).where(ApiKey.id == key_id).execute())
    return _actor(row)


def actor_of_id(key_id: str) -> Actor | None:
    """The program that a key would be now, for what it asked for earlier. That is no use of the key."""
    row = _in_force("id", key_id)
    return None if row is None else _actor(row)


def _in_force(column: str, value: str) -> tuple | None:
    """A key with its client and user, if they count at this moment."""
    row: tuple | None = db.sql(_FIND.format(column=column), value=value, now=db.now_ms()).fetchone()
    return row


def _actor(row: tuple) -> Actor:
    key_id, _, client_id, kind, identifier, name, project_id, install_scope, scopes, user_id, role, email = row
    return Actor(
        user_id=user_id,
        role=role if kind != ClientKind.EXTENSION else None,
        name=name or identifier,
        email=email,
        key_id=key_id,
        client_id=client_id,
        client_kind=kind,
        identifier=identifier,
        project_id=project_id,
        install_scope=install_scope,
        scopes=frozenset(effective_scopes(kind, json.loads(scopes))),
    )


# Owns what keys bring in while nobody has an account yet. A guest without a way in.
NOBODY_ID = "00000000-0000-7000-8000-000000000001"


def owner_for(actor: Actor) -> str:
    """Whose images a program's uploads are: its user's, else the first administrator's."""
    if actor.user_id is not None:
        return actor.user_id
    first = User.select(User.id).where((User.role == Role.ADMIN) & User.disabled_at.is_null())
    found = first.order_by(User.created_at, User.id).limit(1).scalar()
    if found is not None:
        return found
    User.insert(
        id=NOBODY_ID, name="Programs", role=Role.GUEST, created_at=db.now_ms(), last_seen_at=db.now_ms()
    ).on_conflict_ignore().execute()
    return NOBODY_ID


def revoke(prefix_or_key: str, *, by: Actor = VISITOR) -> ApiKey:
    """Revoke one key, by its text or by a prefix that only one key has. Raises NotFound or Invalid."""
    text = prefix_or_key.encode("utf-8", "replace").decode().replace("\x00", "")
    found = list(ApiKey.select().where((ApiKey.hash == _hash(text)) | (ApiKey.prefix == text)))
    if not found:
        raise NotFound("There is no such key.")
    if len(found) > 1:
        raise invalid("key", "More than one key begins like this; give the whole key.")
    return end(found[0], by=by)


def end(key: ApiKey, *, by: Actor = VISITOR) -> ApiKey:
    """Revoke a key; one that is revoked already stays as it is."""
    with db.writing():
        now, live = db.now_ms(), (ApiKey.id == key.id) & ApiKey.revoked_at.is_null()
        if ApiKey.update(revoked_at=now).where(live).execute():
            note(by, "key.revoke", key.client_id, prefix=key.prefix)
    return ApiKey.get_by_id(key.id)
