"""A multipart body as it arrives: each part's bytes go to the store without a copy on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

CHUNK = 256 * 1024
MAX_PARTS = 1000


@dataclass
class FilePart:
    """One file of a form. `chunks` must be read before the next part is asked for; what is left is skipped."""

    name: str
    filename: str
    chunks: Iterator[bytes]


def file_parts(request: Request) -> Iterator[FilePart]:
    """The file parts of a request, one after another; other fields are skipped. Raises BadRequest."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest("The body must be multipart/form-data.")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=None, max_parts=MAX_PARTS)
    events = _events(decoder, request)
    for event in events:
        if isinstance(event, File):
            part = FilePart(event.name or "", event.filename or "", _part_chunks(events))
            yield part
            for _ in part.chunks:  # whatever the reader left
                pass
        elif isinstance(event, Field):
            for _ in _part_chunks(events):
                pass


def _events(decoder: MultipartDecoder, request: Request) -> Iterator[object]:
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                chunk = request.stream.read(CHUNK)
                decoder.receive_data(chunk or None)
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
