"""One client's connection: what has arrived before a thread looks at it, and what goes on after the thread has left.

The socket itself never blocks. A thread waits in two places only, for more of a body and for a reader whose answer is
too large to be kept, and in both it holds one of the few places that there are for waiting.
"""

import os
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

PIECE = 64 * 1024
AT_ONCE = 1024 * 1024  # of one connection, before others get their turn
KEPT_BYTES = 4 * 1024 * 1024  # of one answer that is not taken yet
SILENCE_S = 60.0  # for a piece of the answer to be taken


class Allowance:
    """So many of something for all threads: places to wait in, bytes of memory."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.left = most
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> bool:
        with self._lock:
            if self.left < count:
                return False
            self.left -= count
            return True

    def give(self, count: int = 1) -> None:
        with self._lock:
            self.left += count


class Client(socket.socket):
    """The server's side of a connection. `places` and `memory` are shared by all of them."""

    def __init__(
        self, accepted: socket.socket, places: Allowance, memory: Allowance, on_place: Callable[[], None]
    ) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self.settimeout(0)
        self.received = bytearray()
        self.request: Any = None  # gunicorn's, of which the body is being read
        self.has_ended = False  # nothing more will come
        self.has_place = False
        self.refused = False  # there was no place for its request
        self.may_wait = False  # in a thread, of which there are others; never in the loop
        self.moved = time.monotonic()  # when a piece of the answer was taken last
        self.is_quiet = False  # it waits for “100 Continue” before it sends its body
        self.handed_over = 0  # bytes of files in the answer of now, which the system sends
        self._places, self._memory, self._on_place = places, memory, on_place
        self._held = 0  # bytes of `memory`
        self._limits = (0.0, 0.0)
        self._due: int | None = 0  # bytes of the body that are still to come, if that is known
        self._outgoing: deque[memoryview | _File] = deque()
        self._outgoing_bytes = 0

    # In the loop

    def begin(self, request: Any, due: int | None, *, is_quiet: bool) -> None:
        """A request's head has arrived; `due` bytes of its body have not."""
        self.request, self._due, self.is_quiet, self.handed_over = request, due, is_quiet, 0

    def fetch(self, most: int) -> int | None:
        """Put what is there into `received`. How many bytes that were, 0 at the end, None when nothing came."""
        data = self._receive(most)
        if data:
            self.received += data
        self.has_ended = data == b""
        return data if data is None else len(data)

    def skim(self, most: int) -> int | None:
        """As `fetch`, but for what nobody wants."""
        data = self._receive(most)
        return data if data is None else len(data)

    def has_more(self) -> bool:
        try:
            return bool(super().recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def hold(self, count: int) -> bool:
        """Take so many bytes of the memory that all connections have for what waits in it."""
        if not self._memory.take(count):
            return False
        self._held += count
        return True

    def take_place(self) -> bool:
        self.has_place = self.has_place or self._places.take()
        return self.has_place

    def leave(self) -> None:
        """No thread is there any more: the place is free, and so is the memory of the body."""
        self.may_wait = False
        self._give_place()
        self._memory.give(self._held)
        self._held = 0

    def say_continue(self) -> None:
        if self.is_quiet:
            self.is_quiet = False
            self.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    # In a thread, which reads the body and writes the answer

    def wait(self, idle_s: float, until: float) -> None:
        """How long the body may bring nothing, and the end of all waiting for it (monotonic)."""
        self._limits = (idle_s, until)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has arrived; of a request with a place also what is still to come. Raises TimeoutError."""
        if self.received:
            data = bytes(self.received[:size])
            del self.received[:size]
            return data
        if self.has_ended:
            return b""
        if not self.has_place:
            raise TimeoutError("The body did not arrive.")
        self.say_continue()
        idle_s, until = self._limits
        self.settimeout(max(min(idle_s, until - time.monotonic()), 0.001))
        try:
            data = super().recv(size, flags)
        finally:
            self.settimeout(0)
        if self._due is not None:
            self._due -= len(data)
            if self._due <= 0:
                self._give_place()
        return data

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what goes and keep the rest for the loop. Raises ConnectionAbortedError when the rest is too large and
        there is no place to wait in, and TimeoutError when nothing is taken."""
        view = memoryview(data)
        while view:
            if self.flush():
                view = view[self._push(view) :]
            if self._keep(view):
                return
            self._await_reader()

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send what goes; the loop sends the rest after the caller has closed the file."""
        if count is None:
            count = os.fstat(file.fileno()).st_size - offset
        self._outgoing.append(_File(os.dup(file.fileno()), offset, count))
        self.handed_over += count
        self.flush()
        return count

    def send_whole(self, file: Any, count: int) -> None:
        """The same for one of many files of an answer: one is open at a time, however slow the reader is. Raises as `sendall` does."""
        while not self.flush():
            self._await_reader()
        self.sendfile(file, 0, count)

    # In either

    def flush(self, most: int | None = None) -> bool:
        """Send of what is kept as much as goes, and not much more than `most`. Whether all of it went."""
        sent = 0
        while self._outgoing:
            first = self._outgoing[0]
            pushed = self._push(first) if isinstance(first, memoryview) else first.push(self)
            if not pushed:
                return False
            self.moved = time.monotonic()
            sent += pushed
            if isinstance(first, memoryview):
                self._forget(pushed)
                self._outgoing[0] = first = first[pushed:]
            if not len(first):
                self._drop_first()
            if most is not None and sent >= most and self._outgoing:
                return False
        return True

    def close(self) -> None:
        if self._outgoing:  # nor shall the system keep what nobody takes
            with suppress(OSError):
                self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while self._outgoing:
            self._drop_first()
        self.leave()
        super().close()

    def _receive(self, most: int) -> bytes | None:
        try:
            return super().recv(most)
        except BlockingIOError:
            return None

    def _push(self, view: memoryview) -> int:
        try:
            return super().send(view)
        except BlockingIOError:
            return 0

    def _keep(self, view: memoryview) -> bool:
        count = len(view)
        if self._outgoing_bytes + count > KEPT_BYTES or not self._memory.take(count):
            return False
        if count:
            self._outgoing.append(view)
            self._outgoing_bytes += count
        return True

    def _await_reader(self) -> None:
        if not self.may_wait or not self.take_place():
            raise ConnectionAbortedError("The answer is taken too slowly, and as many as may wait do so already.")
        writable = select.poll()
        writable.register(self, select.POLLOUT)
        if not writable.poll(SILENCE_S * 1000):
            raise TimeoutError("The answer was not taken.")

    def _drop_first(self) -> None:
        first = self._outgoing.popleft()
        if isinstance(first, memoryview):
            self._forget(len(first))
        else:
            os.close(first.number)

    def _forget(self, count: int) -> None:
        self._outgoing_bytes -= count
        self._memory.give(count)

    def _give_place(self) -> None:
        if self.has_place:
            self.has_place = False
            self._places.give()
            self._on_place()


class _File:
    """A part of an open file on its way out."""

    def __init__(self, number: int, offset: int, count: int) -> None:
        self.number, self._offset, self._count = number, offset, count

    def __len__(self) -> int:
        return self._count

    def push(self, connection: socket.socket) -> int:
        try:
            sent = os.sendfile(connection.fileno(), self.number, self._offset, min(self._count, 4 * PIECE))
        except BlockingIOError:
            return 0
        if not sent:
            raise ConnectionAbortedError("The file became shorter while it was sent.")
        self._offset += sent
        self._count -= sent
        return sent
