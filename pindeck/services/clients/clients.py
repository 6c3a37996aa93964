"""What administrators do with programs: clients, their permissions and their keys."""

from dataclasses import dataclass, replace

from pindeck import access, db
from pindeck.access import Actor
from pindeck.access.scopes import ALLOWED_SCOPES, effective_scopes
from pindeck.errors import NotFound
from pindeck.models import ApiKey, Client, Project, User
from pindeck.services.clients import api_keys
from pindeck.states import ClientKind


@dataclass(frozen=True)
class ClientView:
    """A client as it is listed: whose it is, what it may, and its keys, the newest first."""

    client: Client
    project: Project | None
    user: User | None
    keys: list[ApiKey]

    @property
    def scopes(self) -> list[str]:
        """What its keys may do."""
        return effective_scopes(self.client.kind, self.client.permissions)

    @property
    def offered(self) -> tuple[str, ...]:
        """What a client of its kind may be allowed."""
        return ALLOWED_SCOPES[self.client.kind]

    @property
    def has_live_key(self) -> bool:
        now = db.now_ms()
        return any(k.revoked_at is None and (k.expires_at is None or k.expires_at > now) for k in self.keys)


def list_clients(actor: Actor) -> list[ClientView]:
    """Every client, the newest first. A constant number of queries."""
    access.require(actor, "admin")
    return _views(list(Client.select().order_by(Client.created_at.desc(), Client.id.desc())))


def get(actor: Actor, client_id: str) -> ClientView:
    """Raises NotFound."""
    return _views([_client(actor, client_id)])[0]


def _views(clients: list[Client]) -> list[ClientView]:
    ids = [client.id for client in clients]
    projects = {p.id: p for p in Project.select().where(Project.id.in_([c.project_id for c in clients]))}
    users = {u.id: u for u in User.select().where(User.id.in_([c.user_id for c in clients]))}
    held: dict[str, list[ApiKey]] = {client_id: [] for client_id in ids}
    for key in ApiKey.select().where(ApiKey.client.in_(ids)).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()):
        held[key.client_id].append(key)
    return [ClientView(c, projects.get(c.project_id or ""), users.get(c.user_id or ""), held[c.id]) for c in clients]


def id_of(identifier: str) -> str:
    """Raises NotFound."""
    found = Client.select(Client.id).where(Client.identifier == identifier).scalar()
    if found is None:
        raise NotFound(f"There is no program “{identifier}”. `pindeck client list` names them.")
    return found


def _client(actor: Actor, client_id: str) -> Client:
    access.require(actor, "admin")
    client = Client.get_or_none(Client.id == client_id)
    if client is None:
        raise NotFound("There is no such client.", code="CLIENT_NOT_FOUND")
    return client


def create(actor: Actor, asked: api_keys.NewClient) -> tuple[ClientView, ApiKey, str]:
    """A client with its first key, whose text is returned this once. Raises Invalid naming the field at fault.

    A form sends all of its fields, so what another kind would have, and what is empty, counts as not asked for.
    """
    access.require(actor, "admin")
    meant = replace(
        asked,
        project=asked.project if asked.kind == ClientKind.PROJECT else None,
        identifier=asked.identifier or None,
        install_scope=asked.install_scope if asked.kind == ClientKind.EXTENSION else None,
        user_email=asked.user_email or None,
    )
    client, key, text = api_keys.create(meant, by=actor)
    return _views([client])[0], key, text


def add_key(actor: Actor, client_id: str, *, expires_in_days: int | None = None) -> tuple[ClientView, ApiKey, str]:
    """One more key for a client. What belongs to the client belongs to all of its keys."""
    client = _client(actor, client_id)
    days = api_keys.clean_days(expires_in_days, client.kind)
    with db.writing():
        key, text = api_keys.issue(client, days, by=actor)
    return _views([client])[0], key, text


def revoke(actor: Actor, key_id: str) -> ApiKey:
    """The key stops working with the next request. Raises NotFound."""
    access.require(actor, "admin")
    key = ApiKey.get_or_none(ApiKey.id == key_id)
    if key is None:
        raise NotFound("There is no such key.", code="KEY_NOT_FOUND")
    return api_keys.end(key, by=actor)


def set_scopes(actor: Actor, client_id: str, scopes: tuple[str, ...]) -> ClientView:
    """What a client may do, from the next request on; nothing at all when `scopes` is empty. Raises Invalid."""
    client = _client(actor, client_id)
    chosen = api_keys.clean_scopes(client.kind, scopes) if scopes else []
    return _change(actor, client, "client.scopes", {"scopes": chosen}, permissions=chosen)


def set_disabled(actor: Actor, client_id: str, disabled: bool) -> ClientView:
    """A disabled client's keys open nothing; what it brought in stays."""
    client = _client(actor, client_id)
    verb = "client.disable" if disabled else "client.enable"
    return _change(actor, client, verb, {}, disabled_at=db.now_ms() if disabled else None)


def _change(actor: Actor, client: Client, verb: str, detail: dict[str, object], **columns: object) -> ClientView:
    with db.writing():
        Client.update(**columns).where(Client.id == client.id).execute()
        api_keys.note(actor, verb, client.id, **detail)
    return _views([Client.get_by_id(client.id)])[0]
