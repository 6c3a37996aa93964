"""A connection gives back what it took, whoever ends it; and a head is looked at when it is whole, or never will be."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from pindeck.http import connection, heads
from pindeck.http.connection import Allowance, Client
from pindeck.runtime.weblog import Log

MIB = 2**20


class Pair:
    """A reader that reads when told, and the server's side."""

    def __init__(self) -> None:
        self.reader, accepted = socket.socketpair()
        self.places, self.memory = Allowance(1), Allowance(3 * MIB)
        self.freed: list[None] = []
        self.client = Client(accepted, self.places, self.memory, lambda: self.freed.append(None))

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (piece := self.reader.recv(size - len(found))):
            found += piece
            self.client.flush()
        return bytes(found)


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.reader.close()
    made.client.close()


def test_what_is_not_taken_is_kept_and_sent_later(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"f" * MIB)
    pair.client.sendall(b"a" * MIB)
    with file.open("rb") as opened:
        assert pair.client.sendfile(opened, offset=1, count=MIB - 2) == MIB - 2
    pair.client.sendall(b"z")
    assert pair.memory.left < pair.memory.most and not pair.client.flush()
    assert pair.read(2 * MIB - 1) == b"a" * MIB + b"f" * (MIB - 2) + b"z"
    assert pair.client.flush() and pair.memory.left == pair.memory.most
    assert pair.places.left == 1, "nobody had to wait"


def test_who_cannot_be_kept_waits_in_a_place_or_is_ended(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(8 * MIB)
    pair.client.may_wait = True
    assert pair.places.take()
    with pytest.raises(ConnectionAbortedError):
        pair.client.sendall(data)
    pair.places.give()
    monkeypatch.setattr(connection, "SILENCE_S", 0.1)
    with pytest.raises(TimeoutError):
        pair.client.sendall(data)
    assert pair.places.left == 0
    pair.client.leave()
    assert pair.places.left == 1 and len(pair.freed) == 1
    monkeypatch.undo()
    pair.client.may_wait = True
    received = bytearray()

    def read() -> None:
        while piece := pair.reader.recv(MIB):
            received.extend(piece)

    reading = threading.Thread(target=read)
    reading.start()
    pair.client.sendall(b"z" * 8 * MIB)  # behind what went before the others were ended
    while not pair.client.flush():
        pass
    pair.client.shutdown(socket.SHUT_WR)
    reading.join()
    assert received.count(b"z") == 8 * MIB


def test_neither_the_loop_nor_a_thread_that_others_need_at_once_waits_for_a_reader(pair: Pair) -> None:
    with pytest.raises(ConnectionAbortedError):
        pair.client.sendall(bytes(8 * MIB))
    pair.client.may_wait = True
    pair.client.leave()  # a thread has been there
    with pytest.raises(ConnectionAbortedError):
        pair.client.sendall(bytes(8 * MIB))
    assert pair.places.left == 1


def test_an_end_gives_everything_back(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(MIB))
    assert pair.client.hold(1000) and pair.client.take_place() and not pair.client.hold(4 * MIB)
    pair.client.sendall(bytes(MIB))
    with file.open("rb") as opened:
        pair.client.sendfile(opened)
    pair.client.close()
    assert (pair.memory.left, pair.places.left) == (3 * MIB, 1)
    pair.client.close()
    assert (pair.memory.left, pair.places.left) == (3 * MIB, 1)


def test_a_file_that_became_shorter_ends_the_answer(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"short")
    with file.open("rb") as opened, pytest.raises(ConnectionAbortedError):
        pair.client.sendfile(opened, count=100)


def test_of_many_files_one_is_open_at_a_time(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"f" * MIB)
    with file.open("rb") as opened:
        pair.client.send_whole(opened, MIB)
        with pytest.raises(ConnectionAbortedError):  # nobody reads, and this thread may not wait
            pair.client.send_whole(opened, MIB)
        pair.client.may_wait = True
        received = bytearray()

        def read() -> None:  # without the server's side, which belongs to this thread
            while len(received) < 4 * MIB:
                received.extend(pair.reader.recv(MIB))

        reading = threading.Thread(target=read)
        reading.start()
        for _ in range(3):
            pair.client.send_whole(opened, MIB)
        assert len(pair.client._outgoing) <= 1
        while not pair.client.flush():  # as the loop does
            pair.client._await_reader()
        reading.join()
    assert received == b"f" * 4 * MIB
    # The access log counts them, though gunicorn wrote nothing of them; the next request begins at nothing.
    answer, environ = SimpleNamespace(status="200 OK", sent=7, headers=[], sock=pair.client), dict.fromkeys(("REQUEST_METHOD", "RAW_URI", "SERVER_PROTOCOL"), "")
    told = Log(Config()).atoms(answer, SimpleNamespace(headers=[]), environ, timedelta(0))
    assert (told["B"], told["b"]) == (7 + 4 * MIB, str(7 + 4 * MIB))
    pair.client.begin(None, 0, is_quiet=False)
    assert pair.client.handed_over == 0


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n\r", False),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\nbody\n", True),
        (b"GET / HTTP/1.1\n", True),
        (b"\n", True),
        (b"x" * (heads.HEAD_BYTES + 1), True),
    ],
)
def test_when_a_head_is_looked_at(received: bytes, whole: bool) -> None:
    assert heads.is_whole(bytearray(received), 0) == whole
    seen = [heads.is_whole(bytearray(received[: end + 1]), end) for end in range(min(len(received), 60))]
    if len(received) < 60:
        assert any(seen) == whole, "byte by byte as well"
