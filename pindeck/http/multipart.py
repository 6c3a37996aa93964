"""A multipart body as it arrives: each file's bytes go to the store without a copy on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData, Preamble, State
from werkzeug.wrappers import Request

from pindeck import config
from pindeck.errors import Invalid, PindeckError, invalid
from pindeck.http import bodies

MAX_PARTS = 1000
FIELD_BYTES = 128 * 1024
HELD_BYTES = 64 * 1024  # of what is no part's data: the decoder keeps it until it is whole
FORM_BYTES = 2_000_000  # all that stands around the files of one form


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


def most_bytes(files: int) -> int:
    """The largest form that so many pictures may come in."""
    return files * config.current().max_upload_bytes + FORM_BYTES


def parts(request: Request, *, files: int) -> Iterator[FilePart | FieldPart]:
    """Files and fields in the order they come, of a form for so many pictures. Raises BadRequest and what `bodies.chunks`
    raises, and Invalid for a field that is no text or too long."""
    for part in _parts(request, most_bytes(files)):
        yield part if isinstance(part, FilePart) else _field(part)


@dataclass
class _Raw:
    name: str
    chunks: Iterator[bytes]


def _parts(request: Request, most: int) -> Iterator[FilePart | _Raw]:
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest("The body must be multipart/form-data.")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=None, max_parts=MAX_PARTS)
    events = _events(decoder, request, most)
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


def no_such(part: FilePart | FieldPart) -> Invalid:
    """The refusal of a part that a form does not have: what is passed over is believed to have been heeded."""
    return _wrong(part.name, "There is no such field here.")


def _wrong(name: str, sentence: str) -> Invalid:
    return invalid(name[:100] or "body", sentence)


def _events(decoder: MultipartDecoder, request: Request, most: int) -> Iterator[object]:
    incoming = bodies.chunks(
        request, idle_s=config.current().upload_idle_s, total_s=config.current().upload_total_s, max_bytes=most
    )
    try:
        while True:
            event = decoder.next_event()
            if _outside_data(decoder, event) > HELD_BYTES:
                raise BadRequest("This form has too much text between its parts.")
            if isinstance(event, NeedData):
                decoder.receive_data(next(incoming, None))
            elif isinstance(event, Epilogue):
                return
            else:
                yield event
    except RequestEntityTooLarge as error:
        sentence = f"A form may have at most {MAX_PARTS} parts."
        raise PindeckError(sentence, code="FILE_TOO_LARGE", status=413) from error
    except ValueError as error:
        raise BadRequest("The upload broke off or is not a proper form.") from error


def _outside_data(decoder: MultipartDecoder, event: object) -> int:
    """How many bytes are, or just were, in memory that are not the data of a part."""
    if isinstance(event, Preamble | Epilogue):
        return len(event.data)
    if isinstance(event, File | Field):
        return sum(len(name) + len(value) for name, value in event.headers)
    if isinstance(event, NeedData) and decoder.state not in (State.DATA, State.DATA_START):
        return len(decoder.buffer)
    return 0


def _part_chunks(events: Iterator[object]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            return
        if event.data:
            yield bytes(event.data)
        if not event.more_data:
            return
