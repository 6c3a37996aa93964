"""The uploads of surface X as they arrive: raw bytes or a form, one picture or many (§4.3, §4.7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import request
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest

from pindeck.api.operations import invalid, parse_json
from pindeck.api.shapes_x import BatchWish, UploadQuery
from pindeck.errors import Invalid, PindeckError, TooLarge
from pindeck.http import bodies
from pindeck.http.auth import settings
from pindeck.http.multipart import FieldPart, FilePart, parts
from pindeck.services import extension, uploads
from pindeck.services.extension import Wish
from pindeck.services.uploads import Staged

MAX_BATCH = 100
FIELDS = ("filename", "mime_type", "owner_character_id", "owner_chat_id", "userId")
BINARY = {"type": "string", "format": "binary"}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": BINARY, **{name: {"type": "string"} for name in FIELDS}},
}
SCHEMAS: dict[str, dict[str, Any]] = {
    **{f"image/{kind}": BINARY for kind in ("png", "jpeg", "webp", "gif", "avif")},
    "application/octet-stream": BINARY,
    "multipart/form-data": FORM,
}
BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {"type": "array", "items": BINARY, "maxItems": MAX_BATCH},
        "items": {"type": "string", "description": "JSON: an array with an object of words for each part."},
    },
}


@dataclass
class Upload:
    """Staged bytes and what was said of them. Whoever takes the bytes records or drops them."""

    staged: Staged | None
    wish: Wish
    user_id: str | None

    def take(self) -> Staged:
        assert self.staged is not None
        staged, self.staged = self.staged, None
        return staged

    def drop(self) -> None:
        if self.staged is not None:
            uploads.drop(self.take().key)


@contextmanager
def received(query: UploadQuery) -> Iterator[Upload]:
    """One picture. Nothing is left of bytes that nobody took. Raises what `uploads.stage` raises, and Invalid."""
    _check_length(1)
    if request.mimetype == "multipart/form-data":
        upload = _form(query)
    else:
        wish = _wish(query)
        incoming = bodies.chunks(request, idle_s=settings().upload_idle_s, total_s=settings().upload_total_s)
        upload = Upload(uploads.stage(incoming), wish, None)
    try:
        yield upload
    finally:
        upload.drop()


def _check_length(pictures: int) -> None:
    most = uploads.limits().max_bytes
    if (request.content_length or 0) > pictures * (most + 2_000_000):
        raise TooLarge(f"A picture may have at most {most // 2**20} MB.")


def _wish(words: UploadQuery | BatchWish) -> Wish:
    named = words.filename or "image.png"
    return extension.clean_wish(named, words.owner_character_id, words.owner_chat_id)


def _form(query: UploadQuery) -> Upload:
    staged, filename, fields = None, "", {}
    try:
        for part in _parts():
            if isinstance(part, FilePart) and part.name == "data":
                if staged:
                    raise _wrong("data", "Send one picture only, or use the batch.")
                staged, filename = uploads.stage(part.chunks), part.filename
            elif isinstance(part, FieldPart) and part.name in FIELDS:
                fields[part.name] = part.value
        if staged is None:
            raise _wrong("data", "Send the picture as the form's file part data.")
        words = _words({"filename": filename or None, **query.model_dump(exclude_none=True), **fields})
        return Upload(staged, _wish(words), words.userId)
    except BaseException:
        if staged:
            uploads.drop(staged.key)
        raise


def _words(given: dict[str, Any]) -> UploadQuery:
    try:
        return UploadQuery.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from error


def _parts() -> Iterator[FilePart | FieldPart]:
    try:
        yield from parts(request)
    except BadRequest as error:
        raise _wrong("body", error.description or "The body must be multipart/form-data.") from error


@contextmanager
def received_batch() -> Iterator[list[Upload | str]]:
    """The pictures of a batch in their order; a sentence in place of one that cannot be kept."""
    _check_length(MAX_BATCH)
    found: list[Staged | str] = []
    names: list[str] = []
    words: list[BatchWish] | None = None
    entries: list[Upload | str] = []
    try:
        for part in _parts():
            if part.name == "items":
                words = _items(part)
            elif isinstance(part, FilePart) and part.name == "data":
                if len(found) == MAX_BATCH:
                    raise _wrong("data", f"A batch holds at most {MAX_BATCH} pictures.")
                names.append(part.filename)
                found.append(_staged(part))
        if not found:
            raise _wrong("data", "Send at least one file part data.")
        if words is not None and len(words) != len(found):
            raise _wrong("items", f"There are {len(words)} items and {len(found)} pictures.")
        for number, (staged, name) in enumerate(zip(found, names, strict=True)):
            item = words[number] if words else BatchWish()
            entries.append(staged if isinstance(staged, str) else _entry(staged, name, item))
        yield entries
    finally:
        taken = {id(entry) for entry in entries if isinstance(entry, Upload)}
        for entry in entries:
            if isinstance(entry, Upload):
                entry.drop()
        if not taken:
            for staged in found:
                if isinstance(staged, Staged):
                    uploads.drop(staged.key)


def _staged(part: FilePart) -> Staged | str:
    try:
        return uploads.stage(part.chunks)
    except (Invalid, TooLarge) as error:
        return error.message


def _entry(staged: Staged, name: str, item: BatchWish) -> Upload | str:
    try:
        named = item.filename or name or None
        return Upload(staged, _wish(item.model_copy(update={"filename": named})), None)
    except PindeckError as error:
        uploads.drop(staged.key)
        return error.message


def _items(part: FilePart | FieldPart) -> list[BatchWish]:
    text = part.value if isinstance(part, FieldPart) else _short(part)
    found: list[BatchWish] = parse_json(text, list[BatchWish])
    return found


def _short(part: FilePart) -> bytes:
    """A JSON part may come with a file name."""
    text = bytearray()
    for chunk in part.chunks:
        text += chunk
        if len(text) > 1_000_000:
            raise _wrong("items", "This is longer than a megabyte.")
    return bytes(text)


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: sentence})
