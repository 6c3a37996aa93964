"""A client that keeps its connection open never finds it dead: not after a refusal, not when a process is replaced."""

import http.client
import json
import os
import random
import runpy
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import urllib3

from tests.stack import Stack, wait_for
from tests.story.test_large_files import Caller, new_key

pytestmark = [pytest.mark.timeout(400)]

KIB, MIB = 2**10, 2**20
# A process that is replaced waits for connections that it was told to keep, also for those that nobody uses any more.
SOON = "--max-requests-jitter 0 --keep-alive 5"
FORM = "multipart/form-data; boundary=b"


@contextmanager
def serving(factory: pytest.TempPathFactory, **environ: str) -> Iterator[Stack]:
    made = Stack(factory.mktemp("kept"), {"WEB_THREADS": "4", **environ})
    made.start_web()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with serving(tmp_path_factory, MAX_UPLOAD_MB="1", MAX_FILE_MB="2") as made:
        yield made


def refusals(stack: Stack) -> list[tuple[str, dict[str, str], int]]:
    """Paths and headers of uploads, and how each is refused before its body is read."""
    reader = stack.run(
        "key", "create", "--kind", "project", "--project", "library", "--scopes", "images:read"
    ).split()[-1]
    key = new_key(stack)
    return [
        ("/api/v1/images/upload", {"Content-Type": FORM}, 401),
        ("/api/v1/images/upload", {"Content-Type": FORM, "X-API-Key": reader}, 403),
        ("/api/v1/nothing/here", {"Content-Type": FORM}, 404),
        ("/api/v1/images/upload", {"Content-Type": FORM, "X-API-Key": key}, 413),
        ("/api/v1/session", {"Content-Type": "image/png"}, 415),
        ("/sign-in", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
    ]


def sizes() -> list[int]:
    chosen = random.Random(11)
    small = [chosen.randrange(100 * KIB, 2 * MIB) for _ in range(130)]
    return [*small, *(chosen.randrange(2 * MIB, 20 * MIB) for _ in range(20))]


def test_a_refused_upload_leaves_the_connection_usable(stack: Stack) -> None:
    doors = refusals(stack)
    pool = urllib3.PoolManager(num_pools=1, maxsize=1, block=True)
    seen = set()
    for number, size in enumerate(sizes()):
        path, headers, status = doors[number % len(doors)]
        size = max(size, 4 * MIB) if status == 413 else size
        answer = pool.request(
            "POST", stack.base + path, body=bytes(size), headers=headers, retries=False, timeout=60, redirect=False
        )
        assert answer.status == status, (path, answer.status, answer.data)
        seen.add((status, answer.headers["Connection"]))
        assert pool.request("GET", f"{stack.base}/healthz", retries=False, timeout=60).status == 200
    assert {status for status, _ in seen} == {status for *_, status in doors}
    assert {word for _, word in seen} == {"keep-alive", "close"}


def read_answer(file: object) -> tuple[int, str]:
    """One answer of a connection: its status, and what it says of the connection."""
    found = http.client.HTTPResponse(file)  # type: ignore[arg-type]
    found.begin()
    found.read()
    return found.status, found.headers["Connection"]


def test_a_client_that_writes_and_reads_by_itself(stack: Stack) -> None:
    """Each request is written whole before anything is read; what is kept is used again, also for a body in chunks."""
    parts = urlsplit(stack.base)
    connection: socket.socket | None = None
    told = set()
    for number, (path, headers, status) in enumerate(refusals(stack) * 3):
        size = (100 * KIB, 5 * MIB, 17 * MIB)[number // 6 % 3]
        size = max(size, 4 * MIB) if status == 413 else size
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
        is_chunked = number % 4 == 3 and status != 413
        lines.append("Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}")
        body = f"{size:x}\r\n".encode() + bytes(size) + b"\r\n0\r\n\r\n" if is_chunked else bytes(size)
        for request, expected in (
            ("\r\n".join(lines).encode() + b"\r\n\r\n" + body, status),
            (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        ):
            if connection is None:
                connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
            connection.sendall(request)
            found, word = read_answer(connection)
            assert found == expected
            told.add((word, is_chunked))
            if word == "close":
                connection.close()
                connection = None
    assert told == {("keep-alive", False), ("close", False), ("close", True), ("keep-alive", True)}


def test_a_client_that_asks_before_it_sends(stack: Stack) -> None:
    """Who is refused is not told to go on; who is taken is, also when the loop collects the body."""
    parts = urlsplit(stack.base)
    key = new_key(stack)
    ask = "Expect: 100-continue\r\n"
    for head, body, said in (
        (f"POST /api/v1/images/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: {4 * MIB}\r\n{ask}\r\n", b"", b" 401 "),
        (f"POST /api/v1/storage HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {MIB}\r\n{ask}\r\n",
         bytes(MIB), b" 201 "),
        (f"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n{ask}\r\n",
         b"{}", b" 400 "),
    ):  # fmt: skip
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
            connection.sendall(head.encode())
            first = connection.recv(25 if body else 4000)
            if body:
                assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
                connection.sendall(body)
                first = connection.recv(4000)
            else:
                assert b"\r\nConnection: close\r\n" in first
            assert said in first[:20], first


def test_requests_sent_together_are_answered_in_their_order(stack: Stack) -> None:
    parts = urlsplit(stack.base)
    body = b'{"email": "a"}'
    post = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    requests = [
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        post % len(body) + body,
        b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(b"".join(requests * 5))
        reader = connection.makefile("rb")

        class Same:
            def makefile(self, *_: object) -> object:
                return Unclosed(reader)

        assert [read_answer(Same())[0] for _ in range(15)] == [200, 400, 404] * 5


class Unclosed:
    """Several answers are read from one file, which each of them would close."""

    def __init__(self, file: object) -> None:
        self._file = file

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def close(self) -> None:
        pass


def refused(port: int | None, sent: bytes) -> http.client.HTTPResponse:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer


def test_heads_that_cannot_be_read_are_refused(stack: Stack) -> None:
    parts = urlsplit(stack.base)
    for sent, status in (
        (b"GET %b" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET %b HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 4000, 431),
        (b"GET %b HTTP/1.1\nHost: localhost\n\n", 400),
        (b"GET %b HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400),
        (b"GET %b HTTP/1.1\r\n\r\n", 400),
        (b"GET %b HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: odd\r\n\r\n", 501),
    ):
        for path in (b"/api/v1/images/", b"http://localhost/api/v1/images/", b"/sign-in/", b"/i/"):
            answer = refused(parts.port, sent % path)
            assert answer.status == status and answer.getheader("Connection") == "close"
            if b"/api/" in path:
                assert answer.getheader("Content-Type") == "application/json"
                told = json.loads(answer.read())
                assert told["success"] is False and told["error"]["code"].isupper() and told["error"]["message"]
            else:
                assert answer.getheader("Content-Type").startswith("text/html") and b"<h1>" in answer.read()
    assert refused(parts.port, b"nonsense\r\n\r\n").status == 400
    assert refused(parts.port, b"GET /healthz HTTP/1.0\r\n\r\n").status == 200
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(b"GET /healthz?q=" + b"x" * 8100 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).split(b" ")[1] == b"200"


def child(stack: Stack) -> int:
    """The one web process; 0 while the next one starts."""
    assert stack.web
    found = psutil.Process(stack.web.pid).children()
    return int(found[0].pid) if found else 0


class Strict:
    """A client for which a connection that ends without having said so is a failure."""

    def __init__(self, stack: Stack) -> None:
        self.http = http.client.HTTPConnection(urlsplit(stack.base).netloc, timeout=120)
        self.done = 0
        self.dropped: list[str] = []

    def ask(self) -> None:
        try:
            self.http.request("GET", "/healthz")
            answer = self.http.getresponse()
            answer.read()
            assert answer.status == 200
            self.done += 1
        except (OSError, http.client.HTTPException) as error:
            self.dropped.append(repr(error))
            self.http.close()


def test_no_request_is_dropped_when_processes_are_replaced(tmp_path_factory: pytest.TempPathFactory) -> None:
    every = f"--max-requests 1500 {SOON}"
    with serving(tmp_path_factory, GUNICORN_CMD_ARGS=every) as stack:
        seen = {child(stack)}
        others = [Strict(stack) for _ in range(4)]
        over = threading.Event()

        def now_and_then(client: Strict, pause_s: float) -> None:
            while not over.wait(pause_s):
                client.ask()

        threads = [
            threading.Thread(target=now_and_then, args=(client, 0.003 * 5**number))
            for number, client in enumerate(others)
        ]
        for thread in threads:
            thread.start()
        client = Strict(stack)
        try:
            # A process waits for those who were told that the connection stays. A fast machine asks more often meanwhile.
            while len(seen - {0}) < 4 or client.done < 6000:
                client.ask()
                assert client.dropped == [], stack.log()
                if client.done % 50 == 0:
                    seen.add(child(stack))
        finally:
            over.set()
            for thread in threads:
                thread.join()
        assert [each.dropped for each in others] == [[]] * 4 and all(each.done for each in others), stack.log()


def test_an_upload_outlives_the_time_of_its_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    """While it goes on the process answers others, too, and is replaced afterwards."""
    with serving(tmp_path_factory, GUNICORN_CMD_ARGS=f"--max-requests 20 {SOON}") as stack:
        caller, process = Caller(stack, new_key(stack)), child(stack)
        path = caller.ticket()
        with socket.create_connection(("127.0.0.1", stack.port), timeout=120) as upload:
            upload.sendall(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {2 * MIB}\r\n\r\n".encode() + bytes(MIB)
            )
            client = Strict(stack)
            for _ in range(60):
                client.ask()
            assert client.dropped == [] and child(stack) == process
            upload.sendall(bytes(MIB))
            assert read_answer(upload) == (200, "close")
        wait_for(lambda: child(stack) not in (0, process), 60, "the next process", stack.log)
        client.ask()
        assert client.dropped == []


def test_a_request_is_answered_when_the_server_is_told_to_stop(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory) as stack:
        kept = Strict(stack)
        kept.ask()
        assert stack.web
        os.kill(child(stack), 15)
        time.sleep(0)  # whichever comes first, the signal or the request
        kept.ask()
        assert kept.dropped == [] and kept.done == 2


def test_an_idle_connection_outlives_those_of_front_servers() -> None:
    """They keep theirs for a minute, and their next request must not meet one that is just being closed."""
    told = runpy.run_path(str(Path(__file__).parents[2] / "gunicorn.conf.py"))
    assert told["keepalive"] > 60


def test_a_connection_that_was_idle_for_too_long_ends_without_a_reset(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A request that crosses the end is read and thrown away; the client sees an end, as it does with no request."""
    with (
        serving(tmp_path_factory, GUNICORN_CMD_ARGS="--keep-alive 1") as stack,
        socket.create_connection(("127.0.0.1", stack.port), timeout=60) as connection,
    ):
        asked = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(asked)
        assert read_answer(connection) == (200, "keep-alive")
        assert connection.recv(1) == b""
        for _ in range(2):
            connection.sendall(asked)
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        assert connection.recv(1) == b""
