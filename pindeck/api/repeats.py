"""Requests that are sent again after a lost answer: which operations heed `Idempotency-Key`, and how an answer is kept.

An operation whose work is rows alone does it in one transaction with its answer (`whole`). One that takes bytes keeps the
answer in the transaction that records them, because nothing waits for a client or a store inside a transaction.
"""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from flask import Response, g, request

from pindeck.errors import invalid
from pindeck.services.clients import idempotency
from pindeck.services.clients.idempotency import Request

KEY = "Idempotency-Key"
KEPT = ("Content-Type", "Cache-Control", "ETag", "Location")  # of the headers of an answer


class Repeats(StrEnum):
    """What a repeat of an operation does."""

    HARMLESS = "harmless"  # what it changes is as it was after the first; a key is not needed and not looked at
    WHOLE = "whole"  # with a key, the first answer; the operation is one transaction
    BYTES = "bytes"  # the same, and the view keeps its answer itself
    REFUSED = "refused"  # makes something each time, and its answer is a secret that is not kept


HEADER = {
    KEY: f"1 to 255 characters for this request alone. For {idempotency.HOURS} hours a repeat of the request with the same key "
    "gets the first answer and makes nothing; another request with it is refused. An error is not kept."
}


def refuse() -> None:
    """Raises Invalid when the request has a key that cannot be heeded."""
    if KEY in request.headers:
        sentence = "The answer holds a secret, which is not kept for a repeat: send the request without this header."
        raise invalid(KEY, sentence, named=True, code="IDEMPOTENCY_KEY_NOT_HEEDED", status=400)


def asked(*content: str | None) -> Request | None:
    """The request under its key: its address, and `content` for what its body says. None without a key."""
    return idempotency.request(
        g.actor,
        request.headers.get(KEY),
        request.method,
        request.path,
        request.query_string.decode("latin-1"),
        *content,
    )


def whole(content: str, work: Callable[[], Response]) -> Response:
    """Do `work`, or give its earlier answer. Raises Conflict for a key of another request, and what `work` raises."""
    repeat = asked(content)
    return work() if repeat is None else again(repeat.once(lambda: text_of(work())))


def text_of(response: Response) -> str:
    """An answer as it is kept."""
    headers: dict[str, Any] = {name: response.headers[name] for name in KEPT if name in response.headers}
    return json.dumps({"status": response.status_code, "headers": headers, "body": response.get_data(as_text=True)})


def again(text: str) -> Response:
    kept = json.loads(text)
    return Response(kept["body"], status=kept["status"], headers=kept["headers"])
