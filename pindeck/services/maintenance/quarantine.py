"""Pictures of the library whose originals are gone or damaged are hidden, as one action that can be taken back."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, storage
from pindeck.access import Actor
from pindeck.models import Blob, Image, StoredFile
from pindeck.services.images import hiding
from pindeck.states import ImageStatus, PersistStatus

RESULTS = 100


@dataclass(frozen=True)
class Broken:
    image_id: str
    title: str
    why: str


def quarantine(actor: Actor, *, limit: int, dry_run: bool = False) -> tuple[int, list[Broken], str | None]:
    """Look at so many pictures, those known to be damaged first and then the longest unread: how many were looked at,
    those that are broken, and the action that hid them. Raises Forbidden, and Upstream when the store is away.
    """
    access.require(actor, "admin")
    rows: Any = (
        Image.select(Image.id, Image.title, Blob.object_key, Blob.damaged_at)
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .join(Blob, on=(StoredFile.blob == Blob.id))
        .where((Image.status == ImageStatus.ACTIVE) & (Image.persist_status == PersistStatus.SUCCEEDED) & Image.deleted_at.is_null())
        .order_by(Blob.damaged_at.is_null(), Blob.checked_at, Image.seq)
        .limit(limit)
        .tuples()
    )
    found = list(rows)
    broken = [Broken(image_id, title, why) for image_id, title, key, at in found if (why := _why(key, at))]
    action_id = None if dry_run or not broken else hiding.hide(actor, [each.image_id for each in broken])
    return len(found), broken, action_id


def _why(key: str, damaged_at: int | None) -> str:
    if damaged_at is not None:
        return "Its original is damaged."
    return "" if storage.current().stat(key) is not None else "Its original is missing from the store."
