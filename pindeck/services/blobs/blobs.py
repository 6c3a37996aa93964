"""Blobs: bytes by their hash. A row says what exists; objects follow."""

import secrets

from peewee import IntegrityError

from pindeck import db, queue
from pindeck.errors import NotFound
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.states import BlobState
from pindeck.storage import keys
from pindeck.text import can_be_id

CLAIMS = 5
# A kept place that was not used for so long is on its way out: the sweep comes after an hour.
ROOM_MS = 45 * 60_000


class Damaged(Exception):
    """The live blob of these bytes was found damaged: bytes that are right have to be put there first."""

    def __init__(self, blob: Blob) -> None:
        super().__init__(blob.object_key)
        self.blob = blob


@db.per_engine
def _live() -> db.PreparedQuery:
    asked = (Blob.sha256 == db.Param("sha256")) & (Blob.state == BlobState.LIVE)
    return db.PreparedQuery.of(db.locked(Blob.select().where(asked)))


def live(sha256: str) -> Blob | None:
    """The live blob of these bytes, locked until the transaction ends so that no purge takes it meanwhile."""
    row = _live().row(sha256=sha256)
    return None if row is None else Blob.of_row(row)


def claim(sha256: str, size: int, object_key: str, bucket: str) -> tuple[Blob, bool]:
    """The live blob of these bytes, and whether it is new and therefore lies at `object_key`.

    Runs inside the transaction that also writes the file which names the blob. When two uploads bring equal
    bytes in the same moment, one inserts; the other takes the winner's row. Raises Damaged.
    """
    for attempt in range(1, CLAIMS + 1):
        found = _whole(live(sha256))
        if found:
            return found, False
        try:
            with db.database.atomic():
                blob = Blob.create(
                    id=db.new_id(),
                    sha256=sha256,
                    size=size,
                    bucket=bucket,
                    object_key=object_key,
                    created_at=db.now_ms(),
                )
            return blob, True
        except IntegrityError:  # somebody was first; if that one is deleted already, it is our turn again
            if attempt == CLAIMS:
                raise
    raise AssertionError("unreachable")


def _whole(found: Blob | None) -> Blob | None:
    if found is not None and found.damaged_at is not None:
        raise Damaged(found)
    return found


def keep_room(sha256: str, size: int, bucket: str) -> Blob:
    """A key for bytes that are about to be copied there, in a transaction of its own.

    The row stands as `deleting` until `move_in`, so nobody adopts it and the sweep clears it up after a crash.
    Because the key is taken before the object is written, no deletion of equal bytes can hit that object.
    """
    key = wanted = keys.general_key(sha256)
    for _ in range(CLAIMS):
        try:
            with db.writing():
                return Blob.create(
                    id=db.new_id(),
                    sha256=sha256,
                    size=size,
                    bucket=bucket,
                    object_key=key,
                    state=BlobState.DELETING,
                    created_at=db.now_ms(),
                )
        except IntegrityError:
            key = keys.with_suffix(wanted, secrets.token_hex(4))
    raise AssertionError("Five random keys were all taken.")


def move_in(sha256: str, room: Blob | None) -> Blob | None:
    """Inside a transaction: the live blob of these bytes, which is `room` if there is no other.

    None when there is neither: what was live before has been deleted meanwhile, and room must be kept.
    Raises Damaged.
    """
    found = _whole(live(sha256))
    if found or room is None:
        return found
    kept = (Blob.id == room.id) & (Blob.state == BlobState.DELETING) & (Blob.created_at > db.now_ms() - ROOM_MS)
    try:
        with db.database.atomic():
            mine = Blob.update(state=BlobState.LIVE).where(kept).execute()
    except IntegrityError:  # somebody was first this very moment
        return _whole(live(sha256))
    return Blob.get_by_id(room.id) if mine else None


def release(blob_id: str) -> bool:
    """Inside the transaction that removed a file: a blob nobody names any more starts to be deleted.

    True when it does. The objects go by a job that checks the state again.
    """
    blob = db.locked(Blob.select().where(Blob.id == blob_id)).get_or_none()
    if blob is None or StoredFile.select().where(StoredFile.blob_id == blob_id).exists():
        return False
    going = Blob.update(state=BlobState.DELETING).where((Blob.id == blob_id) & (Blob.state == BlobState.LIVE))
    if not going.execute():
        return False
    queue.enqueue(queue.DELETE_OBJECTS, payload={"blob_id": blob_id, "key": blob.object_key})
    return True


def at(object_key: str) -> Blob | None:
    """The blob whose bytes lie at a key."""
    return Blob.get_or_none(Blob.object_key == object_key) if can_be_id(object_key) else None


def key_is_free(key: str, blob_id: str) -> bool:
    """Whether no other blob, in any state, and no rendition lies at this key."""
    taken = Blob.select().where((Blob.object_key == key) & (Blob.id != blob_id)).exists()
    return not taken


def derivatives_of(blob_id: str) -> dict[str, Derivative]:
    return {d.preset: d for d in Derivative.select().where(Derivative.blob_id == blob_id)}


def original_of(image: Image) -> Blob:
    """The blob of an image's original. Raises NotFound when there is none of ours."""
    if image.file_id is None:
        raise NotFound("This picture is not stored here.")
    return Blob.select(Blob).join(StoredFile).where(StoredFile.id == image.file_id).get()


@db.per_engine
def _of_file() -> db.PreparedQuery:
    rows = Blob.select(Blob.damaged_at, Blob.damage).join(StoredFile).where(StoredFile.id == db.Param("file"))
    return db.PreparedQuery.of(rows)


def damage_of(image: Image) -> tuple[int, str] | None:
    """Since when (ms) the original of a picture is known to be damaged, and what was found; None where it is whole."""
    row = _of_file().row(file=image.file_id) if image.file_id else None
    return None if row is None or row[0] is None else (row[0], row[1])
