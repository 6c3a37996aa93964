"""Requests that may be sent twice: the answer to the first is the answer to the second (Idempotency-Key).

The answer is a row of the transaction that did the work. A request that died leaves neither work nor row, and two
at once cannot both insert it, so that there is no state in between that would have to be taken over.
"""

import hashlib
from dataclasses import dataclass

from peewee import IntegrityError

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, invalid
from pindeck.models import Idempotency

HOURS = 24
LONGEST = 255


class Repeated(Exception):
    """An equal request has committed meanwhile: undo, and give its answer."""


@dataclass(frozen=True)
class Request:
    """One request under a key. `content` is a hash of all that was asked for."""

    id: str
    content: str

    def answer(self) -> str | None:
        """What it was answered within the last day; None when it is new. Raises Conflict for another request."""
        since = db.now_ms() - HOURS * db.HOUR_MS
        row = Idempotency.get_or_none((Idempotency.id == self.id) & (Idempotency.created_at > since))
        if row is None:
            return None
        if row.request_hash != self.content:
            raise Conflict(
                "This Idempotency-Key was used for another request. Use a new one for each request.",
                code="IDEMPOTENCY_KEY_REUSED",
            )
        return row.body

    def keep(self, body: str) -> None:
        """Inside the transaction of the work. Raises Repeated when an equal request was faster."""
        since = db.now_ms() - HOURS * db.HOUR_MS
        Idempotency.delete().where((Idempotency.id == self.id) & (Idempotency.created_at <= since)).execute()
        try:
            with db.database.atomic():
                Idempotency.insert(
                    id=self.id, request_hash=self.content, status=201, body=body, created_at=db.now_ms()
                ).execute()
        except IntegrityError as error:
            raise Repeated from error


def request(actor: Actor, key: str | None, *content: str | None) -> Request | None:
    """The request of a caller under its Idempotency-Key; None without one. Raises Invalid for a key that is none."""
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        sentence = f"Idempotency-Key must have 1 to {LONGEST} printable ASCII characters."
        raise invalid("Idempotency-Key", sentence)
    return Request(_hash(str(actor.client_id or actor.user_id), key), _hash(*(part or "" for part in content)))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()


def sweep() -> int:
    """Forget answers that are older than a day; how many."""
    return Idempotency.delete().where(Idempotency.created_at < db.now_ms() - HOURS * db.HOUR_MS).execute()
