"""What the fetcher may do."""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# The addresses of a name, as text. Raises OSError.
Resolver = Callable[[str, int], Iterable[str]]


def system_resolver(host: str, port: int) -> list[str]:
    """What the machine itself would connect to."""
    # As bytes the name goes to the resolver as it was checked; as text it would pass another IDNA codec.
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Policy:
    """`allow_hosts` are pairs of host (lower case, no brackets) and port that may lie inside the network.

    `timeout_s` is for all of a download, redirects included; `silence_s` for one wait on the network.
    `tls` makes the context that certificates are checked with; None means the authorities of the machine.
    """

    allow_hosts: frozenset[tuple[str, int]] = frozenset()
    timeout_s: float = 30
    silence_s: float = 10
    max_redirects: int = 5
    resolver: Resolver = system_resolver
    tls: Callable[[], ssl.SSLContext] | None = None
