"""Hostile servers, a policy that lets the fetcher reach one of them, and an internet that is not one."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pindeck import fetching
from pindeck.fetching import Policy
from tests.fetching.hostile import HostileServer, serving

PUBLIC = "93.184.215.14"
Connect = Callable[..., socket.socket]


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A server on loopback that the policy allows."""
    with serving() as running:
        yield running


@pytest.fixture
def inside() -> Iterator[HostileServer]:
    """A server on loopback that nothing from outside may reach."""
    with serving() as running:
        yield running
    assert running.requests == []


@pytest.fixture
def policy(server: HostileServer) -> Policy:
    return Policy(allow_hosts=frozenset({("127.0.0.1", server.port)}), timeout_s=20, silence_s=10)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that was connected to. The public one leads to loopback, others are not answered."""
    seen: list[tuple[str, int]] = []
    really: Connect = socket.create_connection

    def connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        seen.append(address)
        if address[0] != PUBLIC:
            raise ConnectionRefusedError
        return really(("127.0.0.1", address[1]), *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    return seen


def body_of(url: str, policy: Policy, max_bytes: int = 2**20) -> bytes:
    with fetching.fetch(url, max_bytes=max_bytes, policy=policy) as fetched:
        return b"".join(fetched.chunks)
