"""Files of any kind on their way in: streamed and hashed to staging, then filed under their hash.

The store is never called inside a transaction. A new object gets its key first (`blobs.keep_room`), then its
bytes, and counts from the transaction that also writes the file which names it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from pindeck import config, db, storage
from pindeck.access import Actor
from pindeck.errors import PindeckError, Upstream
from pindeck.models import Blob, StoredFile
from pindeck.services.blobs import blobs, deletion, digests, healing, room, staging
from pindeck.states import BlobState
from pindeck.storage import keys
from pindeck.storage.base import Measured, Written

T = TypeVar("T")
Stream = BinaryIO | Iterable[bytes]

ATTEMPTS = 5
CLAIM_HOURS = 24


@dataclass(frozen=True)
class Owner:
    """Whose a new file is; it decides who may read its record or delete it."""

    user_id: str | None = None
    client_id: str | None = None
    project_id: str | None = None


def owner_of(actor: Actor) -> Owner:
    return Owner(actor.user_id, actor.client_id, actor.project_id)


@dataclass(frozen=True)
class Held:
    """Bytes that are safe under a staging key. The holder drops them in the end."""

    key: str
    written: Written


def hold(stream: Stream, *, max_bytes: int | None = None, expect_sha256: str | None = None, is_made_here: bool = False) -> Held:
    """Stream to staging. Raises TooLarge, Invalid `SHA256_MISMATCH`, NoSpace or Upstream; nothing is left then. The limit of files
    that come in is not for one that `is_made_here`."""
    key = keys.staging_key()
    largest = config.current().max_file_bytes
    most = largest if max_bytes is None else min(max_bytes, largest)
    written = storage.current().put(
        key, room.admitted(stream), content_type="application/octet-stream", limit=None if is_made_here else most, expect_sha256=expect_sha256
    )
    return Held(key, written)


def measure(stream: Stream, *, max_bytes: int, expect_sha256: str | None = None) -> Written:
    """Read to the end and keep nothing. Raises TooLarge and Invalid `SHA256_MISMATCH`."""
    measured = Measured(stream, max_bytes)
    for _ in measured:
        pass
    return measured.written(expect_sha256)


def keep(held: Held, write: Callable[[Blob], T]) -> T:
    """File what is held. `write` runs with the blob, in the transaction from which the bytes count.

    What `write` raises undoes everything. Equal bytes that are stored already are used and not written again.
    """
    sha256 = held.written.sha256
    for _ in range(ATTEMPTS):
        room = (
            None if _is_stored(sha256) else blobs.keep_room(sha256, held.written.size, config.current().minio_bucket)
        )
        try:
            if room:
                storage.current().copy(held.key, room.object_key)
            filed, result = healing.retried(held.key, lambda room=room: _settle(sha256, room, write))  # type: ignore[misc]
            if filed:
                return result  # type: ignore[return-value]
        finally:
            if room:
                _give_back(room)
    raise Upstream("Equal bytes are being deleted at this moment. Try again.")


def _is_stored(sha256: str) -> bool:
    return Blob.select().where((Blob.sha256 == sha256) & (Blob.state == BlobState.LIVE)).exists()


def _settle(sha256: str, room: Blob | None, write: Callable[[Blob], T]) -> tuple[bool, T | None]:
    blob = blobs.move_in(sha256, room)
    return (False, None) if blob is None else (True, write(blob))


def _give_back(room: Blob) -> None:
    """Remove a place that is not lived in: it went wrong, or somebody filed equal bytes first."""
    with suppress(PindeckError):  # the sweep does it later
        deletion.delete_blob(room.id)


def add_file(
    owner: Owner,
    blob: Blob,
    content_type: str | None,
    *,
    purpose: str = "file",
    deadline: int | None = None,
    filename: str | None = None,
    measured: str | None = None,
) -> StoredFile:
    """The row of a file, inside the transaction that gives the blob. `measured` is what a picture's bytes are."""
    return StoredFile.create(
        id=db.new_id(),
        file_key=db.new_token(),
        blob=blob.id,
        declared_type=content_type,
        measured_type=measured,
        filename=filename,
        user=owner.user_id,
        client=owner.client_id,
        project=owner.project_id,
        purpose=purpose,
        created_at=db.now_ms(),
        claim_deadline=deadline,
    )


def store(
    owner: Owner,
    stream: Stream | bytes,
    content_type: str | None = None,
    *,
    sha256: str | None = None,
    max_bytes: int | None = None,
    to_be_claimed: bool = False,
    then: Callable[[StoredFile], None] | None = None,
) -> str:
    """Store a file and return its storage id. Never call it inside a transaction: it writes to the store.

    `sha256` is hex or base64 of what must arrive. A file `to_be_claimed` is swept after 24 hours unless its
    deadline is taken away, which `files.claim` does. `then` runs in the transaction that records it.
    """
    expected = digests.from_text(sha256) if sha256 else None
    chunks = [stream] if isinstance(stream, bytes) else stream
    held = hold(chunks, max_bytes=max_bytes, expect_sha256=expected)
    deadline = db.now_ms() + CLAIM_HOURS * db.HOUR_MS if to_be_claimed else None

    def write(blob: Blob) -> str:
        file = add_file(owner, blob, content_type, deadline=deadline)
        if then:
            then(file)
        return file.id

    try:
        return keep(held, write)
    finally:
        staging.drop(held.key)
