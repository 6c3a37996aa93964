"""Equal bytes that arrive again heal what was damaged: they are written over the object that others share."""

import logging
from collections.abc import Callable
from typing import TypeVar

from pindeck import db, storage
from pindeck.errors import Upstream
from pindeck.models import Blob
from pindeck.services import activity
from pindeck.services.blobs import blobs, deletion
from pindeck.states import BlobState

log = logging.getLogger("pindeck.integrity")

T = TypeVar("T")
ATTEMPTS = 5


def retried(staged_key: str, work: Callable[[], T]) -> T:
    """Do `work` in a transaction of its own, as `db.retried` does; it claims the blob of what lies at `staged_key`.

    Where that is damaged, it is healed first. Raises Upstream when the store is away.
    """
    for _ in range(ATTEMPTS):
        try:
            return db.retried(work)
        except blobs.Damaged as found:
            heal(found.blob, staged_key)
    raise Upstream("The same file was found damaged again and again. Try again.")


def heal(blob: Blob, staged_key: str) -> None:
    """Write the right bytes, which lie at `staged_key`, over those of a damaged blob. They are read back soon."""
    storage.current().copy(staged_key, blob.object_key)
    same = (Blob.id == blob.id) & (Blob.object_key == blob.object_key) & (Blob.state == BlobState.LIVE)
    with db.writing():
        whole = Blob.update(checked_at=0, damaged_at=None, damage=None, damage_note=None)
        is_healed = whole.where(same & Blob.damaged_at.is_null(False)).execute()
        if is_healed:
            activity.note(None, "file.healed", blob_id=blob.id, key=blob.object_key, since=blob.damaged_at)
    if is_healed:
        log.warning("the original %s was replaced by equal bytes that were sent again", blob.object_key)
    elif not Blob.select().where(same).exists():
        deletion.drop_object(blob.object_key)
