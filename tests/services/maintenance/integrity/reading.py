"""What the tests of reading again do again and again."""

import hashlib
from collections.abc import Callable

from pindeck import db
from pindeck.models import Activity, Blob, Derivative, StoredFile
from pindeck.services.files import intake
from pindeck.services.maintenance import integrity
from tests import invariants

DAY_MS = db.DAY_MS
Clock = Callable[[float], None]


def read_all() -> int:
    """Read everything in this process; the bytes that were read."""
    for table in (Blob, Derivative):
        table.update(checked_at=0).execute()
    reader = integrity.Reader(integrity.EVERYTHING, db.now_ms(), lambda: None)
    assert reader.read()
    return integrity.EVERYTHING - reader.left


def stored(data: bytes) -> Blob:
    """A file without a picture."""
    file = StoredFile.get_by_id(intake.store(intake.Owner(), data))
    return Blob.get_by_id(file.blob_id)


def verbs() -> list[str]:
    wanted = Activity.verb.startswith("file.") | Activity.verb.startswith("rendition.")
    return [row.verb for row in Activity.select().where(wanted).order_by(Activity.id)]


def is_whole(blob: Blob) -> bool:
    return hashlib.sha256(invariants.read(blob.object_key)).hexdigest() == blob.sha256
