"""One download: ask, follow redirects, and hand the body over piece by piece.

Each hop has a connection of its own, so that nothing (cookies, proxies, kept connections) is carried along.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore2

from pindeck.errors import TooLarge
from pindeck.fetching import urls
from pindeck.fetching.asking import asked, header, in_our_words
from pindeck.fetching.errors import FetchFailed, Unfetchable
from pindeck.fetching.network import Deadline
from pindeck.fetching.policy import Policy
from pindeck.fetching.versions import NO_VERSION, Version

REDIRECTS = (301, 302, 303, 307, 308)
# Answers that another day may be different ones.
PASSING = (408, 425, 429)


@dataclass(frozen=True)
class Fetched:
    """A body on its way. `chunks` can be read once, inside the `with`; `content_type` is only a claim.

    `status` is 200; or 304 without a body, for a caller that named the version it has.

    Reading raises FetchFailed (cut off, too slow) and TooLarge.
    """

    final_url: str
    status: int
    content_type: str | None
    chunks: Iterator[bytes]
    version: Version = NO_VERSION


@contextmanager
def download(url: str, *, max_bytes: int, policy: Policy, known: Version = NO_VERSION) -> Iterator[Fetched]:
    deadline = Deadline(policy.timeout_s, policy.silence_s)
    destination = urls.parse(url)
    for _ in range(policy.max_redirects + 1):
        with asked("GET", destination, policy, deadline, known.conditions()) as answer:
            if answer.status == 304 and known != NO_VERSION:
                yield Fetched(destination.url, 304, None, iter(()), known)
                return
            if answer.status not in REDIRECTS:
                yield _fetched(answer, destination, max_bytes)
                return
            location = header(answer, b"location")
            if location is None:
                raise Unfetchable(f"The server redirects ({answer.status}) without saying where to.")
            destination = urls.redirected(destination, location)
    raise Unfetchable(f"The address redirects more than {policy.max_redirects} times.")


def _fetched(answer: httpcore2.Response, destination: urls.Destination, max_bytes: int) -> Fetched:
    """What is handed over. Raises Unfetchable, FetchFailed or TooLarge for an answer that cannot be a file here."""
    _check_status(answer.status)
    # Only what was not asked for could be compressed, and a small body could then become an endless one.
    encoding = header(answer, b"content-encoding")
    if encoding and encoding.strip().lower() != b"identity":
        raise Unfetchable("The server sends the file compressed, although it was asked not to.")
    length = header(answer, b"content-length")
    if length and int(length) > max_bytes:
        raise TooLarge(_too_large(max_bytes))
    claimed = (header(answer, b"content-type") or b"").decode("latin-1").strip()[:255]
    version = Version.told(header(answer, b"etag"), header(answer, b"last-modified"))
    return Fetched(destination.url, answer.status, claimed or None, _counted(answer, max_bytes), version)


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status >= 500 or status in PASSING:
        raise FetchFailed(f"The server answered with status {status}. It may work later.")
    if status in (404, 410):
        raise Unfetchable(f"The server says that there is nothing at this address ({status}).")
    if status in (401, 403):
        raise Unfetchable(f"The server does not give this file to everyone ({status}).")
    raise Unfetchable(f"The server answered with status {status} instead of a file.")


def _counted(answer: httpcore2.Response, max_bytes: int) -> Iterator[bytes]:
    size = 0
    with in_our_words():
        for chunk in answer.iter_stream():
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge(_too_large(max_bytes))
            yield chunk


def _too_large(max_bytes: int) -> str:
    spoken = f"{max_bytes // 2**20} MiB" if max_bytes >= 2**20 else f"{max_bytes} bytes"
    return f"The file at this address is larger than {spoken}."
