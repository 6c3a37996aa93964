"""Fetching from the web, where every address may be hostile. The settings say which exceptions there are.

It may use settings and errors, and knows no database.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from pindeck import config
from pindeck.fetching.errors import FetchFailed, FetchRefused, TookTooLong, Unfetchable
from pindeck.fetching.policy import Policy
from pindeck.fetching.versions import NO_VERSION, Version

if TYPE_CHECKING:
    from pindeck.fetching.client import Fetched

__all__ = [
    "NO_VERSION",
    "FetchFailed",
    "FetchRefused",
    "Policy",
    "TookTooLong",
    "Unfetchable",
    "Version",
    "fetch",
    "policy_of_settings",
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
