"""A ZIP on its way out: stored, not packed, because pictures are packed already; so its length is known before."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore
from urllib.parse import quote

from flask import Response

from pindeck.errors import Busy
from pindeck.services.library.archive import MANIFEST, NOTE, Archive

AT_ONCE = 2  # in one process: each holds a thread for as long as it runs
PATIENCE_S = 60.0  # before the speed of a reader counts
SLOWEST = 32 * 1024  # bytes in a second that a reader takes at least, on average
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
        if archive.manifest:
            stream.add(archive.manifest, MANIFEST)
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
    """A reader that takes nothing is left by its connection after a minute (`http/connection.py`), and one that takes too little
    here, so that two of them do not keep everybody from downloading. Raises ConnectionAbortedError."""
    began, sent = time.monotonic(), 0
    with turn:
        for piece in stream:
            yield piece
            sent += len(piece)
            spent = time.monotonic() - began
            if spent > PATIENCE_S and sent < SLOWEST * spent:
                raise ConnectionAbortedError("The ZIP is read too slowly.")
