"""A sample of what is stored, read again and hashed: whether record and bytes still agree (file-storage §8, C8)."""

import hashlib
import logging

from peewee import fn

from pindeck import db, queue, storage
from pindeck.errors import NotFound
from pindeck.models import Activity, Blob, Job
from pindeck.states import BlobState
from pindeck.storage.base import CHUNK

log = logging.getLogger("pindeck.integrity")

EVERY_MS = 24 * 3_600_000
SAMPLE = 50
SAMPLE_BYTES = 2**30


def ask_nightly() -> int:
    """Ask for a check if the last one is a day old; how many were asked for."""
    latest = Job.select(fn.MAX(Job.created_at)).where(Job.kind == queue.CHECK_FILES.kind).scalar()
    if latest is not None and latest > db.now_ms() - EVERY_MS:
        return 0
    with db.writing():
        return int(queue.enqueue(queue.CHECK_FILES, dedupe_key=queue.CHECK_FILES.kind) is not None)


def check_sample(*, blobs: int = SAMPLE, most_bytes: int = SAMPLE_BYTES) -> int:
    """Hash some objects again, chosen by chance, up to so many bytes but at least one; how many differ.

    Each difference is logged and stands in the activity trail. Raises Upstream when the store is away.
    """
    chosen = list(Blob.select().where(Blob.state == BlobState.LIVE).order_by(fn.Random()).limit(blobs))
    read = wrong = 0
    for number, blob in enumerate(chosen):
        if number and read + blob.size > most_bytes:
            continue
        read += blob.size
        found = _hash_of(blob)
        # An object moves from staging to its final key, and goes when its blob does.
        if found != (blob.sha256, blob.size) and _is_still(blob):
            wrong += 1
            _report(blob, found)
    return wrong


def _hash_of(blob: Blob) -> tuple[str, int] | None:
    digest, size = hashlib.sha256(), 0
    try:
        with storage.current().open(blob.object_key) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except NotFound:
        return None
    return digest.hexdigest(), size


def _is_still(blob: Blob) -> bool:
    same = (Blob.id == blob.id) & (Blob.object_key == blob.object_key) & (Blob.state == BlobState.LIVE)
    return Blob.select().where(same).exists()


def _report(blob: Blob, found: tuple[str, int] | None) -> None:
    what = "is missing" if found is None else f"has {found[1]} bytes with SHA-256 {found[0]}"
    log.error("object %s %s; recorded are %s bytes with SHA-256 %s", blob.object_key, what, blob.size, blob.sha256)
    detail = {"blob_id": blob.id, "key": blob.object_key, "found": found[0] if found else None}
    Activity.create(at=db.now_ms(), verb="file.differs", detail=detail)
