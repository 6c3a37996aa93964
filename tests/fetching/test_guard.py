"""The guard stands where connections are made: names, changing answers, and what TLS gets to see."""

import socket
import ssl
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from pindeck import fetching
from pindeck.fetching import FetchFailed, FetchRefused, Policy, TookTooLong
from tests.fetching.conftest import PUBLIC, body_of
from tests.fetching.hostile import HostileServer, answer, redirect, serving

Connections = list[tuple[str, int]]


class Names:
    """A resolver whose answers change: one after the other, and the last one for ever."""

    def __init__(self, *answers: Iterable[str]) -> None:
        self._answers = [list(found) for found in answers]
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def test_a_public_name_is_reached_under_its_name(server: HostileServer, connections: Connections) -> None:
    server.pages["/a"] = answer(b"picture")
    url = f"http://pictures.example:{server.port}/a"
    assert body_of(url, Policy(resolver=Names([PUBLIC]))) == b"picture"
    assert connections == [(PUBLIC, server.port)]
    assert f"Host: pictures.example:{server.port}\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["10.1.2.3", PUBLIC],
        [PUBLIC, "::1"],
        ["::ffff:93.184.215.14"],
        ["64:ff9b::5db8:d70e"],
        ["fe80::1%eth0"],
        ["rubbish"],
    ],
)
def test_a_name_with_a_forbidden_address_is_refused_whole(connections: Connections, found: list[str]) -> None:
    with pytest.raises(FetchRefused) as caught:
        body_of("http://pictures.example/a", Policy(resolver=Names(found)))
    assert connections == []
    assert not any(address in caught.value.message for address in found)


def test_a_name_that_changes_after_the_check_gains_nothing(server: HostileServer, connections: Connections) -> None:
    server.pages["/a"] = answer(b"picture")
    names = Names([PUBLIC], ["127.0.0.1"])
    assert body_of(f"http://pictures.example:{server.port}/a", Policy(resolver=names)) == b"picture"
    assert names.asked == ["pictures.example"]
    assert connections == [(PUBLIC, server.port)]


def test_a_name_that_changes_before_the_next_hop_is_checked_again(
    server: HostileServer, connections: Connections
) -> None:
    server.pages["/a"] = redirect("/b")
    server.pages["/b"] = answer(b"secret")
    names = Names([PUBLIC], ["127.0.0.1"])
    with pytest.raises(FetchRefused):
        body_of(f"http://pictures.example:{server.port}/a", Policy(resolver=names))
    assert names.asked == ["pictures.example"] * 2
    assert connections == [(PUBLIC, server.port)]


def test_the_next_address_is_tried_but_not_hundreds(server: HostileServer, connections: Connections) -> None:
    server.pages["/a"] = answer(b"picture")
    url = f"http://pictures.example:{server.port}/a"
    assert body_of(url, Policy(resolver=Names(["8.8.8.8", PUBLIC]))) == b"picture"
    connections.clear()
    with pytest.raises(FetchFailed, match="cannot be reached"):
        body_of(url, Policy(resolver=Names([f"8.8.8.{i}" for i in range(200)])))
    assert len(connections) == 4


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "a.localhost", "ⓛocalhost", "127.0.0.1", "[::1]", "0.0.0.0"]
)
def test_this_machine_is_refused_whatever_the_resolver_says(host: str, connections: Connections) -> None:
    with pytest.raises(FetchRefused):
        body_of(f"http://{host}/", Policy(resolver=Names([PUBLIC])))
    assert connections == []


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0x7f000001", "017700000001"])
def test_numbers_that_mean_this_machine_are_refused(host: str, inside: HostileServer) -> None:
    # The system's own resolver takes every one of them for loopback.
    assert socket.getaddrinfo(host, 80)[0][4][0] == "127.0.0.1"
    with pytest.raises(FetchRefused):
        body_of(f"http://{host}:{inside.port}/", Policy())


def test_the_systems_resolver_is_checked_too(inside: HostileServer) -> None:
    with pytest.raises(FetchRefused):
        body_of(f"http://localhost:{inside.port}/", Policy())


# What the policy allows


