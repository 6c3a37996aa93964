"""Fetching from the web, where every address may be hostile. The settings say which exceptions there are.

It may use settings and errors, and knows no database.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from pindeck import config
from pindeck.fetching import addresses, urls
from pindeck.fetching.errors import FetchFailed, FetchRefused, TookTooLong, Unfetchable
from pindeck.fetching.policy import Policy
from pindeck.fetching.versions import NO_VERSION, Version

if TYPE_CHECKING:
    from pindeck.fetching.client import Fetched
    from pindeck.fetching.posting import Answer

__all__ = [
    "NO_VERSION",
    "FetchFailed",
    "FetchRefused",
    "Policy",
    "TookTooLong",
    "Unfetchable",
    "Version",
    "check",
    "fetch",
    "policy_of_settings",
    "post",
]


def policy_of_settings() -> Policy:
    """What is fetched by where the caller names no policy."""
    settings = config.current()
    return Policy(allow_hosts=settings.fetch_allowed, timeout_s=settings.fetch_timeout_s)


def fetch(
    url: str, *, max_bytes: int, policy: Policy | None = None, known: Version = NO_VERSION
) -> "AbstractContextManager[Fetched]":
    """Open what lies at an address; the body is read while the `with` lasts.

        with fetching.fetch(url, max_bytes=settings.fetch_max_bytes) as fetched:
            storage.current().put(key, fetched.chunks, ...)

    Entering raises FetchRefused (forbidden, for good), Unfetchable (nothing to get there, for good), TooLarge,
    or FetchFailed (network or server, may pass). With the version that is `known` the answer may have status 304 and no
    body: nothing changed. Reading `chunks` raises FetchFailed and TooLarge.
    """
    # The client costs memory and start-up time, so only those who use it import it.
    from pindeck.fetching.client import download

    return download(url, max_bytes=max_bytes, policy=policy or policy_of_settings(), known=known)


def post(url: str, body: bytes, headers: Mapping[str, str], *, policy: Policy) -> "Answer":
    """Send a message and return what was answered, whatever its status; a redirect is an answer too.

    Raises FetchRefused for an address that is never connected to, and FetchFailed where no answer came.
    """
    from pindeck.fetching.posting import send

    return send(url, body, headers, policy)


def check(url: str, *, policy: Policy | None = None) -> urls.Destination:
    """An address as far as it can be judged without asking the network. Raises FetchRefused.

    A name may still lead to a forbidden address: that is found where the connection is made.
    """
    destination, allowed = urls.parse(url), (policy or policy_of_settings()).allow_hosts
    if (destination.host, destination.port) not in allowed:
        if destination.host == "localhost" or destination.host.endswith(".localhost"):
            raise FetchRefused(addresses.REFUSAL)
        if addresses.is_address(destination.host):
            addresses.check_address(destination.host)
    return destination
