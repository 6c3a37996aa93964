"""Bytes on their way out: ETag, 304, single ranges, and headers that keep a file from acting as a page."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from pindeck import storage
from pindeck.http.auth import settings
from pindeck.services.delivery import Delivery
from pindeck.storage.base import CHUNK

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# What a browser may show in place; anything else is offered for download.
INLINE = re.compile(r"^(image/(jpeg|png|webp|gif|avif)|text/plain|application/pdf|audio/\w+|video/\w+)$")


def send(found: Delivery, *, download: bool = False) -> ResponseReturnValue:
    """Answer a delivery with its headers; conditional and ranged."""
    inline = bool(INLINE.match(found.mime)) and not download
    store = storage.current()
    fresh = request.if_none_match.contains(found.sha256) or "*" in request.if_none_match
    if settings().private_redirect and not found.is_public and not fresh:
        address = store.presigned_get(
            found.key, seconds=60, content_type=found.mime, filename=None if inline else found.filename
        )
        if address:
            response: Any = redirect(address, 302)
            response.headers["Cache-Control"] = "private, no-store"
            return response
    path = store.local_path(found.key)
    if path is not None:
        response = send_file(path, mimetype=found.mime, conditional=False, etag=False)
        response.content_length = found.size
        response.set_etag(found.sha256)
        response.make_conditional(request, accept_ranges=True, complete_length=found.size)
    else:
        response = _remote(found)
    h = response.headers
    h["Cache-Control"] = found.cache
    if not found.is_public:
        response.vary.update(("Cookie", "Authorization", "X-API-Key"))
    h["Content-Security-Policy"] = SANDBOX
    h["Cross-Origin-Resource-Policy"] = "cross-origin" if found.is_public else "same-origin"
    if response.status_code in (200, 206):
        kind = "inline" if inline else "attachment"
        h["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(found.filename)}"
    return response


def _remote(found: Delivery) -> Response:
    """A single range, or all of it, streamed from the object store."""
    start, stop, status = 0, found.size, 200
    wanted = request.range
    unchanged = request.if_range is None or request.if_range.etag in (None, found.sha256)
    if wanted and wanted.units == "bytes" and len(wanted.ranges) == 1 and unchanged:
        bounds = wanted.range_for_length(found.size)
        if bounds is None:
            raise RequestedRangeNotSatisfiable(found.size)
        (start, stop), status = bounds, 206
    response = Response(status=status, mimetype=found.mime)
    response.set_etag(found.sha256)
    response.headers["Accept-Ranges"] = "bytes"
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    if request.if_none_match.contains(found.sha256):
        response.status_code = 304
        return response
    response.content_length = stop - start
    if request.method != "HEAD":
        response.response = _chunks(found.key, start, stop - start)
    return response


def _chunks(key: str, start: int, length: int) -> Iterator[bytes]:
    with storage.current().open(key, start, length) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
