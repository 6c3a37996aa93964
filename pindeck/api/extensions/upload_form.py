"""The uploads of extensions as they arrive: raw bytes or a form, one picture or many."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest

from pindeck import config
from pindeck.api.extensions.schemas import BatchEntry, UploadQuery
from pindeck.api.operations import invalid_input, parse_json
from pindeck.errors import Invalid, TooLarge, invalid
from pindeck.http import bodies
from pindeck.http.multipart import FieldPart, FilePart, no_such, parts
from pindeck.services.blobs import staging
from pindeck.services.ingest import extensions, uploads
from pindeck.services.ingest.extensions import UploadMeta
from pindeck.services.ingest.uploads import Staged

M = TypeVar("M", bound=BaseModel)

MAX_BATCH = 100
FIELDS = ("filename", "mime_type", "owner_character_id", "owner_chat_id", "userId")
CALLER = "owner_extension_identifier"  # in records; an upload that names it is heard, and the caller is tagged all the same
BINARY = {"type": "string", "format": "binary"}


def _fields() -> dict[str, dict[str, Any]]:
    """The same words as in the address of a raw upload."""
    told = UploadQuery.model_json_schema()["properties"]
    return {name: {**told[name]["anyOf"][0], "description": told[name]["description"]} for name in FIELDS}


FORM: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {"data": {**BINARY, "description": "PNG, JPEG, WebP, GIF or AVIF."}, **_fields()},
}
SCHEMAS: dict[str, dict[str, Any]] = {
    **{f"image/{kind}": BINARY for kind in ("png", "jpeg", "webp", "gif", "avif")},
    "application/octet-stream": BINARY,
    "multipart/form-data": FORM,
}
BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {
        "data": {
            "type": "array",
            "items": BINARY,
            "minItems": 1,
            "maxItems": MAX_BATCH,
            "description": "One part for each picture.",
        },
        "items": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"type": "array", "items": BatchEntry.model_json_schema()},
            "description": "A JSON array with an object for each part, in the same order.",
        },
        "userId": _fields()["userId"],
    },
}
BYTES = "(the bytes of still.jpg)"
EXAMPLES = {
    **dict.fromkeys(SCHEMAS, BYTES),
    "multipart/form-data": {"data": BYTES, "filename": "portrait.png", "owner_character_id": "c1"},
}
BATCH_EXAMPLE = {"data": [BYTES, BYTES], "items": '[{"owner_chat_id": "chat-7"}, {}]'}


@dataclass
class Upload:
    """Staged bytes and what was said of them. The code that takes the bytes records or drops them."""

    staged: Staged | None
    meta: UploadMeta
    user_id: str | None

    def take(self) -> Staged:
        assert self.staged is not None
        staged, self.staged = self.staged, None
        return staged

    def drop(self) -> None:
        if self.staged is not None:
            staging.drop(self.take().key)


@dataclass(frozen=True)
class Batch:
    """The pictures in their order, a sentence in place of one that cannot be kept, and for whom they are."""

    entries: list[Upload | str]
    user_id: str | None


def is_form() -> bool:
    return request.mimetype == "multipart/form-data"


@contextmanager
def received(query: UploadQuery) -> Iterator[Upload]:
    """One picture. Nothing is left of bytes that nobody took. Raises what `uploads.stage` raises, and Invalid."""
    if is_form():
        upload = _form(query)
    else:
        meta = _meta(query)
        incoming = bodies.chunks(
            request,
            idle_s=config.current().upload_idle_s,
            total_s=config.current().upload_total_s,
            max_bytes=config.current().max_upload_bytes,
        )
        upload = Upload(uploads.stage(incoming), meta, None)
    try:
        yield upload
    finally:
        upload.drop()


def _meta(words: UploadQuery | BatchEntry) -> UploadMeta:
    return extensions.clean_meta(words.filename, words.owner_character_id, words.owner_chat_id, default="image.png")


def _form(query: UploadQuery) -> Upload:
    staged, filename, fields = None, "", {}
    try:
        with _parts(1) as incoming:
            for part in incoming:
                if isinstance(part, FilePart) and part.name == "data":
                    if staged:
                        raise invalid("data", "Send one picture only, or use the batch.")
                    staged, filename = uploads.stage(part.chunks), part.filename
                elif isinstance(part, FieldPart) and part.name in FIELDS:
                    fields[part.name] = part.value
                elif part.name != CALLER:
                    raise no_such(part)
        if staged is None:
            raise invalid("data", "Send the picture as the form's file part data.")
        words = _read({"filename": filename or None, **query.model_dump(exclude_none=True), **fields}, UploadQuery)
        return Upload(staged, _meta(words), words.userId)
    except BaseException:
        if staged:
            staging.drop(staged.key)
        raise


def _read(given: Any, model: type[M]) -> M:
    """Raises Invalid naming each field that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid_input(error) from error


