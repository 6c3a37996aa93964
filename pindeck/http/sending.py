"""Bytes on their way out: ETag, 304, single ranges, and headers that keep a file from acting as a page."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import wrap_file

from pindeck import config, storage
from pindeck.errors import NotFound
from pindeck.http import ranges
from pindeck.services.blobs import digests
from pindeck.services.derivatives.delivery import Delivery
from pindeck.storage.base import CHUNK

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
CREDENTIALS = ("Cookie", "Authorization", "X-API-Key")
# What a browser may show in place; anything else is offered for download.
INLINE = re.compile(
    r"image/(jpeg|png|webp|gif|avif|apng|bmp|tiff|heic|heif|jxl|x-icon|vnd\.microsoft\.icon)"
    r"|text/plain|application/pdf|(audio|video)/[a-z0-9.+-]+"
)


def send(found: Delivery, *, download: bool = False, redirects: bool = True) -> ResponseReturnValue:
    """Answer a delivery with its headers; conditional and ranged.

    With `redirects` a private object may be answered by a link to the store, where the settings say so.
    """
    inline = bool(INLINE.fullmatch(digests.essence(found.mime))) and not download
    fresh = request.if_none_match.contains_weak(found.sha256)
    if redirects and config.current().private_redirect and not found.is_public and not fresh and found.data is None:
        address = storage.current().presigned_get(
            found.key, seconds=60, content_type=found.mime, filename=None if inline else found.filename
        )
        if address:
            response: Any = redirect(address, 302)
            response.headers["Cache-Control"] = "private, no-store"
            return response
    vary = found.vary if found.is_public else tuple(dict.fromkeys((*CREDENTIALS, *found.vary)))
    # A list written at once: setting header after header would take longer than finding the picture.
    headers = [
        ("Content-Type", found.mime),  # word for word, where Flask would add a charset
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", found.cache),
        # Bytes go as they are: compressed ones would have another length, hash and range.
        ("Content-Encoding", "identity"),
        ("ETag", f'"{found.sha256}"'),
        ("Content-Security-Policy", SANDBOX),
        ("Cross-Origin-Resource-Policy", "cross-origin" if found.is_public else "same-origin"),
    ]
    if vary:
        headers.append(("Vary", ", ".join(vary)))
    if found.image_id:
        headers.append(("X-Image-Id", found.image_id))
    if fresh:
        return Response(status=304, headers=headers)
    kind = "inline" if inline else "attachment"
    named = f"; filename*=UTF-8''{quote(found.filename)}" if found.filename else ""
    headers.append(("Content-Disposition", kind + named))
    return _bytes(found, headers)


def send_stored(found: Delivery, *, download: bool = False) -> ResponseReturnValue:
    """Answer a stored file and its digest, also with a part of it."""
    response: Any = send(found, download=download, redirects=False)
    encoded = digests.to_base64(found.sha256)
    if response.status_code in (200, 206):
        response.headers["Repr-Digest"] = f"sha-256=:{encoded}:"
    if response.status_code == 200:
        response.headers["Digest"] = f"sha-256={encoded}"
    return response


def _bytes(found: Delivery, headers: list[tuple[str, str]]) -> Response:
    """All of an object, or the one range that is asked for."""
    part = None
    if request.method == "GET" and ranges.is_current(request.headers.get("If-Range"), found.sha256):
        part = ranges.wanted(request.headers.get("Range"), found.size)
    start, stop = part or (0, found.size)
    headers.append(("Content-Length", str(stop - start)))
    if part:
        headers.append(("Content-Range", f"bytes {start}-{stop - 1}/{found.size}"))
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status=status, headers=headers)
    if found.data is not None:
        return Response(found.data[start:stop], status, headers)
    path = None if part else storage.current().local_path(found.key)
    try:
        if path is not None:  # the server may let the kernel send it
            whole = wrap_file(request.environ, open(path, "rb"))
            return Response(whole, status, headers, direct_passthrough=True)
        # Opened before the headers go out, so that a store that is away is answered as that.
        stack = ExitStack()
        stream = stack.enter_context(storage.current().open(found.key, start, stop - start))
    except FileNotFoundError as error:  # it was deleted this very moment
        raise NotFound("There is no such file.") from error
    response = Response(_chunks(stream), status, headers)
    response.call_on_close(stack.close)
    return response


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
