"""Clients and their keys, for master keys and administrators."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import Field

from pindeck.access.scopes import ALLOWED_SCOPES
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import Data, Success, data
from pindeck.api.types import Input, Output, Text
from pindeck.models import ApiKey
from pindeck.services.clients import api_keys, clients
from pindeck.services.clients.clients import ClientView

bp = Blueprint("api_clients", __name__, url_prefix=f"{PREFIX}/admin")

CLIENT_NOT_FOUND = Fault(404, "CLIENT_NOT_FOUND", "There is no such client.")
KEY_NOT_FOUND = Fault(404, "KEY_NOT_FOUND", "There is no such key.")

SCOPES_SAY = "`images` is short for the four image scopes. " + " ".join(
    f"A client of kind {kind} may hold {', '.join(scopes)}." for kind, scopes in ALLOWED_SCOPES.items()
)


class KeyRecord(Output):
    """A key as it is listed: its text was shown once and is not kept."""

    id: str
    prefix: str = Field(description="How the key begins.", examples=["pd_p_8Jx0aQ2"])
    createdAt: int = Field(description="Milliseconds since the epoch, UTC.")
    expiresAt: int | None
    revokedAt: int | None
    lastUsedAt: int | None = Field(description="Exact to a minute.")


class ClientRecord(Output):
    id: str
    kind: Literal["master", "project", "extension"]
    identifier: str
    name: str
    project: str | None = Field(description="Slug of the project of a project client.")
    installScope: Literal["user", "operator"] | None
    user: str | None = Field(description="E-mail of the person its keys act for.")
    scopes: list[str]
    disabled: bool
    createdAt: int
    keys: list[KeyRecord]


class NewKey(Output):
    """`key` is the text of the new key. It is shown in this answer and nowhere else."""

    key: str = Field(examples=["pd_p_8Jx0aQ2…"])
    id: str
    prefix: str
    expiresAt: int | None
    client: ClientRecord


class ClientInput(Input):
    kind: Literal["master", "project", "extension"]
    name: Text = Field("", max_length=120)
    project: Text | None = Field(None, max_length=120, description="Slug; for kind project. Default `library`.")
    identifier: Text | None = Field(None, max_length=120, description="Needed for kind extension.")
    installScope: Literal["user", "operator"] | None = Field(None, description="Needed for kind extension.")
    user: Text | None = Field(None, max_length=254, description="E-mail of the person the keys act for.")
    scopes: list[Text] = Field(
        default_factory=list, max_length=20, description=f"Default: those of the kind. {SCOPES_SAY}"
    )
    expiresInDays: int | None = Field(None, ge=1, le=3650)


class ClientChange(Input):
    scopes: list[Text] | None = Field(
        None, max_length=20, description=f"Replaces all of them; [] allows nothing. {SCOPES_SAY}"
    )
    disabled: bool | None = None


class KeyInput(Input):
    expiresInDays: int | None = Field(None, ge=1, le=3650)


KEY_EXAMPLE = {
    "id": "0190…", "prefix": "pd_p_8Jx0aQ2", "createdAt": 1795000000000, "expiresAt": 1802776000000,
    "revokedAt": None, "lastUsedAt": None,
}  # fmt: skip
CLIENT_EXAMPLE = {
    "id": "0190…", "kind": "project", "identifier": "project-5c0ffee", "name": "Film site", "project": "blade-runner",
    "installScope": None, "user": None, "scopes": ["images:read"], "disabled": False, "createdAt": 1795000000000,
    "keys": [KEY_EXAMPLE],
}  # fmt: skip
NEW_KEY_EXAMPLE = {
    "key": "pd_p_8Jx0aQ2…", "id": "0190…", "prefix": "pd_p_8Jx0aQ2", "expiresAt": None, "client": CLIENT_EXAMPLE
}  # fmt: skip
ONE = Answer(Data[ClientRecord], example={"success": True, "data": CLIENT_EXAMPLE})
MADE = Answer(
    Data[NewKey], 201, says="Made. The key is shown only once.", example={"success": True, "data": NEW_KEY_EXAMPLE}
)


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "prefix": key.prefix,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": key.last_used_at,
    }


def _client(view: ClientView) -> dict[str, Any]:
    client = view.client
    return {
        "id": client.id,
        "kind": client.kind,
        "identifier": client.identifier,
        "name": client.name,
        "project": view.project.slug if view.project else None,
        "installScope": client.install_scope,
        "user": view.user.email if view.user else None,
        "scopes": view.scopes,
        "disabled": client.disabled_at is not None,
        "createdAt": client.created_at,
        "keys": [_key(key) for key in view.keys],
    }


def _new(view: ClientView, key: ApiKey, text: str) -> Reply:
    made = {"key": text, "id": key.id, "prefix": key.prefix, "expiresAt": key.expires_at, "client": _client(view)}
    return Reply(data(made), 201)


@bp.get("/clients")
@operation(
    "admin",
    surface="admin",
    summary="List clients",
    answers=Answer(Data[list[ClientRecord]], example={"success": True, "data": [CLIENT_EXAMPLE]}),
)
def list_clients() -> dict[str, Any]:
    """Every client with its keys, the newest first."""
    return data([_client(view) for view in clients.list_clients(g.actor)])


@bp.post("/clients")
@operation(
    "admin",
    surface="admin",
    summary="Make a client",
    body=JsonBody(
        ClientInput,
        example={"kind": "project", "name": "Film site", "project": "blade-runner", "scopes": ["images:read"]},
    ),
    answers=MADE,
    bucket="write",
    repeats=Repeats.REFUSED,
)
def create_client(body: ClientInput) -> Reply:
    """A client with its first key. An identifier is never given to another publisher."""
    return _new(
        *clients.create(
            g.actor,
            api_keys.NewClient(
                body.kind,
                name=body.name,
                project=body.project,
                identifier=body.identifier,
                install_scope=body.installScope,
                user_email=body.user,
                scopes=tuple(body.scopes),
                expires_in_days=body.expiresInDays,
            ),
        )
    )


@bp.get("/clients/<client_id>")
@operation(
    "admin",
    surface="admin",
    summary="Read a client",
    answers=ONE,
    path={"client_id": "The client's id"},
    faults=(CLIENT_NOT_FOUND,),
)
def read_client(client_id: str) -> dict[str, Any]:
    """One client with its keys."""
    return data(_client(clients.get(g.actor, client_id)))


@bp.patch("/clients/<client_id>")
@operation(
    "admin",
    surface="admin",
    summary="Change a client",
    body=JsonBody(ClientChange, example={"scopes": ["images:read", "images:write"], "disabled": False}),
    answers=ONE,
    path={"client_id": "The client's id"},
    faults=(CLIENT_NOT_FOUND,),
    bucket="write",
)
def change_client(client_id: str, body: ClientChange) -> dict[str, Any]:
    """Grant and revoke scopes, disable and enable. Acts on the client's very next request; its images stay."""
    view = clients.get(g.actor, client_id)
    if body.scopes is not None:
        view = clients.set_scopes(g.actor, client_id, tuple(body.scopes))
    if body.disabled is not None:
        view = clients.set_disabled(g.actor, client_id, body.disabled)
    return data(_client(view))


@bp.post("/clients/<client_id>/keys")
@operation(
    "admin",
    surface="admin",
    summary="Make another key",
    body=JsonBody(KeyInput, optional=True, example={"expiresInDays": 365}),
    answers=MADE,
    path={"client_id": "The client's id"},
    faults=(CLIENT_NOT_FOUND,),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def create_key(client_id: str, body: KeyInput | None) -> Reply:
    """One more key for a client, for a change of keys without a gap. Project keys last 90 days unless told otherwise."""
    days = body.expiresInDays if body else None
    return _new(*clients.add_key(g.actor, client_id, expires_in_days=days))


@bp.delete("/keys/<key_id>")
@operation(
    "admin",
    surface="admin",
    summary="Revoke a key",
    answers=Answer(Success, example={"success": True}),
    path={"key_id": "The key's id"},
    faults=(KEY_NOT_FOUND,),
    bucket="write",
)
def revoke_key(key_id: str) -> dict[str, Any]:
    """The key stops working with the next request. Revoking it again changes nothing."""
    clients.revoke(g.actor, key_id)
    return {"success": True}
