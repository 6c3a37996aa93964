"""The one key of bots and scripts that stands in the settings, `INGEST_API_KEY`.

It has a client like any other key, so that what it does is written down, and an administrator can end or narrow it.
"""

import hashlib
import hmac

from pindeck import config, db
from pindeck.access import Actor
from pindeck.access.scopes import effective_scopes
from pindeck.models import Client
from pindeck.states import ClientKind

KEY_ID = "INGEST_API_KEY"
CLIENT_ID = "00000000-0000-7000-8000-000000000002"
SCOPES = ["ingest", "moderate"]


def is_it(text: str) -> bool:
    """Compared in constant time; never true while the setting is empty."""
    wanted = config.current().ingest_api_key
    return hmac.compare_digest(_digest(text), _digest(wanted)) and bool(wanted)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def actor() -> Actor | None:
    """The program behind it, which acts for nobody yet. None while the setting is empty or its client is disabled."""
    if not config.current().ingest_api_key:
        return None
    client = Client.get_or_none(Client.id == CLIENT_ID) or _client()
    if client.disabled_at is not None:
        return None
    return Actor(
        name=client.name,
        key_id=KEY_ID,
        client_id=client.id,
        client_kind=client.kind,
        identifier=client.identifier,
        scopes=frozenset(effective_scopes(client.kind, client.permissions)),
    )


def _client() -> Client:
    with db.writing():
        Client.insert(
            id=CLIENT_ID, kind=ClientKind.MASTER, identifier="ingest-api-key", name="INGEST_API_KEY",
            permissions=SCOPES, created_at=db.now_ms(),
        ).on_conflict_ignore().execute()  # fmt: skip
    return Client.get_by_id(CLIENT_ID)
