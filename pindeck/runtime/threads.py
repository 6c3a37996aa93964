"""The web server's threads, none of which waits for a client for ever.

Gunicorn's own thread waits for the rest of a request's head, for its body and for the reading of its answer as long
as somebody keeps the connection open, and its `timeout` ends no thread. A few such connections would stop a process.
"""

import logging
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

log = logging.getLogger("pindeck.threads")

HEAD_S = 10.0  # for a request's head, from its first byte
SILENCE_S = 60.0  # for a piece of the answer to be taken; a body has limits of its own
REST_S = 1.0  # for what is left of a body that nobody wanted
FAREWELL_S = 0.5  # for the client to close as well


class PatientWorker(ThreadWorker):
    """Gunicorn's threaded worker, with an end to each of its waits."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._heads: dict[TConn, float] = {}  # of each connection whose head is being read, until when

    def handle(self, conn: TConn) -> Any:
        """Serve one request. In a thread."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER  # the loop waits for its first byte, which takes no thread
        self._heads[conn] = time.monotonic() + HEAD_S
        try:
            stays = super().handle(conn)
        finally:
            self._heads.pop(conn, None)
        if stays is False:  # here, because the loop would wait for the client and accept nobody meanwhile
            util.close_graceful(conn.sock, timeout=FAREWELL_S)
            conn.close = _closed
        return stays

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """The head is there."""
        self._heads.pop(conn, None)
        conn.sock.settimeout(SILENCE_S)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:
            log.info("an answer was not taken in %d s", SILENCE_S)
            return False

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + REST_S))

    def murder_pending(self) -> None:
        """The loop looks here once a second: end what is over."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._heads.items()):
            if now > until and conn in self._heads:
                _end(conn.sock)


def _end(connection: socket.socket) -> None:
    """Nothing more is read from it, so the thread that waits goes on."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:  # it is gone already
        pass


def _closed(graceful: bool = False) -> None:
    """In the place of the closing of a connection that is closed."""
