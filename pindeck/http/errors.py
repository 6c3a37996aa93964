"""What any error means to a caller: a status, a sentence and a code, said once for pages and programs."""

import logging
from dataclasses import dataclass, field

from flask import jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from peewee import DatabaseError, DataError, DoesNotExist, OperationalError
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

from pindeck import db
from pindeck.errors import Conflict, Invalid, NoSpace, PindeckError, TooMany, Unavailable, Upstream
from pindeck.http.auth import request_id

log = logging.getLogger("pindeck.web")

PLAIN = {
    400: "That request could not be understood.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    408: "The request took too long.",
    413: "That is too large.",
    414: "That address is too long.",
    415: "That kind of content is not accepted here.",
    429: "Too many requests. Try again in a little while.",
    431: "The request's headers are too large.",
}
CODES = {413: "FILE_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE", 429: "RATE_LIMIT_EXCEEDED", 408: "UPLOAD_TIMEOUT"}


@dataclass(frozen=True)
class Told:
    """An error as it is told. `json_status` is the status for programs where that is another one."""

    status: int
    message: str
    code: str
    details: dict[str, object] | None = None
    beside: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    json_status: int | None = None

    def as_json(self) -> Response:
        """The body of every error that a program reads."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        status = self.json_status or self.status
        return make_response(jsonify(success=False, error=error, **self.beside), status, self.headers)


def told(error: Exception) -> Told:
    """What is said of an error. One that nobody foresaw is logged under a reference, and nothing of its inside is shown."""
    if isinstance(error, PindeckError):
        return _ours(error)
    if isinstance(error, CSRFError):
        return _forged()
    if isinstance(error, HTTPException):
        return _plain(error)
    if isinstance(error, DataError | UnicodeEncodeError):
        # An id or a word with characters that no database keeps: nobody typed it.
        return Told(400, "That request contains characters that cannot be used.", "BAD_TEXT")
    if isinstance(error, DoesNotExist):
        # What this request had read, another one deleted before it was read again.
        log.warning("gone meanwhile on %s %s", request.method, request.path, exc_info=error)
        return Told(404, "This was deleted a moment ago.", "NOT_FOUND")
    # This class itself means a damaged file; its other children are faults of ours.
    if isinstance(error, OperationalError) or type(error) is DatabaseError:
        return _database(error)
    reference = request_id()[:8]
    log.error("unhandled error %s on %s %s", reference, request.method, request.path, exc_info=error)
    message = f"Something went wrong on our side. Tell your administrator this reference: {reference}."
    return Told(500, message, "INTERNAL_ERROR")


def _ours(error: PindeckError) -> Told:
    details: dict[str, object] | None = None
    if isinstance(error, Invalid) and error.fields:
        details = {**error.fields}
    elif isinstance(error, Conflict) and error.details:
        details = error.details
    waits: dict[str, str] = {}
    if isinstance(error, TooMany | Unavailable | Upstream) and (error.retry_after_s or not isinstance(error, Upstream)):
        waits = {"Retry-After": str(error.retry_after_s)}
    # Programs read 400 where a form is shown again with 422.
    json_status = 400 if isinstance(error, Invalid) and error.status_named is None else None
    return Told(error.status, error.message, error.code, details, error.beside, waits, json_status)


def _forged() -> Told:
    message = "This page was open for too long. Reload it and try again."
    if request.path.startswith("/api/"):
        message = "A change with a session needs the header X-CSRFToken; GET /api/v1/session returns the token."
    return Told(400, message, "CSRF")


def _plain(error: HTTPException) -> Told:
    status = error.code or 500
    headers = {}
    if status == 405 and getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    if isinstance(error, RequestedRangeNotSatisfiable):
        headers["Content-Range"] = f"{error.units} */{error.length}"
    code = CODES.get(status) or error.name.upper().replace(" ", "_")
    return Told(status, PLAIN.get(status, error.description or error.name), code, headers=headers)


def _database(error: Exception) -> Told:
    if db.is_full(error):
        log.error("the disk of the database is full")
        return Told(507, db.FULL, NoSpace.code)
    log.error("the database did not answer", exc_info=error)
    message = "The database is busy or away. Nothing was changed; try again."
    return Told(503, message, "DATABASE", headers={"Retry-After": "5"})