@contextmanager
def _parts(files: int) -> Iterator[Iterator[FilePart | FieldPart]]:
    """The parts of the body, for a block that reads them: it may break off in the middle of one."""
    try:
        yield parts(request, files=files)
    except BadRequest as error:
        raise invalid("body", error.description or "The body must be multipart/form-data.") from error


@contextmanager
def received_batch() -> Iterator[Batch]:
    """The pictures of a batch. Nothing is left of bytes that nobody took. Raises Invalid when the whole is wrong."""
    found: list[Upload | str] = []
    try:
        batch = _batch(found)
        yield batch
    finally:
        for entry in found:
            if isinstance(entry, Upload):
                entry.drop()


def _batch(found: list[Upload | str]) -> Batch:
    """Read the form. Each picture is in `found` from the moment there is something to drop."""
    names: list[str] = []
    items: list[Any] | None = None
    user_id: str | None = None
    with _parts(MAX_BATCH) as incoming:
        for part in incoming:
            if part.name == "items":
                items = _items(part)
            elif isinstance(part, FilePart) and part.name == "data":
                if len(found) == MAX_BATCH:
                    raise invalid("data", f"A batch holds at most {MAX_BATCH} pictures.")
                found.append(_staged(part))
                names.append(part.filename)
            elif isinstance(part, FieldPart) and part.name == "userId":
                user_id = _read({"userId": part.value}, UploadQuery).userId
            elif part.name != CALLER:
                raise no_such(part)
    if not found:
        raise invalid("data", "Send at least one file part data.")
    if items is not None and len(items) != len(found):
        raise invalid("items", f"There are {len(items)} items and {len(found)} pictures.")
    described = zip(found, names, items or [{}] * len(found), strict=True)
    return Batch([_entry(*each) for each in described], user_id)


def _staged(part: FilePart) -> Upload | str:
    try:
        return Upload(uploads.stage(part.chunks), UploadMeta(), None)
    except (Invalid, TooLarge) as error:
        return error.message


def _entry(upload: Upload | str, name: str, item: Any) -> Upload | str:
    """A picture with its words; a sentence when either is wrong, which leaves the others as they are."""
    if isinstance(upload, str):
        return upload
    try:
        words = _read(item, BatchEntry)
        upload.meta = _meta(words.model_copy(update={"filename": words.filename or name}))
    except Invalid as error:
        return error.message
    return upload


def _items(part: FilePart | FieldPart) -> list[Any]:
    """A JSON part may come with a file name."""
    text: bytes | str = part.value if isinstance(part, FieldPart) else _short(part)
    try:
        found: list[Any] = parse_json(text, list[Any])
    except Invalid as error:
        raise invalid("items", "This must be a JSON array with an object for each picture.") from error
    return found


def _short(part: FilePart) -> bytes:
    text = bytearray()
    for chunk in part.chunks:
        text += chunk
        if len(text) > 1_000_000:
            raise invalid("items", "This is longer than a megabyte.")
    return bytes(text)