def test_a_pair_is_allowed_for_its_host_and_port_alone(server: HostileServer, inside: HostileServer) -> None:
    server.pages["/a"] = answer(b"picture")
    names = Names(["127.0.0.1"])
    policy = Policy(allow_hosts=frozenset({("nas.lan", server.port)}), resolver=names)
    assert body_of(f"http://NAS.lan:{server.port}/a", policy) == b"picture"
    for url in (
        f"http://nas.lan:{inside.port}/",
        f"http://other.lan:{server.port}/",
        f"http://127.0.0.1:{server.port}/",
        f"http://2130706433:{server.port}/",
    ):
        with pytest.raises(FetchRefused):
            body_of(url, policy)
    assert len(server.requests) == 1


def test_a_name_in_letters_of_another_script_is_the_name_it_stands_for(server: HostileServer) -> None:
    server.pages["/a"] = answer(b"picture")
    policy = Policy(allow_hosts=frozenset({("localhost", server.port)}), resolver=Names(["127.0.0.1"]))
    assert body_of(f"http://ⓛocalhost:{server.port}/a", policy) == b"picture"


# Resolving


def test_a_name_that_cannot_be_resolved_may_be_tried_again() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(FetchFailed, match="resolved"):
        body_of("http://pictures.example/", Policy(resolver=nobody))
    with pytest.raises(FetchFailed, match="no address"):
        body_of("http://pictures.example/", Policy(resolver=Names([])))


def test_a_resolver_that_says_nothing_is_not_waited_for() -> None:
    over = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        over.wait(60)
        return [PUBLIC]

    try:
        with pytest.raises(TookTooLong):
            body_of("http://pictures.example/", Policy(resolver=silent, timeout_s=0.2))
    finally:
        over.set()


def test_a_unix_socket_is_refused() -> None:
    from pindeck.fetching.network import Deadline, Guard

    with pytest.raises(FetchRefused):
        Guard(Policy(), Deadline(1, 1)).connect_unix_socket("/run/docker.sock")


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of pictures.example, made for this run."""
    authority, path = trustme.CA(), tmp_path_factory.mktemp("tls") / "both.pem"
    made = authority.issue_cert("pictures.example")
    path.write_bytes(made.private_key_and_cert_chain_pem.bytes() + authority.cert_pem.bytes())
    return path


def test_tls_is_spoken_with_the_name_and_not_the_address(certificate: Path, connections: Connections) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    named: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    policy = Policy(resolver=Names([PUBLIC]), tls=lambda: ssl.create_default_context(cafile=str(certificate)))
    with serving(context) as server:
        server.pages["/a"] = answer(b"picture")
        assert body_of(f"https://pictures.example:{server.port}/a", policy) == b"picture"
        assert named == ["pictures.example"]

        with pytest.raises(FetchFailed, match="secure connection"):
            body_of(f"https://other.example:{server.port}/a", policy)
        with pytest.raises(FetchFailed, match="secure connection"):
            body_of(f"https://pictures.example:{server.port}/a", replace(policy, tls=None))
        assert len(server.requests) == 1


def test_https_may_redirect_to_http_but_not_inside(
    certificate: Path, server: HostileServer, inside: HostileServer, connections: Connections
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    policy = Policy(resolver=Names([PUBLIC]), tls=lambda: ssl.create_default_context(cafile=str(certificate)))
    server.pages["/a"] = answer(b"picture")
    with serving(context) as secure:
        secure.pages["/out"] = redirect(f"http://pictures.example:{server.port}/a")
        secure.pages["/in"] = redirect(f"{inside.base}/")
        url = f"https://pictures.example:{secure.port}"
        with fetching.fetch(f"{url}/out", max_bytes=100, policy=policy) as fetched:
            assert b"".join(fetched.chunks) == b"picture"
            assert fetched.final_url == f"http://pictures.example:{server.port}/a"
        with pytest.raises(FetchRefused):
            body_of(f"{url}/in", policy)


def test_a_server_that_never_ends_the_handshake_is_not_waited_for(server: HostileServer, policy: Policy) -> None:
    with pytest.raises(TookTooLong):
        # It waits for a request in plain text and gets the greeting of TLS instead.
        body_of(f"https://127.0.0.1:{server.port}/", replace(policy, timeout_s=0.3))
