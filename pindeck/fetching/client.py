"""One download: ask, follow redirects, and hand the body over piece by piece.

Each hop has a connection of its own, so that nothing (cookies, proxies, kept connections) is carried along.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore2

from pindeck import __version__
from pindeck.errors import TooLarge
from pindeck.fetching import urls
from pindeck.fetching.errors import FetchFailed, TookTooLong, Unfetchable
from pindeck.fetching.network import Deadline, Guard
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
        with _answer(destination, policy, deadline, known) as answer:
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


@contextmanager
def _answer(
    destination: urls.Destination, policy: Policy, deadline: Deadline, known: Version
) -> Iterator[httpcore2.Response]:
    """Connect to a destination and ask for it; the connection ends with the block."""
    url = httpcore2.URL(
        scheme=destination.scheme.encode(), host=destination.host.encode(), port=destination.port, target=destination.target.encode()
    )
    request = httpcore2.Request(
        "GET",
        url,
        headers=[
            ("Host", destination.authority),
            ("User-Agent", f"Pindeck/{__version__}"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
            *known.conditions(),
        ],
    )
    tls = None
    if destination.scheme == "https":
        tls = policy.tls() if policy.tls else httpcore2.default_ssl_context()
    with httpcore2.HTTPConnection(url.origin, ssl_context=tls, network_backend=Guard(policy, deadline)) as connection:
        with in_our_words():
            response = connection.handle_request(request)
        yield response


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


def header(answer: httpcore2.Response, name: bytes) -> bytes | None:
    """The first header of this name, which is in lower case."""
    return next((value for key, value in answer.headers if key.lower() == name), None)


@contextmanager
def in_our_words() -> Iterator[None]:
    """What goes wrong on the network, as FetchFailed."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise TookTooLong("The server did not answer in time.") from error
    except httpcore2.ConnectError as error:
        if isinstance(error.__cause__, ssl.SSLError):
            raise FetchFailed("A secure connection to the server could not be made.") from error
        raise FetchFailed("The server cannot be reached.") from error
    except httpcore2.NetworkError as error:
        raise FetchFailed("The connection to the server broke off.") from error
    except httpcore2.ProtocolError as error:
        raise FetchFailed("The answer of the server is incomplete or cannot be understood.") from error
