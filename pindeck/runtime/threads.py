"""The web server: one loop that waits for clients, and threads that do not.

Gunicorn gives a thread to a connection and lets it wait there for the head of a request, for its body and for the
reading of its answer. Here the loop collects heads and small bodies and sends what is left of an answer. A thread may
wait for a large body, or for the reader of an answer that is too large to be kept, in half of the threads at most.
"""

import errno
import logging
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.parser import RequestParser

from pindeck.http import bodies, heads, refusals
from pindeck.http.connection import AT_ONCE, PIECE, SILENCE_S, Allowance, Client
from pindeck.runtime.clients import Connection, Stage
from pindeck.runtime.retiring import LINGER_S, RetiringWorker

log = logging.getLogger("pindeck.threads")

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
HEAD_S = 10.0  # for a request's head, from its first byte
GLANCE_S = 1.0  # for a small body, before it may have a thread that refuses it early
PLACE_S = 10.0  # for a place to wait in
FAREWELL_S = 20.0  # for the client to send what it is sending and to close as well
PRESSED_S = 3.0  # in the place of all of these when connections or memory become scarce

SMALL_BYTES = 64 * 1024  # a body that the loop collects
DRAIN_BYTES = 16 * 1024 * 1024  # of a body nobody wants, for the sake of the connection
MEMORY_BYTES = 32 * 1024 * 1024  # of bodies and answers that wait for a client
# A load balancer takes a process that does not answer for a dead one, so busy threads must not keep it waiting. Each
# has a thread of its own, because one asks the database and the store, which may be slow to say no.
ALONE = ("/healthz", "/readyz")


