"""A ZIP on its way out: stored, not packed, because pictures are packed already; so its length is known before."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore
from urllib.parse import quote

from flask import Response

from pindeck.errors import Busy
from pindeck.services.library.archive import NOTE, Archive

AT_ONCE = 2  # in one process: each holds a thread for as long as it runs
_turns = BoundedSemaphore(AT_ONCE)


def send_zip(archive: Archive, name: str) -> Response:
    """Raises Busy while two are on their way from this process."""
    from zipstream import ZIP_STORED, ZipStream  # costs memory that only who sends one needs

    turn = ExitStack()  # given back once, by whichever comes first: the end of the stream or of the connection
    if not _turns.acquire(blocking=False):
        raise Busy("Two downloads of many pictures are under way. Try again when one has ended.", retry_after_s=30)
    turn.callback(_turns.release)
    try:
        stream = ZipStream(compress_type=ZIP_STORED, sized=True)
        for entry in archive.entries:
            stream.add(entry.read(), entry.name, size=entry.size)
        if archive.left_out:
            stream.add(archive.note, NOTE)
        headers = {
            "Content-Length": str(len(stream)),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Encoding": "identity",
            "Cache-Control": "private, no-store",
        }
        response = Response(_until_the_end(stream, turn), mimetype="application/zip", headers=headers)
    except BaseException:
        turn.close()
        raise
    response.call_on_close(turn.close)
    return response


def _until_the_end(stream: Iterable[bytes], turn: ExitStack) -> Iterator[bytes]:
    with turn:
        yield from stream
