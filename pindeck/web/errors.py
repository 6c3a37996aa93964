"""Errors as the reader needs them: JSON for programs, a toast for htmx, a page for people."""

import logging

from flask import Flask, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from peewee import DatabaseError, DataError, OperationalError
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response

from pindeck import db
from pindeck.errors import Conflict, Invalid, NoSpace, NotSignedIn, PindeckError, TooMany, Unavailable, WrongHost
from pindeck.http.auth import request_id
from pindeck.web.rendering import is_htmx, send_away, toast_error, wants_fragment

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


# Addresses that programs and pictures use; a browser that navigates to one says that it wants a page.
BYTES_PATHS = ("/i/", "/storage/")
CODES = {413: "FILE_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE", 429: "RATE_LIMIT_EXCEEDED", 408: "UPLOAD_TIMEOUT"}


def wants_json() -> bool:
    if request.path.startswith(BYTES_PATHS):
        return "text/html" not in request.headers.get("Accept", "")
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or (best == "application/json" and not is_htmx())


def answer(
    status: int,
    message: str,
    *,
    code: str,
    details: dict[str, object] | None = None,
    beside: dict[str, object] | None = None,
) -> Response:
    if wants_json():
        error: dict[str, object] = {"code": code, "message": message}
        if details:
            error["details"] = details
        return make_response(jsonify(success=False, error=error, **(beside or {})), status)
    if wants_fragment():
        return toast_error(message, status)
    return make_response(
        render_template("shared/error.html", status=status, message=message, details=details), status
    )


def init_app(app: Flask) -> None:
    @app.errorhandler(PindeckError)
    def known(error: PindeckError) -> Response:
        if isinstance(error, WrongHost) and not wants_json():
            # The pages' own frame would look for a session, and its files are not served under this name.
            return make_response(render_template("shared/wrong_host.html", message=error.message), error.status)
        is_page = not wants_json() and not request.path.startswith(BYTES_PATHS)
        if isinstance(error, NotSignedIn) and error.may_sign_in and is_page:
            target = url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None)
            if not wants_fragment():
                return redirect(target, 303)  # type: ignore[return-value]
            return send_away(toast_error("Your session has ended. Sign in again.", 401), target)
        details: dict[str, object] | None = None
        if isinstance(error, Invalid) and error.fields:
            details = {**error.fields}
        elif isinstance(error, Conflict) and error.details:
            details = error.details
        plain_invalid = isinstance(error, Invalid) and error.status_named is None
        status = 400 if plain_invalid and wants_json() else error.status
        response = answer(status, error.message, code=error.code, details=details, beside=error.beside)
        if isinstance(error, (TooMany, Unavailable)):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        message = "This page was open for too long. Reload it and try again."
        if request.path.startswith("/api/"):
            message = "A change with a session needs the header X-CSRFToken; GET /api/v1/session tells the token."
        return answer(400, message, code="CSRF")

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:
            return error.get_response()  # type: ignore[return-value]
        message = PLAIN.get(status, error.description or error.name)
        response = answer(status, message, code=CODES.get(status) or error.name.upper().replace(" ", "_"))
        if status == 405 and getattr(error, "valid_methods", None):
            response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        if isinstance(error, RequestedRangeNotSatisfiable):
            response.headers["Content-Range"] = f"{error.units} */{error.length}"
        return response

    @app.errorhandler(DataError)
    @app.errorhandler(UnicodeEncodeError)
    def unstorable(error: Exception) -> Response:
        """An id or a word with characters that no database keeps: nobody typed it."""
        return answer(400, "That request holds characters that cannot be used.", code="BAD_TEXT")

    @app.errorhandler(OperationalError)
    @app.errorhandler(DatabaseError)
    def database_away(error: DatabaseError) -> Response:
        # Of the errors of a database this class itself means a damaged file; its other children are faults of ours.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            return unknown(error)
        if db.is_full(error):
            log.error("the disk of the database is full")
            return answer(507, db.FULL, code=NoSpace.code)
        log.exception("the database did not answer")
        response = answer(503, "The database is busy or away. Nothing was changed; try again.", code="DATABASE")
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        reference = request_id()[:8]
        log.exception("unhandled error %s on %s %s", reference, request.method, request.path)
        message = f"Something went wrong on our side. Tell your administrator this reference: {reference}."
        return answer(500, message, code="INTERNAL_ERROR")
