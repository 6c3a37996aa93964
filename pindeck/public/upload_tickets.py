"""The door of upload tickets: bytes come in by the right of the address alone."""

import re
from typing import Annotated

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import ConfigDict, Field
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response as BaseResponse

from pindeck import config
from pindeck.api.files.schemas import (
    DIGEST_HEADERS,
    EXAMPLE_ID,
    INCOMING_FAULTS,
    NAME_HEADER,
    TICKET_FAULTS,
    UPLOAD,
    UPLOAD_EXAMPLE,
    Stored,
)
from pindeck.api.operations import ANYBODY, Answer, StreamBody, operation
from pindeck.api.schemas import STORAGE_UNAVAILABLE, STORE_FULL
from pindeck.api.types import Query
from pindeck.http import bodies
from pindeck.http.auth import public
from pindeck.services.blobs import digests
from pindeck.services.ingest import tickets

bp = Blueprint("upload_door", __name__)

METHODS = ("POST", "PUT", "OPTIONS")
DAY_S = 86_400
_HEADER_NAMES = re.compile(r"[A-Za-z0-9_-]+( *, *[A-Za-z0-9_-]+)*")


class Ticket(Query):
    # Without one an address is answered in words of its own, `MISSING_TOKEN`.
    model_config = ConfigDict(json_schema_extra={"required": ["token"]})

    token: Annotated[str, Field(description="The ticket; part of the address that was handed out.")] = ""
    sha256: Annotated[str | None, Field(description="64 hex digits, or base64 of 32 bytes.")] = None


@bp.route("/storage/upload", methods=["POST", "PUT"], provide_automatic_options=False)
@operation(
    "public",
    surface="files",
    summary="Upload a file to an upload address",
    query=Ticket,
    body=StreamBody(UPLOAD, optional=True, examples=UPLOAD_EXAMPLE),
    answers=Answer(Stored, says="Stored.", example={"storageId": EXAMPLE_ID}),
    faults=(*TICKET_FAULTS, *INCOMING_FAULTS, STORAGE_UNAVAILABLE, STORE_FULL),
    bucket=None,
    callers=ANYBODY,
    headers={**DIGEST_HEADERS, **NAME_HEADER},
)
def upload(query: Ticket) -> dict[str, str]:
    """Send the raw bytes of one file; POST and PUT are alike. The address is the right to do so: no key, session
    or token of a page is needed. `Content-Type` is recorded word for word, a digest that is given is checked.
    An address stores one file: the same bytes again are answered with the same id."""
    ticket = tickets.present(query.token)
    content_type = digests.media_type(request.headers.get("Content-Type"))
    sha256 = digests.announced(request.headers, query.sha256)
    tickets.check(ticket, content_type=content_type, length=request.content_length)
    told = parse_options_header(request.headers.get("Content-Disposition"))[1].get("filename", "")
    stream = bodies.incoming(request)
    return {"storageId": tickets.fill(ticket, stream, filename=told, content_type=content_type, sha256=sha256)}


@bp.route("/storage/upload", methods=["OPTIONS"], provide_automatic_options=False)
@public
def preflight() -> ResponseReturnValue:
    """What a browser asks before a page of another site uploads."""
    response = Response(status=204)
    response.headers["Allow"] = ", ".join(METHODS)
    if _is_allowed(request.headers.get("Origin")):
        response.headers["Access-Control-Allow-Methods"] = "POST, PUT"
        response.headers["Access-Control-Max-Age"] = str(DAY_S)
        asked = request.headers.get("Access-Control-Request-Headers", "").strip()
        if _HEADER_NAMES.fullmatch(asked):
            response.headers["Access-Control-Allow-Headers"] = asked
    response.vary.add("Access-Control-Request-Headers")
    return response


@bp.route("/storage/upload", methods=["GET", "HEAD", "DELETE", "PATCH", "TRACE"], provide_automatic_options=False)
@public
def wrong_method() -> ResponseReturnValue:
    """Said here, because `/storage/<file key>` would take a GET."""
    raise MethodNotAllowed(valid_methods=METHODS)


@bp.after_request
def name_origin(response: BaseResponse) -> BaseResponse:
    """Pages of the allowed origins may read the answer, also of a refusal. No credentials take part."""
    origin = request.headers.get("Origin")
    if _is_allowed(origin):
        response.headers["Access-Control-Allow-Origin"] = origin  # type: ignore[assignment]
    if config.current().origins:
        response.vary.add("Origin")
    return response


def _is_allowed(origin: str | None) -> bool:
    allowed = config.current().origins
    return bool(origin) and ("*" in allowed or str(origin).lower() in allowed)
