"""A ZIP on its way out: stored, not packed, because pictures are packed already; so its length is known before."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import quote

from flask import Response

from pindeck import db, storage
from pindeck.errors import Busy
from pindeck.http.connection import Client
from pindeck.http.zip_parts import Part, Whole, Zip
from pindeck.services.blobs import checksums
from pindeck.services.library.archive import MANIFEST, NOTE, Archive, Entry

AT_ONCE = 2  # in one process: each holds a thread for as long as it runs
PATIENCE_S = 60.0  # before the speed of a reader counts
SLOWEST = 32 * 1024  # bytes in a second that a reader takes at least, on average
_turns = BoundedSemaphore(AT_ONCE)


def send_zip(archive: Archive, name: str, *, connection: object = None) -> Response:
    """Over a `connection` of this server the system sends files that need not be read. Raises Busy while two are on their way from
    this process."""
    turn = ExitStack()  # given back once, by whichever comes first: the end of the stream or of the connection
    if not _turns.acquire(blocking=False):
        raise Busy("Two downloads of many pictures are under way. Try again when one has ended.", retry_after_s=30)
    turn.callback(_turns.release)
    try:
        whole = Zip(_parts(archive))
        headers = {
            "Content-Length": str(len(whole)),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Encoding": "identity",
            "Cache-Control": "private, no-store",
        }
        digests = {entry.name: entry.sha256 for entry in archive.entries if entry.sha256}
        stream = _until_the_end(whole, digests, connection, turn)
        response = Response(stream, mimetype="application/zip", headers=headers)
    except BaseException:
        turn.close()
        raise
    response.call_on_close(turn.close)
    return response


def _parts(archive: Archive) -> Iterator[Part]:
    known = checksums.known(entry.sha256 for entry in archive.entries if entry.sha256)
    for entry in archive.entries:
        yield Part(entry.name, entry.size, known.get(entry.sha256), entry.read, partial(_path_of, entry))
    if archive.manifest:
        yield Part.of(MANIFEST, archive.manifest)
    if archive.left_out:
        yield Part.of(NOTE, archive.note)


def _path_of(entry: Entry) -> Path | None:
    return storage.current().local_path(entry.key)


def _until_the_end(whole: Zip, digests: dict[str, str], connection: object, turn: ExitStack) -> Iterator[bytes]:
    """A reader that takes nothing is left by its connection after a minute (`http/connection.py`), and one that takes too little
    here, so that two of them do not keep everybody from downloading. Raises ConnectionAbortedError."""
    began, sent = time.monotonic(), 0
    client = connection if isinstance(connection, Client) else None
    with turn:
        for piece in whole.pieces(sends_files=client is not None):
            if isinstance(piece, Whole):
                with open(piece.path, "rb", buffering=0) as file:
                    client.send_whole(file, piece.size)  # type: ignore[union-attr]  # only asked for with one
                sent += piece.size
            else:
                yield piece
                sent += len(piece)
            spent = time.monotonic() - began
            if spent > PATIENCE_S and sent < SLOWEST * spent:
                raise ConnectionAbortedError("The ZIP is read too slowly.")
    _keep({digests[name]: checksum for name, checksum in whole.reckoned.items() if name in digests})


def _keep(found: dict[str, int]) -> None:
    """So that the next ZIP need not read these files; where nobody else is writing, because nobody misses them."""
    if found:
        try:
            db.write_if_free(partial(checksums.keep, found))
        finally:
            db.release()
