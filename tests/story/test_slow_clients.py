"""Many slow connections of every kind: the site answers while they are held, and each of them comes to an end.

How quick it is meanwhile is not asked, because that depends on the machine; only that it answers while they last.
"""

import random
import resource
import shlex
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psutil
import pytest
import urllib3

from tests.stack import Stack, wait_for
from tests.story.test_large_files import Caller, new_key, raw

pytestmark = [pytest.mark.timeout(400)]

MIB = 2**20


@pytest.fixture(scope="module", autouse=True)
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(params=["1", "4"], scope="module")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One process of one thread, or of four."""
    environ = {"WEB_THREADS": request.param, "UPLOAD_IDLE_S": "3", "UPLOAD_TOTAL_S": "5"}
    made = Stack(tmp_path_factory.mktemp("slow"), environ)
    made.start_web()
    yield made
    made.stop()


def test_a_web_process_that_may_open_too_few_files_does_not_start(stack: Stack) -> None:
    line = shlex.split((stack.root / "Procfile").read_text().partition("web: ")[2].splitlines()[0])
    few = f"ulimit -n 150; exec {shlex.join(line)}"
    done = subprocess.run(["/bin/sh", "-c", few], cwd=stack.root, env=stack.environ, capture_output=True, text=True)
    assert done.returncode and "may open 150 files and needs at least 200" in done.stderr
    assert "ulimit -Hn" in done.stderr and "Traceback" not in done.stderr


class Slow:
    """Connections of one kind, each of which sends a byte now and then, or nothing, and reads nothing."""

    def __init__(self, stack: Stack, count: int, head: str, drips: bytes = b"") -> None:
        self.connections = [raw(stack, head) for _ in range(count)]
        self.drips = drips
        self.sent = 0
        for connection in self.connections:
            connection.setblocking(False)

    def drip(self) -> None:
        if self.drips:
            piece = self.drips[self.sent % len(self.drips) :][:1]
            self.sent += 1
            for connection in self.connections:
                try:
                    connection.send(piece)
                except OSError:  # it was ended, or nobody reads it
                    pass

    def held(self, ports: set[int]) -> bool:
        """Whether the server, which holds connections to these ports, has not ended all of them."""
        return any(connection.getsockname()[1] in ports for connection in self.connections)

    def answers(self) -> list[bytes]:
        return [_received(connection) for connection in self.connections]

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


def ports_held(stack: Stack) -> set[int]:
    """The other ends of what the web processes have open: a client that reads nothing sees no end itself."""
    assert stack.web
    processes = psutil.Process(stack.web.pid).children()
    return {each.raddr.port for process in processes for each in process.net_connections("tcp") if each.raddr}


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1000)
    except OSError:
        return b""


@pytest.fixture(scope="module")
def large(stack: Stack) -> str:
    """The head of a request for a file that fits into no buffer."""
    key = new_key(stack)
    caller = Caller(stack, key)
    data = random.Random(3).randbytes(16 * MIB)
    status, found = caller.ask("POST", caller.ticket(), data)
    assert status == 200, found
    path = f"/api/v1/storage/{found['storageId']}/content"
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n"


def every_kind(stack: Stack, count: int, large: str) -> dict[str, Slow]:
    key = new_key(stack)
    json_head = (
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    )
    upload = f"POST /api/v1/storage HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Type: text/plain\r\n"
    kinds: dict[str, Callable[[], Slow]] = {
        "idle": lambda: Slow(stack, count, ""),
        "head": lambda: Slow(stack, count, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ", b"x"),
        "small body": lambda: Slow(stack, count, f"{json_head}1000\r\n\r\n", b" "),
        "larger body": lambda: Slow(stack, count, f"{json_head}200000\r\n\r\n", b" "),
        "upload": lambda: Slow(stack, count, f"{upload}Content-Length: {MIB}\r\n\r\n", b"x"),
        "upload in chunks": lambda: Slow(stack, count, f"{upload}Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "file": lambda: Slow(stack, count, f"{large}\r\n"),
        "part of a file": lambda: Slow(stack, count, f"{large}Range: bytes=1-\r\n\r\n"),
    }
    return {name: make() for name, make in kinds.items()}


def test_slow_connections_of_every_kind_stop_nothing_and_end(stack: Stack, large: str) -> None:
    """With one thread 48 of each kind; with four 200, so many that the server becomes less patient."""
    count = 48 if stack.settings.web_threads == 1 else 200
    slow = every_kind(stack, count, large)
    over = threading.Event()

    def left() -> list[str]:
        ports = ports_held(stack)
        return [name for name, each in slow.items() if each.held(ports)]

    def drip() -> None:
        while not over.wait(0.2):
            for each in slow.values():
                each.drip()

    dripping = threading.Thread(target=drip)
    dripping.start()
    answered = 0
    try:
        while answered < 20:
            for path in ("/healthz", "/"):
                assert urllib3.request("GET", stack.base + path, timeout=60, retries=False).status == 200, stack.log()
            ports = ports_held(stack)
            if not any(each.held(ports) for each in slow.values()):
                break
            answered += 1
        assert answered, "none was held any more, so this shows nothing"
        wait_for(lambda: not left(), 150, "the slow ones to end", lambda: f"{left()}\n{stack.log()}")
    finally:
        over.set()
        dripping.join()
    said = {name: each.answers() for name, each in slow.items()}
    for each in slow.values():
        each.close()
    assert {answer[:12] for answer in said["upload"]} <= {b"HTTP/1.1 408", b"HTTP/1.1 503", b""}
    refused = [answer for answer in said["upload"] + said["upload in chunks"] if b" 503 " in answer[:14]]
    for answer in refused:
        assert b"\r\nRetry-After: " in answer and b"\r\nConnection: close\r\n" in answer and b"SERVER_BUSY" in answer
    assert refused, "there was room for all of them"
    assert any(answer.startswith(b"HTTP/1.1 408") for answer in said["small body"]), said["small body"]
    assert set(said["head"]) <= {b""} and set(said["idle"]) <= {b""}
    assert urllib3.request("GET", f"{stack.base}/readyz", timeout=60, retries=False).status == 200, stack.log()


def test_health_answers_while_every_thread_works(stack: Stack, large: str) -> None:
    """Readers of an answer that is made while it is sent keep at most half of the threads; two are health's alone."""
    parts = urlsplit(stack.base)
    readers = [raw(stack, f"{large}Range: bytes=1-\r\n\r\n") for _ in range(64)]
    try:
        for _ in range(20):
            connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
            connection.close()
    finally:
        for reader in readers:
            reader.close()
