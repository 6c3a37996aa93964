"""A web server that says whatever a test wants, byte for byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

Script = bytes | Iterable[bytes] | Callable[[], Iterable[bytes]]


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = -1) -> bytes:
    """A whole answer; `length=None` leaves `Content-Length` out."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {location}", status=status)


class HostileServer:
    """Answers the path `/x` with `pages["/x"]`; `requests` are the heads that came in."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Script] = {}
        self.requests: list[str] = []
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._over.set()
        # Closing alone would leave the port open for as long as a thread waits in `accept`.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def dripping(self, start: bytes, drop: bytes, every_s: float = 0.02) -> Callable[[], Iterator[bytes]]:
        """`start`, then one drop after the other until the test is over."""

        def drops() -> Iterator[bytes]:
            yield start
            while not self._over.wait(every_s):
                yield drop

        return drops

    def silent(self, start: bytes = b"") -> Callable[[], Iterator[bytes]]:
        def wait() -> Iterator[bytes]:
            yield start
            self._over.wait(60)

        return wait

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Clients that go away are what most tests here are about.
        with connection, suppress(OSError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65536)
                if not received:
                    return
                head += received
            self.requests.append(head.decode("latin-1"))
            page = self.pages.get(head.split(b" ")[1].decode(), answer(status="404 Not Found"))
            script = page() if callable(page) else page
            for piece in [script] if isinstance(script, bytes) else script:
                connection.sendall(piece)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    server = HostileServer(tls)
    try:
        yield server
    finally:
        server.close()
