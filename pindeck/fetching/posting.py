"""One message to an address that somebody chose: sent once, through the same guard as downloads, and never redirected."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpcore2

from pindeck.errors import PindeckError
from pindeck.fetching import urls
from pindeck.fetching.asking import asked, header
from pindeck.fetching.network import Deadline
from pindeck.fetching.policy import Policy

MOST_SAID = 500  # bytes of the answer that are kept


@dataclass(frozen=True)
class Answer:
    """What the server said: `retry_after` is the header as it came, `said` how the body began."""

    status: int
    retry_after: str
    said: str


def send(url: str, body: bytes, headers: Mapping[str, str], policy: Policy) -> Answer:
    deadline = Deadline(policy.timeout_s, policy.silence_s)
    destination = urls.parse(url)
    with asked("POST", destination, policy, deadline, headers.items(), body) as response:
        retry_after = (header(response, b"retry-after") or b"").decode("latin-1")
        return Answer(response.status, retry_after, _beginning(response))


def _beginning(response: httpcore2.Response) -> str:
    """However long the body is, and whether or not it comes to its end: the answer was its status."""
    found = b""
    with suppress(PindeckError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        for chunk in response.iter_stream():
            found += chunk
            if len(found) >= MOST_SAID:
                break
    text = found[:MOST_SAID].decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
