"""What a stranger meets at the real web server: names of hosts, health, and lines of the log."""

import socket
from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("doors"))
    made.start_web()
    yield made
    made.stop()


def sent(stack: Stack, head: str) -> bytes:
    """The answer to these lines, as they are."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as client:
        client.sendall(head.encode("latin-1") + b"\r\n\r\n")
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer


def status(stack: Stack, path: str, host: str, *more: str) -> int:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *more]
    return int(sent(stack, "\r\n".join(lines)).split(b" ")[1])


def test_only_names_of_this_machine_are_answered(stack: Stack) -> None:
    for host in ("localhost", f"127.0.0.1:{stack.port}", "[::1]:80", "LocalHost."):
        assert status(stack, "/sign-up", host) == 200, host
    for host in ("rebinding.example", f"rebinding.example:{stack.port}", "127.0.0.1.nip.io", "x@localhost", ""):
        assert status(stack, "/sign-up", host) in (400, 421), host
        assert status(stack, "/api/v1/session", host) in (400, 421), host
    assert status(stack, "/sign-up", "rebinding.example", "X-Forwarded-Host: localhost") == 421
    assert status(stack, "/healthz", "10.0.0.7") == status(stack, "/readyz", "10.0.0.7") == 200


def test_nobody_says_in_a_header_where_the_site_begins(stack: Stack) -> None:
    assert status(stack, "/sign-up", "localhost", "SCRIPT_NAME: /elsewhere") == 200
    assert status(stack, "/sign-up", "localhost", "SCRIPT_NAME: /sign") == 200
    assert status(stack, "/healthz/sign-up", "localhost", "SCRIPT_NAME: /healthz") == 404


def test_asking_for_readiness_leaves_the_disk_alone(stack: Stack) -> None:
    def files() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in stack.settings.data_dir.rglob("*")}

    assert status(stack, "/readyz", "localhost") == 200
    before = files()
    for _ in range(20):
        assert status(stack, "/readyz", "localhost", "X-API-Key: pd_m_bad", "Cookie: pindeck_session=x") == 200
    assert files() == before


def test_what_strangers_send_stays_on_its_line_of_the_log(stack: Stack) -> None:
    assert sent(stack, "GET / HTTP/1.1\r\nHost: localhost\r\nX\x1b[2Jforged: y").split(b" ")[1] == b"400"
    assert sent(stack, "FORGED\x1b[2J\x85 / HTTP/1.1\r\nHost: localhost").split(b" ")[1] == b"400"
    told = (stack.folder / "web.log").read_bytes()
    assert b"orged" in told.lower() and b"\x1b" not in told and b"\xc2\x85" not in told
    lines = told.decode().splitlines()
    assert all(line.startswith(("20", "    ")) for line in lines), lines
