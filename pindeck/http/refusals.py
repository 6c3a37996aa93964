"""What a client is told whose request cannot be read: JSON where it asks the API, else a small page.

No application sees such a request, so nothing here may need one.
"""

import html
import json
import re
from typing import Any

from gunicorn.http import errors

BEGINNING = 1024  # bytes of a request that tell whom it is for, if it says so at all
_TARGET = re.compile(rb"^[!-~]+ (?:https?://[^/? ]*)?(/[^? ]*)")

_STATUS: list[tuple[type[Exception], int]] = [
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ExpectationFailed, 417),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ForbiddenProxyRequest, 403),
    (errors.ConfigurationProblem, 500),
    (errors.InvalidResponseHeader, 500),  # ours, and not the client's
    (errors.InvalidResponseHeaderName, 500),
    (errors.ParseException, 400),
]
_SAYS = {
    400: ("Bad Request", "BAD_REQUEST", "That request could not be understood."),
    403: ("Forbidden", "FORBIDDEN", "That request came by a way that is not allowed."),
    414: ("URI Too Long", "REQUEST_URI_TOO_LONG", "That address is too long."),
    417: ("Expectation Failed", "EXPECTATION_FAILED", "The Expect header of that request is not known here."),
    431: (
        "Request Header Fields Too Large",
        "REQUEST_HEADER_FIELDS_TOO_LARGE",
        "The request's headers are too large.",
    ),
    500: ("Internal Server Error", "INTERNAL_ERROR", "Something went wrong on our side. Try again."),
    501: ("Not Implemented", "NOT_IMPLEMENTED", "The encoding of that request's body is not known here."),
}


class NoHost(errors.ParseException):
    """A request must name its host, and once."""

    def __str__(self) -> str:
        return "A request of HTTP/1.1 needs one Host header."


def check_host(request: Any) -> None:
    """Raises NoHost for a request of HTTP/1.1 that names no host, and for any that names several."""
    named = sum(name == "HOST" for name, _ in request.headers)
    if named > 1 or (named == 0 and request.version >= (1, 1)):
        raise NoHost


def status_of(error: BaseException) -> int:
    """The status that an error of the parser means; 500 for any other error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def path_of(beginning: bytes) -> str:
    """The path that the first line of a request names, as far as it came; nothing where it names none."""
    found = _TARGET.match(beginning)
    return found[1].decode("ascii", "replace") if found else ""


def answer(status: int, path: str, why: str = "") -> bytes:
    """A whole answer, after which the connection ends. `why` is added to the sentence."""
    reason, code, message = _SAYS[status]
    message = f"{message} {why}".strip()
    if path.startswith("/api/"):
        kind = "application/json"
        body = json.dumps({"success": False, "error": {"code": code, "message": message}}).encode()
    else:
        kind = "text/html; charset=utf-8"
        body = (
            f"<!doctype html><html lang=en><title>{reason}</title><h1>{reason}</h1><p>{html.escape(message)}</p></html>"
        ).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\n\r\n"
    )
    return head.encode() + body
