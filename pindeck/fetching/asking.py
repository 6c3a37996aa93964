"""One request to one destination: a connection of its own behind the guard, and what goes wrong in our words."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpcore2

from pindeck import __version__
from pindeck.fetching import urls
from pindeck.fetching.errors import FetchFailed, TookTooLong
from pindeck.fetching.network import Deadline, Guard
from pindeck.fetching.policy import Policy


@contextmanager
def asked(
    method: str,
    destination: urls.Destination,
    policy: Policy,
    deadline: Deadline,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | None = None,
) -> Iterator[httpcore2.Response]:
    """Connect to a destination and ask; the connection ends with the block. Raises FetchFailed."""
    url = httpcore2.URL(
        scheme=destination.scheme.encode(), host=destination.host.encode(), port=destination.port, target=destination.target.encode()
    )
    length = [] if body is None else [("Content-Length", str(len(body)))]
    request = httpcore2.Request(
        method,
        url,
        headers=[
            ("Host", destination.authority),
            ("User-Agent", f"Pindeck/{__version__}"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
            *length,
            *headers,
        ],
        content=body,
    )
    tls = None
    if destination.scheme == "https":
        tls = policy.tls() if policy.tls else httpcore2.default_ssl_context()
    with httpcore2.HTTPConnection(url.origin, ssl_context=tls, network_backend=Guard(policy, deadline)) as connection:
        with in_our_words():
            response = connection.handle_request(request)
        yield response


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