class PatientWorker(RetiringWorker):
    """Gunicorn's threaded worker with a loop of our own. From gunicorn come the parser, the answer and the signals."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._places = Allowance(max(1, self.cfg.threads // 2))
        self._memory = Allowance(MEMORY_BYTES)
        self._waiting: deque[Connection] = deque()
        self._alone: dict[str, Executor] = {}
        self._swept = 0.0

    # Beginning and end

    def get_thread_pool(self) -> Executor:
        self._alone = {path: ThreadPoolExecutor(1) for path in ALONE}
        return ThreadPoolExecutor(max(2, self.cfg.threads))  # with one thread, a slow client waits in a second

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi: Callable[..., Any] = partial(self._call, self.wsgi)

    def _end_pools(self) -> None:
        for pool in (self.tpool, *self._alone.values()):
            pool.shutdown(wait=False)

    # What arrives

    def accept(self, listener: Any) -> None:
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED, errno.EMFILE, errno.ENFILE):
                return
            raise
        self.nr_conns += 1
        sock = Client(accepted, self._places, self._memory, partial(self.method_queue.defer, self._give_places))
        conn = Connection(sock, address, listener.getsockname(), is_late=not self.alive)
        self._open.add(conn)
        conn.enter(Stage.REQUEST, self.cfg.keepalive)
        self._guarded(self._read, conn)  # it is often there already

    def _guarded(self, step: Callable[[Connection], None], conn: Connection, *_: Any) -> None:
        try:
            step(conn)
        except (OSError, EOFError):
            self._drop(conn)
        except Exception:
            log.exception("a connection was dropped")
            self._drop(conn)

    def _on_event(self, conn: Connection) -> None:
        if conn.stage is Stage.READER:
            self._settle(conn)
        elif conn.stage is Stage.FAREWELL:
            self._take_leave(conn)
        elif conn.stage in (Stage.REQUEST, Stage.HEAD, Stage.BODY):
            self._read(conn)

    def _read(self, conn: Connection) -> None:
        found = conn.sock.fetch(min(conn.missing, PIECE) if conn.stage is Stage.BODY else PIECE // 4)
        if found is None:
            self._watch(conn, READ)
        elif found and conn.stage is Stage.BODY:
            conn.heard = time.monotonic()
            conn.missing -= found
            if conn.missing:
                self._watch(conn, READ)
            else:
                self._submit(conn)
        elif found:
            self._look(conn)
        elif conn.stage is Stage.BODY:
            self._submit(conn)  # it broke off, which is answered
        else:
            self._drop(conn)

    def _look(self, conn: Connection) -> None:
        """Whether what has arrived is a head."""
        if conn.stage is Stage.REQUEST:
            conn.enter(Stage.HEAD, HEAD_S)
            conn.looked = 0
        if not heads.is_whole(conn.sock.received, conn.looked):
            conn.looked = len(conn.sock.received)
            self._watch(conn, READ)
            return
        conn.beginning = bytes(conn.sock.received[: refusals.BEGINNING])
        try:
            conn.request = next(RequestParser(self.cfg, conn.sock, conn.client))
            refusals.check_host(conn.request)
        except Exception as error:
            if isinstance(error, TimeoutError):  # the parser wants still more
                error = LimitRequestHeaders(f"more than {heads.HEAD_BYTES} bytes")
            conn.stays, conn.request = False, None
            self._refuse(conn, error)
            conn.enter(Stage.READER, SILENCE_S)
            self._settle(conn)
            return
        self._begin(conn)

    def _begin(self, conn: Connection) -> None:
        """The head is there. What is there of the body as well decides who waits for the rest."""
        request, sock = conn.request, conn.sock
        length = request.body.reader.length if isinstance(request.body.reader, LengthReader) else None
        there = len(request.unreader.buf.getvalue()) + len(sock.received)
        missing = None if length is None else max(0, length - there)
        sock.begin(request, missing, is_quiet=request._expected_100_continue)
        request._expected_100_continue = False  # said when the body is read, and not to somebody who is refused
        if missing == 0:
            self._submit(conn)
        elif missing is not None and length is not None and length <= SMALL_BYTES and sock.hold(length):
            conn.missing = missing
            conn.enter(Stage.BODY, bodies.TOTAL_S)
            sock.say_continue()
            self._read(conn)
        elif not self._waiting and sock.take_place():
            self._submit(conn)
        else:
            self._watch(conn, 0)
            conn.enter(Stage.PLACE, PLACE_S)
            self._waiting.append(conn)

    def _give_places(self) -> None:
        while self._waiting:
            conn = self._waiting[0]
            if conn.stage is Stage.PLACE and not conn.sock.take_place():
                return
            self._waiting.popleft()
            if conn.stage is Stage.PLACE:
                self._guarded(self._submit, conn)

    # The answer

    def _submit(self, conn: Connection) -> None:
        self._watch(conn, 0)
        conn.stage = Stage.THREAD
        pool: Executor = self.tpool
        if not conn.sock.has_place:
            pool = self._alone.get(conn.request.path, pool)
        conn.sock.may_wait = pool is self.tpool
        conn.doing = pool.submit(self._serve, conn)
        conn.doing.add_done_callback(lambda _: self.method_queue.defer(self._guarded, self._served, conn))

    def _call(self, app: Callable[..., Any], environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Before the head of the answer goes out it is known whether the connection can stay."""
        sock = environ["gunicorn.socket"]

        def start(*args: Any) -> Any:
            if not self.alive or _is_spent(sock):
                sock.request.force_close()
            return start_response(*args)

        return app(environ, start)

    def _serve(self, conn: Connection) -> bool:
        """Answer one request; whether the connection stays. In a thread."""
        try:
            return bool(self.handle_request(conn.request, conn))
        except OSError as error:
            log.debug("an answer was not taken: %s", error)
            conn.is_broken = True
        except StopIteration:  # what makes the answer broke off in the middle of it
            conn.is_broken = True
        except BaseException as error:
            self._refuse(conn, error)
        return False

    def _refuse(self, conn: Connection, error: BaseException) -> None:
        """Answer what cannot be read, or an error that nobody else has answered. The connection ends."""
        status = refusals.status_of(error)
        path = refusals.path_of(conn.beginning)
        if status == 500:
            self.log.error("Error handling a request for %s", path or "nothing that it names", exc_info=error)
        else:
            self.log.warning("Invalid request from ip=%s: %s", (conn.client or ("",))[0], error)
        why = str(error) if isinstance(error, refusals.NoHost) else ""
        conn.sock.sendall(refusals.answer(status, path, why))

    def _served(self, conn: Connection) -> None:
        """The thread has left. What it wrote may not have been taken, and what it did not read may not have come."""
        sock, request = conn.sock, conn.request
        conn.stays = conn.doing is not None and conn.doing.result()
        sock.leave()
        if conn.is_broken:
            self._drop(conn)
            return
        rest = request.unreader.take_buffered() + bytes(sock.received)
        unread = request.body.reader.length if isinstance(request.body.reader, LengthReader) else 0
        sock.received = bytearray(rest[unread:])
        conn.missing = max(0, unread - len(rest)) if conn.stays else 0
        conn.request = None
        sock.moved = time.monotonic()
        conn.enter(Stage.READER, bodies.TOTAL_S)
        self._settle(conn)

    def _settle(self, conn: Connection) -> None:
        is_taken = conn.sock.flush(AT_ONCE)
        if conn.missing:
            try:
                found = self._skim(conn, conn.missing)
                conn.missing -= found
                conn.heard = time.monotonic() if found else conn.heard
            except EOFError:
                conn.missing, conn.stays = 0, False
        if not is_taken or conn.missing:
            self._watch(conn, (0 if is_taken else WRITE) | (READ if conn.missing else 0))
        elif conn.stays:
            conn.enter(Stage.REQUEST, self.cfg.keepalive)
            if conn.sock.received:
                self._look(conn)
            else:
                self._watch(conn, READ)
        else:
            self._part(conn)

    def _part(self, conn: Connection) -> None:
        """Say that nothing more comes, and wait for the client to close as well: what it sends meanwhile shall not be
        answered with a reset."""
        conn.sock.shutdown(socket.SHUT_WR)
        conn.enter(Stage.FAREWELL, FAREWELL_S)
        self._take_leave(conn)

    def _take_leave(self, conn: Connection) -> None:
        """What the client still sends is read, because closing before would take the answer from it."""
        self._skim(conn, AT_ONCE)
        self._watch(conn, READ)

    def _skim(self, conn: Connection, most: int) -> int:
        """Throw away so many bytes, if they are there. Raises EOFError at the end."""
        found = 0
        while found < min(most, AT_ONCE):
            piece = conn.sock.skim(min(most - found, PIECE))
            if piece is None:
                break
            if not piece:
                raise EOFError
            found += piece
        return found

    # What does not come

    def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._swept + 0.5:
            return
        self._swept = now
        is_pressed = 2 * self.nr_conns > self.worker_connections or 2 * self._memory.left < self._memory.most
        for conn in self._open.copy():
            self._guarded(partial(self._look_after, now=now, is_pressed=is_pressed), conn)

    def _look_after(self, conn: Connection, *, now: float, is_pressed: bool) -> None:
        """End what took too long. Under pressure that is sooner."""
        limit = PRESSED_S if is_pressed else float("inf")
        stage, sock = conn.stage, conn.sock
        if stage in (Stage.REQUEST, Stage.HEAD) and self._closing_since is not None:
            limit = LINGER_S
        if stage is Stage.REQUEST:
            if now > min(conn.until, conn.since + limit):
                if sock.has_more():  # it came this very moment
                    self._read(conn)
                else:
                    self._part(conn)
        elif stage is Stage.BODY:
            if now > min(conn.until, conn.since + limit, conn.heard + bodies.IDLE_S):
                self._submit(conn)  # it is answered 408
            elif now > conn.since + GLANCE_S and self._spares_a_place() and sock.take_place():
                self._submit(conn)
        elif stage is Stage.PLACE:
            if now > conn.until:
                sock.refused = True
                self._submit(conn)
        elif stage is Stage.READER:
            unread = min(conn.until, conn.heard + min(limit, bodies.IDLE_S))
            if now > (unread if conn.missing else sock.moved + min(limit, SILENCE_S)):
                self._drop(conn)
        elif stage in (Stage.HEAD, Stage.FAREWELL) and now > min(conn.until, conn.since + limit):
            self._drop(conn)

    def _spares_a_place(self) -> bool:
        """A small body can be collected to the end without one, so the last is left for what is large."""
        return self._places.left > min(1, self._places.most - 1)

    def _watch(self, conn: Connection, events: int) -> None:
        if conn.watched == events:
            return
        if not conn.watched:
            self.poller.register(conn.sock, events, partial(self._guarded, self._on_event, conn))
        elif not events:
            self.poller.unregister(conn.sock)
        else:
            self.poller.modify(conn.sock, events, partial(self._guarded, self._on_event, conn))
        conn.watched = events

    def _drop(self, conn: Connection) -> None:
        if conn.stage is not Stage.NOTHING:
            self._watch(conn, 0)
            conn.stage = Stage.NOTHING
            conn.sock.close()
            self._open.discard(conn)
            self.nr_conns -= 1


def _is_spent(sock: Client) -> bool:
    """Whether the next request cannot be found behind the body of this one, or not without too much reading."""
    body = sock.request.body
    reader = body.reader
    if sock.refused or body.failed:
        return True
    if isinstance(reader, LengthReader):
        return reader.length > DRAIN_BYTES or (reader.length > 0 and sock.is_quiet)
    return reader.parser is not None
