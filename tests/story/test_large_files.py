"""Files of any size through real processes: memory stays flat, slow and broken senders leave nothing behind."""

import hashlib
import http.client
import json
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from pindeck import storage
from pindeck.models import Blob, StoredFile
from pindeck.services.blobs import deletion
from tests.stack import Stack, on_either_pair, wait_for

pytestmark = [pytest.mark.timeout(400)]

MIB = 2**20
PIECE = random.Random(7).randbytes(MIB)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(request, tmp_path_factory, "large", files=True) as made:
        yield made


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    return new_key(stack)


def new_key(stack: Stack) -> str:
    return stack.run("key", "create", "--kind", "project", "--project", "library").split()[-1]


@pytest.fixture
def impatient(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack with the limits of time that the test names."""
    idle_s, total_s = request.param
    made = Stack(tmp_path, {"UPLOAD_IDLE_S": idle_s, "UPLOAD_TOTAL_S": total_s})
    made.start_web()
    yield made
    made.stop()


def pieces(mebibytes: int) -> Iterator[bytes]:
    """So many MiB that nobody holds: random ones, each marked with its number so that no two are equal."""
    for number in range(mebibytes):
        yield number.to_bytes(8, "big") + PIECE[8:]


def digest_of(mebibytes: int) -> str:
    digest = hashlib.sha256()
    for piece in pieces(mebibytes):
        digest.update(piece)
    return digest.hexdigest()


class Caller:
    """A program over a connection of its own."""

    def __init__(self, stack: Stack, key: str) -> None:
        self.http = http.client.HTTPConnection(urlsplit(stack.base).netloc, timeout=300)
        self.key = key

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
        given = {"X-API-Key": self.key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.http.request(method, path, body=body, headers=given)  # type: ignore[arg-type]
        answer = self.http.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def ticket(self) -> str:
        status, found = self.ask("POST", "/api/v1/storage/upload-url")
        assert status == 200, found
        parts = urlsplit(str(found["uploadUrl"]))
        return f"{parts.path}?{parts.query}"


class Watch:
    """How much memory the web processes take at most while something goes on, above what they took before.

    `uss` counts what is theirs alone, so pages shared since the fork and the system's file cache stay out.
    """

    def __init__(self, stack: Stack) -> None:
        assert stack.web
        self.processes = psutil.Process(stack.web.pid).children(recursive=True)
        self.before = {process.pid: self._taken(process) for process in self.processes}
        self.grown = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    @staticmethod
    def _taken(process: psutil.Process) -> int:
        return int(process.memory_full_info().uss)

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for process in self.processes:
                self.grown = max(self.grown, self._taken(process) - self.before[process.pid])

    def __enter__(self) -> "Watch":
        assert self.processes
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def warm(stack: Stack, key: str) -> None:
    """Small uploads and downloads, until every process has loaded what it needs for one."""
    for number in range(12):
        caller = Caller(stack, key)
        status, found = caller.ask("POST", caller.ticket(), b"warm %d" % number)
        assert status == 200, found
        caller.http.request("GET", f"/api/v1/storage/{found['storageId']}/content", headers={"X-API-Key": key})
        caller.http.getresponse().read()
        caller.http.close()


def download(caller: Caller, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Bytes received and their SHA-256."""
    caller.http.request("GET", path, headers=headers)
    answer = caller.http.getresponse()
    assert answer.status in (200, 206), answer.read()
    digest, size = hashlib.sha256(), 0
    while chunk := answer.read(MIB):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def test_a_large_upload_does_not_grow_the_process(stack: Stack, key: str) -> None:
    warm(stack, key)
    caller = Caller(stack, key)
    with Watch(stack) as watch:
        status, found = caller.ask("POST", caller.ticket(), pieces(200), Content_Length=str(200 * MIB))
    assert status == 200, found
    assert watch.grown < 50 * MIB, watch.grown / MIB
    record = caller.ask("GET", f"/api/v1/storage/{found['storageId']}")[1]
    assert (record["sha256"], record["size"]) == (digest_of(200), 200 * MIB)
    assert caller.ask("DELETE", f"/api/v1/storage/{found['storageId']}")[0] == 200


def test_two_gigabytes_go_up_and_down_and_the_process_stays_as_it_is(stack: Stack, key: str) -> None:
    warm(stack, key)
    caller, size = Caller(stack, key), 2048
    digest, sent = hashlib.sha256(), 0

    def hashed() -> Iterator[bytes]:
        nonlocal sent
        for piece in pieces(size):
            digest.update(piece)
            sent += len(piece)
            yield piece

    with Watch(stack) as watch:
        path = caller.ticket()
        status, found = caller.ask("PUT", path, hashed())  # in chunks, of no announced length
        assert status == 200, found
        assert sent == size * MIB
        url = str(caller.ask("GET", f"/api/v1/storage/{found['storageId']}/url")[1]["url"])
        whole = download(caller, urlsplit(url).path, {})
        part = download(caller, urlsplit(url).path, {"Range": f"bytes={1500 * MIB}-"})
    assert whole == (size * MIB, digest.hexdigest())
    assert part[0] == (size - 1500) * MIB
    assert watch.grown < 64 * MIB, watch.grown / MIB
    record = caller.ask("GET", f"/api/v1/storage/{found['storageId']}")[1]
    assert (record["sha256"], record["size"]) == (digest.hexdigest(), size * MIB)
    assert caller.ask("DELETE", f"/api/v1/storage/{found['storageId']}")[0] == 200
    with stack.bound():
        for blob in list(Blob.select().where(Blob.state == "deleting")):
            deletion.delete_blob(blob.id)


def raw(stack: Stack, head: str, body: bytes = b"") -> socket.socket:
    """A connection on which so much of a request was sent."""
    parts = urlsplit(stack.base)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    connection.sendall(head.encode() + body)
    return connection


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
        if b"\r\n\r\n" in received and received.endswith(b"}\n"):
            break
    return received


def staged(stack: Stack) -> int:
    with stack.bound():
        return len(list(storage.current().list("staging/"))) + _drafts(stack)


def _drafts(stack: Stack) -> int:
    """Files that are being written and have no key yet."""
    return sum(1 for path in Path(stack.settings.files_dir).rglob("*") if path.is_file() and ".tmp" in path.parts)


@pytest.mark.parametrize("announced", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_a_connection_that_is_cut_leaves_nothing(stack: Stack, key: str, announced: str) -> None:
    caller = Caller(stack, key)
    with stack.bound():
        before = StoredFile.select().count()
    body = b"x" * 400_000
    if announced.startswith("Transfer"):
        body = b"80000\r\n" + body
    head = f"POST {caller.ticket()} HTTP/1.1\r\nHost: localhost\r\n{announced}\r\n\r\n"
    raw(stack, head, body).close()
    again = caller.ask("POST", caller.ticket(), b"another")  # the process goes on
    assert again[0] == 200
    wait_for(lambda: staged(stack) == 0, 60, "the staged bytes to go", stack.log)
    with stack.bound():
        assert StoredFile.select().count() == before + 1


@pytest.mark.parametrize("impatient", [("1", "60")], indirect=True, ids=["idle"])
def test_a_sender_that_falls_silent_is_answered_408(impatient: Stack) -> None:
    caller = Caller(impatient, new_key(impatient))
    for announced, body in (
        ("Content-Length: 1000000", b"x" * 1000),
        ("Transfer-Encoding: chunked", b"400\r\n" + b"x" * 1000),
    ):
        path = caller.ticket()
        connection = raw(impatient, f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{announced}\r\n\r\n", body)
        answer = answer_of(connection)
        connection.close()
        assert answer.startswith(b"HTTP/1.1 408") and b"UPLOAD_TIMEOUT" in answer
        assert caller.ask("POST", path, b"now")[0] == 200  # the ticket is still good
    with impatient.bound():
        assert StoredFile.select().count() == 2
    assert staged(impatient) == 0


@pytest.mark.parametrize("impatient", [("30", "2")], indirect=True, ids=["total"])
def test_a_sender_that_drips_is_ended_when_its_time_is_over(impatient: Stack) -> None:
    """Each byte comes in time, all of them would take for ever: the whole has an end as well."""
    path = Caller(impatient, new_key(impatient)).ticket()
    connection = raw(impatient, f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.1):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        answer = answer_of(connection)
    finally:
        over.set()
        thread.join()
        connection.close()
    assert answer.startswith(b"HTTP/1.1 408") and b"UPLOAD_TIMEOUT" in answer
    assert staged(impatient) == 0


def test_a_wrong_token_is_answered_before_the_body_comes(stack: Stack) -> None:
    head = "POST /storage/upload?token=unknown HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    connection = raw(stack, head)
    answer = answer_of(connection)
    connection.close()
    assert answer.startswith(b"HTTP/1.1 401") and b"STORAGE_TOKEN_INVALID" in answer
