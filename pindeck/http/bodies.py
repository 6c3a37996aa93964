"""A request's body as it arrives, with an end to patience."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from flask import Flask, request
from werkzeug.wrappers import Request

from pindeck import config
from pindeck.errors import Busy, Invalid, PindeckError
from pindeck.http.connection import Client

CHUNK = 256 * 1024
# JSON and small forms. Uploads have settings of their own.
IDLE_S = 10.0
TOTAL_S = 30.0

LARGE_AT_ONCE = 2
LARGE_WAIT_S = 10.0
_large = threading.BoundedSemaphore(LARGE_AT_ONCE)


def init_app(app: Flask) -> None:
    app.wsgi_app = _Patient(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def refuse() -> None:
        """Before anybody else looks at it."""
        connection = _connection(request.environ)
        if connection is not None and connection.refused:
            raise Busy("Too many requests are being received. Nothing was kept; try again.")


def chunks(request: Request, *, idle_s: float, total_s: float, max_bytes: int) -> Iterator[bytes]:
    """An upload piece by piece. Raises PindeckError `UPLOAD_TIMEOUT` (408) when nothing came for `idle_s` seconds
    or the whole took longer than `total_s`, `UPLOAD_INCOMPLETE` (400) when it broke off or is not proper, and
    `FILE_TOO_LARGE` (413) when it is announced, or turns out, to have more than `max_bytes`.
    """
    _body_of(request).expect_upload(idle_s, total_s)
    missing = request.content_length  # gunicorn ends a body that broke off as if it were whole
    left = max_bytes
    if (missing or 0) > left:
        raise too_large(max_bytes)
    while True:
        try:
            chunk = request.stream.read(CHUNK)
        except PindeckError:
            raise
        except Exception as error:  # Werkzeug counts bytes where the server does not
            raise _upload_broken() from error
        left -= len(chunk)
        if left < 0:
            raise too_large(max_bytes)
        if missing is not None:
            missing -= len(chunk)
        if not chunk and missing:
            raise _upload_broken()
        if not chunk:
            return
        yield chunk


def whole(request: Request) -> bytearray:
    """All of a body, and no second copy of it. Raises PindeckError as `Body` does, RequestEntityTooLarge."""
    found = bytearray()
    while chunk := request.stream.read(CHUNK):
        found += chunk
    return found


@contextmanager
def room() -> Iterator[None]:
    """For a block that holds a large body in memory: few of them at a time. Raises Busy."""
    if not _large.acquire(timeout=LARGE_WAIT_S):
        raise Busy("Too many large requests are being read. Nothing was kept; try again.")
    try:
        yield
    finally:
        _large.release()


class Body:
    """What the server hands over as a body, read for as long as there is patience and no longer.

    Raises PindeckError `REQUEST_TIMEOUT` (408) when it does not come in time, and Invalid when it broke off; of an
    upload what `chunks` says. Our server's connection keeps the time in the middle of a wait. Elsewhere it is looked
    at between two pieces only.
    """

    def __init__(self, given: IO[bytes], connection: Client | None) -> None:
        self._given = given
        self._connection = connection
        self._limits = (IDLE_S, TOTAL_S)
        self._is_upload = False
        self._until: float | None = None

    def expect_upload(self, idle_s: float, total_s: float) -> None:
        """Before the first byte is read."""
        self._limits = (idle_s, total_s)
        self._is_upload = True

    def read(self, size: int = -1) -> bytes:
        if self._until is None:
            idle_s, total_s = self._limits
            self._until = time.monotonic() + total_s
            if self._connection is not None:
                self._connection.wait(idle_s, self._until)
        try:
            data = self._given.read(size)
        except TimeoutError as error:
            raise self._too_slow() from error
        except Exception as error:  # whatever the server's reader says: the body is not what was announced
            raise self._broken() from error
        if time.monotonic() >= self._until:
            raise self._too_slow()
        return data

    def _too_slow(self) -> PindeckError:
        if self._is_upload:
            return PindeckError("The upload took too long.", code="UPLOAD_TIMEOUT", status=408)
        return PindeckError("The request took too long to arrive.", code="REQUEST_TIMEOUT", status=408)

    def _broken(self) -> PindeckError:
        if self._is_upload:
            return _upload_broken()
        return Invalid("The request broke off or is not what its headers announce.")


class _Patient:
    """Puts a `Body` in the place of every body, so that every reader gets it: a view, the forms of Flask, the check of tokens."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = Body(environ["wsgi.input"], _connection(environ))
        return self._app(environ, start_response)


def _connection(environ: dict[str, Any]) -> Client | None:
    found = environ.get("gunicorn.socket")
    return found if isinstance(found, Client) else None


def _body_of(request: Request) -> Body:
    body = request.environ["wsgi.input"]
    if not isinstance(body, Body):  # a request that came to no application
        body = request.environ["wsgi.input"] = Body(body, None)
    return body


def too_large(max_bytes: int) -> PindeckError:
    """The error of a whole request. A single file that is too large is `TooLarge`, and the others may be kept."""
    sentence = f"This may have at most {max_bytes // 2**20} MB in all."
    return PindeckError(sentence, code="FILE_TOO_LARGE", status=413)


def _upload_broken() -> PindeckError:
    return PindeckError(
        "The upload broke off or is not what its headers announce.",
        code="UPLOAD_INCOMPLETE",
        status=400,
    )


def incoming(request: Request) -> Iterator[bytes]:
    """The body of this request, for as long as the settings are patient."""
    given = config.current()
    return chunks(
        request, idle_s=given.upload_idle_s, total_s=given.upload_total_s, max_bytes=given.max_file_bytes
    )
