"""Objects that go after their rows: only what no row names any more is removed."""

from pindeck import db, storage
from pindeck.models import Blob, Crop, Derivative
from pindeck.states import BlobState
from pindeck.storage import keys


def drop_staging(key: str) -> None:
    """Remove a staging object unless a blob still names it."""
    if key.startswith(keys.STAGING_PREFIX) and not Blob.select().where(Blob.object_key == key).exists():
        storage.current().delete(key)


def drop_object(key: str) -> None:
    """Remove an object that was replaced or fell out of the kept crops, unless a row names it."""
    if not any(table.select().where(table.object_key == key).exists() for table in (Blob, Derivative, Crop)):
        storage.current().delete(key)


def delete_blob(blob_id: str) -> None:
    """Objects first, row last, and only while the blob is being deleted."""
    blob = Blob.get_or_none((Blob.id == blob_id) & (Blob.state == BlobState.DELETING))
    if blob is None:
        return
    for made in [
        *Derivative.select().where(Derivative.blob_id == blob.id),
        *Crop.select().where(Crop.blob_id == blob.id),
    ]:
        storage.current().delete(made.object_key)
    storage.current().delete(blob.object_key)
    with db.writing():
        Blob.delete().where((Blob.id == blob_id) & (Blob.state == BlobState.DELETING)).execute()
