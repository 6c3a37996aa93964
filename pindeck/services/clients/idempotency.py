"""Requests that may be sent twice: the answer to the first is the answer to the second (Idempotency-Key).

The answer is a row of the transaction that did the work. A request that died leaves neither work nor row, and two
at once cannot both insert it, so that there is no state in between that would have to be taken over.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from peewee import IntegrityError

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, invalid
from pindeck.models import Idempotency

HOURS = 24
LONGEST = 255


class Repeated(Exception):
    """The key has been used meanwhile: undo, and give the answer of `request`, which may be that it was another one."""

    def __init__(self, request: "Request") -> None:
        super().__init__(request.id)
        self.request = request


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
            raise Repeated(self) from error

    def once(self, work: Callable[[], str]) -> str:
        """Do `work` in a transaction with its answer, or give the answer it had. An equal request waits here first.

        Raises Conflict for another request, and what `work` raises; then nothing is kept.
        """

        def begun() -> str:
            self.keep("")  # first of all: whoever waits for it has changed nothing yet
            answer = work()
            Idempotency.update(body=answer).where(Idempotency.id == self.id).execute()
            return answer

        known = self.answer()
        if known is not None:
            return known
        try:
            return db.retried(begun)
        except Repeated:  # at the same moment
            return str(self.answer())


def request(actor: Actor, key: str | None, *content: str | None, part: str | None = None) -> Request | None:
    """The request of a caller under its Idempotency-Key; None without one. Raises Invalid for a key that is none.

    `part` names one of several pieces of work in the request, each of which is done or not by itself.
    """
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        sentence = f"Idempotency-Key must have 1 to {LONGEST} printable ASCII characters."
        raise invalid("Idempotency-Key", sentence)
    whose = (str(actor.client_id or actor.user_id), key)
    return Request(_hash(*whose, *([part] if part else [])), _hash(*(part or "" for part in content)))


def event(source: str, event_id: str, *content: str) -> Request:
    """What a service tells us, which it may deliver twice, and somebody who kept it once more."""
    return Request(_hash(source, event_id), _hash(*content))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()


def sweep() -> int:
    """Forget answers that are older than a day; how many."""
    return Idempotency.delete().where(Idempotency.created_at < db.now_ms() - HOURS * db.HOUR_MS).execute()
