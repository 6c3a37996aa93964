"""How a web process ends: nobody who was told that a connection stays finds it closed."""

import selectors
import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from pindeck.runtime.clients import Connection, Stage

LINGER_S = 2.0  # for the next request of a connection that was kept, when the server stops
PARTING_S = 1.0  # for the client to take the last answer of all
RETIRE_S = 1800.0  # for what goes on when a process is replaced


class RetiringWorker(ThreadWorker):
    """Gunicorn's worker, which is replaced after so many requests or told to stop, with a loop of our own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._open: set[Connection] = set()
        self._is_told = False
        self._retiring_since: float | None = None
        self._closing_since: float | None = None

    def _sweep(self) -> None:
        raise NotImplementedError

    def _drop(self, conn: Connection) -> None:
        raise NotImplementedError

    def _end_pools(self) -> None:
        raise NotImplementedError

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._is_told = True
        super().handle_exit(sig, frame)

    def run(self) -> None:
        self.poller.register(self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks)
        while self._goes_on():
            self.notify()
            is_open = self._closing_since is None and self.nr_conns < self.worker_connections
            self.set_accept_enabled(is_open)
            self.wait_for_and_dispatch_events(timeout=0.5)
            self._sweep()
        self.set_accept_enabled(False)
        for conn in self._open.copy():
            if conn.stage is Stage.THREAD:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)  # so that its thread ends as well
            else:
                self._drop(conn)
        self._end_pools()
        self.poller.close()
        for listener in self.sockets:
            listener.close()

    def _goes_on(self) -> bool:
        """A process that is told to stop answers what has arrived. One that is replaced has time: it goes on to accept
        and says `Connection: close` in each answer, until nobody is left who was told that the connection stays."""
        if not self.is_parent_alive():
            self.alive, self._is_told = False, True
        if self.alive:
            return True
        now = time.monotonic()
        if self._closing_since is None:
            self._retiring_since = self._retiring_since or now
            if not self._is_told and now < self._retiring_since + RETIRE_S and any(map(_is_kept, self._open)):
                return True
            self._closing_since = now
        return now < self._closing_since + self.cfg.graceful_timeout and any(map(_is_waited_for, self._open))


def _is_kept(conn: Connection) -> bool:
    """Whether to end now would take something from a client that it was promised or is doing."""
    if conn.stage is Stage.FAREWELL:
        return False
    return not conn.is_late or conn.sock.has_place or conn.stage in (Stage.PLACE, Stage.READER)


def _is_waited_for(conn: Connection) -> bool:
    """A client that was answered has a moment to close, too."""
    return conn.stage is not Stage.FAREWELL or time.monotonic() < conn.since + PARTING_S
