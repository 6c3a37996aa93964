"""A multipart body as it arrives: each file's bytes go to the store without a copy on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from pindeck.errors import Invalid
from pindeck.http import bodies
from pindeck.http.auth import settings

MAX_PARTS = 1000
FIELD_BYTES = 128 * 1024


@dataclass
class FilePart:
    """One file of a form. `chunks` must be read before the next part is asked for; what is left is skipped."""

    name: str
    filename: str
    chunks: Iterator[bytes]


@dataclass
class FieldPart:
    """One small field of a form."""

    name: str
    value: str


def file_parts(request: Request) -> Iterator[FilePart]:
    """The file parts of a request, one after another; other fields are skipped. Raises BadRequest, and what
    `bodies.chunks` raises."""
    for part in _parts(request):
        if isinstance(part, FilePart):
            yield part


def parts(request: Request) -> Iterator[FilePart | FieldPart]:
    """Files and fields in the order they come. Raises BadRequest, or Invalid for a field that is no text or too long."""
    for part in _parts(request):
        yield part if isinstance(part, FilePart) else _field(part)


@dataclass
class _Raw:
    name: str
    chunks: Iterator[bytes]


def _parts(request: Request) -> Iterator[FilePart | _Raw]:
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest("The body must be multipart/form-data.")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=None, max_parts=MAX_PARTS)
    events = _events(decoder, request)
    for event in events:
        part: FilePart | _Raw
        if isinstance(event, File):
            part = FilePart(event.name or "", event.filename or "", _part_chunks(events))
        elif isinstance(event, Field):
            part = _Raw(event.name or "", _part_chunks(events))
        else:
            continue
        yield part
        for _ in part.chunks:  # whatever the reader left
            pass


def _field(raw: _Raw) -> FieldPart:
    value = bytearray()
    for chunk in raw.chunks:
        value += chunk
        if len(value) > FIELD_BYTES:
            raise _wrong(raw.name, f"This field is longer than {FIELD_BYTES // 1024} KiB.")
    try:
        return FieldPart(raw.name, value.decode())
    except UnicodeDecodeError as error:
        raise _wrong(raw.name, "This is not UTF-8 text.") from error


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={name[:100] or "body": sentence})


def _events(decoder: MultipartDecoder, request: Request) -> Iterator[object]:
    incoming = bodies.chunks(request, idle_s=settings().upload_idle_s, total_s=settings().upload_total_s)
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(next(incoming, None))
            elif isinstance(event, Epilogue):
                return
            else:
                yield event
    except ValueError as error:
        raise BadRequest("The upload broke off or is not a proper form.") from error


def _part_chunks(events: Iterator[object]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            return
        if event.data:
            yield bytes(event.data)
        if not event.more_data:
            return
