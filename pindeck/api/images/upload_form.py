"""The form of an upload of images: one file that streams to staging, small fields before or after it."""

from dataclasses import dataclass, field
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from pindeck.api.operations import parse_json
from pindeck.api.types import JsonObject
from pindeck.errors import Invalid, invalid
from pindeck.http.multipart import FieldPart, FilePart, no_such, parts
from pindeck.services.blobs import staging
from pindeck.services.images import aliases, managed
from pindeck.services.ingest import uploads
from pindeck.services.ingest.api_uploads import UploadOptions
from pindeck.services.ingest.uploads import Staged

FIELDS = ("alias", "flowId", "flowAlias", "meta")
SCHEMA: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "PNG, JPEG, WebP, GIF or AVIF."},
            "alias": {"type": "string", "description": "A project alias; taken over if another image has it."},
            "flowId": {"type": "string", "format": "uuid", "description": "A flow of the project."},
            "flowAlias": {"type": "string", "description": "A name in that flow; needs flowId."},
            "meta": {"type": "string", "contentMediaType": "application/json", "description": "A JSON object."},
        },
    }
}

EXAMPLE = {"multipart/form-data": {"file": "(the bytes of still.jpg)", "alias": "@hero", "meta": '{"shot": 12}'}}


@dataclass
class Form:
    """What has been read. `staged` are bytes that must be recorded or dropped."""

    staged: Staged | None = None
    filename: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def read() -> tuple[Staged, str, UploadOptions]:
    """The whole form. Raises Invalid naming what is wrong, TooLarge, NoSpace or Upstream; nothing is left then."""
    form = Form()
    try:
        try:
            for part in parts(request, files=1):
                _take(form, part)
        except BadRequest as error:
            sentence = error.description or "The body must be multipart/form-data."
            raise invalid("body", sentence, named=True) from error
        if form.staged is None:
            raise invalid("file", "Send the picture as the form's file, with a file name.", named=True)
        options = _options(form.fields)
    except BaseException:
        if form.staged:
            staging.drop(form.staged.key)
        raise
    return form.staged, form.filename, options


def _take(form: Form, part: FilePart | FieldPart) -> None:
    """Checks at once, so that a wrong field before the file spares the upload."""
    if isinstance(part, FilePart):
        if part.name != "file":
            raise no_such(part)
        if form.staged:
            raise invalid("file", "Send one file only.", named=True)
        form.staged = uploads.stage(part.chunks)
        form.filename = part.filename
    elif part.name in FIELDS:
        if part.name in form.fields:
            raise invalid(part.name, "This is given twice.", named=True)
        form.fields[part.name] = _value(part.name, part.value)
    else:
        raise no_such(part)


def _value(name: str, text: str) -> Any:
    if name == "meta":
        try:
            return parse_json(text, JsonObject)
        except Invalid as error:
            raise invalid("meta", next(iter(error.fields.values()), error.message), named=True) from error
    if name == "flowId":
        if text in ("", "null"):  # absent and null are alike
            return None
        if not managed.UUID.fullmatch(text):
            raise invalid("flowId", "This is not a UUID.", named=True)
        return text.lower()
    return aliases.check_new(text, field=name)


def _options(fields: dict[str, Any]) -> UploadOptions:
    if fields.get("flowAlias") is not None and fields.get("flowId") is None:
        raise invalid("flowAlias", "A name in a flow needs flowId.", named=True)
    return UploadOptions(
        flow_id=fields.get("flowId"),
        alias=fields.get("alias"),
        flow_alias=fields.get("flowAlias"),
        meta=fields.get("meta", {}),
    )
