"""A request's body as it arrives, with an end to patience (file-storage §4.2)."""

import socket
import threading
import time
from collections.abc import Iterator

from werkzeug.wrappers import Request

from pindeck.errors import PindeckError

CHUNK = 256 * 1024


def chunks(request: Request, *, idle_s: float, total_s: float) -> Iterator[bytes]:
    """The body piece by piece. Raises PindeckError `UPLOAD_TIMEOUT` (408) when nothing came for `idle_s` seconds
    or the whole took longer than `total_s`, and `UPLOAD_INCOMPLETE` (400) when it broke off or is not proper.

    The server's socket does the waiting where it is known (gunicorn tells it). Elsewhere the time is looked at
    between two pieces only.
    """
    patience = Patience(request.environ.get("gunicorn.socket"), idle_s, total_s)
    missing = request.content_length  # gunicorn ends a body that broke off as if it were whole
    with patience:
        while True:
            try:
                chunk = request.stream.read(CHUNK)
            except PindeckError:
                raise
            except TimeoutError as error:
                patience.end()
                raise _too_slow() from error
            except Exception as error:  # whatever the server's reader says: the body is not what was announced
                raise _too_slow() if patience.is_over() else _broken() from error
            if patience.is_over():
                raise _too_slow()
            if missing is not None:
                missing -= len(chunk)
            if not chunk and missing:
                raise _broken()
            if not chunk:
                return
            yield chunk


class Patience:
    """How long a body may take. Ends the reading of a socket when the time is up, even in the middle of a wait."""

    def __init__(self, connection: socket.socket | None, idle_s: float, total_s: float) -> None:
        self._connection = connection
        self._idle_s = idle_s
        self._deadline = time.monotonic() + total_s
        self._timer = threading.Timer(total_s, self.end)
        self._timer.daemon = True
        self._before: float | None = None

    def __enter__(self) -> "Patience":
        if self._connection is not None:
            self._before = self._connection.gettimeout()
            self._connection.settimeout(self._idle_s)
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._connection is not None:
            self._connection.settimeout(self._before)

    def is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def end(self) -> None:
        """Nothing more is read from this connection; the answer can still be sent."""
        if self._connection is not None:
            try:
                self._connection.shutdown(socket.SHUT_RD)
            except OSError:  # it is gone already
                pass


def _too_slow() -> PindeckError:
    return PindeckError("The upload took too long. Nothing was kept.", code="UPLOAD_TIMEOUT", status=408)


def _broken() -> PindeckError:
    return PindeckError(
        "The upload broke off or is not what its headers announce. Nothing was kept.",
        code="UPLOAD_INCOMPLETE",
        status=400,
    )
