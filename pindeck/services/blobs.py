"""Blobs: bytes by their hash. A row says what exists; objects follow (unification §7, decisions 28–31)."""

from peewee import IntegrityError

from pindeck import db, queue
from pindeck.models import Blob, Derivative, StoredFile
from pindeck.states import BlobState


def live(sha256: str) -> Blob | None:
    """The live blob of these bytes, locked until the transaction ends so that no purge takes it meanwhile."""
    return db.locked(Blob.select().where((Blob.sha256 == sha256) & (Blob.state == BlobState.LIVE))).get_or_none()


def claim(sha256: str, size: int, object_key: str, bucket: str) -> tuple[Blob, bool]:
    """The live blob of these bytes, and whether it is new and therefore lies at `object_key`.

    Runs inside the transaction that also writes the file which names the blob. Of two uploads of equal
    bytes in the same moment one inserts; the other takes the winner's row.
    """
    found = live(sha256)
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
    except IntegrityError:
        winner = live(sha256)
        if winner is None:
            raise
        return winner, False


def release(blob_id: str) -> bool:
    """Inside the transaction that removed a file: a blob nobody names any more starts to be deleted.

    True when it does. The objects go by a job that checks the state again (decision 29).
    """
    blob = db.locked(Blob.select().where(Blob.id == blob_id)).get_or_none()
    if blob is None or StoredFile.select().where(StoredFile.blob_id == blob_id).exists():
        return False
    going = Blob.update(state=BlobState.DELETING).where((Blob.id == blob_id) & (Blob.state == BlobState.LIVE))
    if not going.execute():
        return False
    queue.enqueue(queue.DELETE_OBJECTS, payload={"blob_id": blob_id, "key": blob.object_key})
    return True


def key_is_free(key: str, blob_id: str) -> bool:
    """Whether no other blob, in any state, and no rendition lies at this key."""
    taken = Blob.select().where((Blob.object_key == key) & (Blob.id != blob_id)).exists()
    return not taken


def derivatives_of(blob_id: str) -> dict[str, Derivative]:
    return {d.preset: d for d in Derivative.select().where(Derivative.blob_id == blob_id)}
