"""Keeping the store and the database in step: deletions that follow rows, and what looks for leftovers."""

from pindeck import db, queue, storage
from pindeck.models import Blob, Crop, Image, Job, StoredFile
from pindeck.services.blobs import blobs
from pindeck.services.derivatives import crops
from pindeck.states import BlobState, JobStatus
from pindeck.storage import keys


def sweep_staging(*, older_than_ms: int = db.HOUR_MS) -> int:
    """Remove staging objects that no blob names; how many."""
    edge, count = db.now_ms() - older_than_ms, 0
    for found in storage.current().list(keys.STAGING_PREFIX):
        if found.modified_ms < edge and not Blob.select().where(Blob.object_key == found.key).exists():
            storage.current().delete(found.key)
            count += 1
    return count


def sweep_crops(*, older_than_ms: int = db.HOUR_MS) -> int:
    """Crops that no row names, left by a process that died, and those beyond what is kept; how many."""
    edge, count = db.now_ms() - older_than_ms, crops.evict()
    for found in storage.current().list(keys.CROPS_PREFIX):
        if found.modified_ms < edge and not Crop.select().where(Crop.object_key == found.key).exists():
            storage.current().delete(found.key)
            count += 1
    return count


def sweep_unclaimed() -> int:
    """Files that were uploaded with a ticket and never claimed as an image; how many."""
    due = list(StoredFile.select().where(StoredFile.claim_deadline < db.now_ms()).limit(500))
    for file in due:
        with db.writing():
            gone = StoredFile.delete().where((StoredFile.id == file.id) & StoredFile.claim_deadline.is_null(False))
            if gone.execute():
                blobs.release(file.blob_id)
    return len(due)


def sweep_orphaned_blobs(*, older_than_ms: int = db.HOUR_MS) -> int:
    """Delete live blobs that no file names, and ask again for deletions whose job is gone. Returns how many."""
    edge = db.now_ms() - older_than_ms
    named = StoredFile.select(StoredFile.blob)
    orphans = Blob.select().where((Blob.state == BlobState.LIVE) & (Blob.created_at < edge) & Blob.id.not_in(named))
    count = 0
    for blob in list(orphans.limit(500)):
        with db.writing():
            count += blobs.release(blob.id)
    waiting = [
        job.payload.get("blob_id")
        for job in Job.select().where(
            (Job.kind == queue.DELETE_OBJECTS.kind) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
        )
    ]
    stuck = Blob.select().where((Blob.state == BlobState.DELETING) & (Blob.created_at < edge))
    for blob in list(stuck.limit(500)):
        if blob.id not in waiting:
            queue.enqueue(queue.DELETE_OBJECTS, payload={"blob_id": blob.id, "key": blob.object_key})
            count += 1
    return count


def sweep_public() -> int:
    """Public copies whose image is not public any more; how many."""
    waiting = [
        job.payload.get("token")
        for job in Job.select().where(
            (Job.kind == queue.PUBLISH.kind) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
        )
    ]
    count = 0
    for found in storage.current().list_public():
        token = found.key.rpartition("/")[2].partition("-")[0]
        known = token in waiting or Image.select().where(Image.public_token == token).exists()
        if not known and found.modified_ms < db.now_ms() - db.HOUR_MS:
            storage.current().unpublish(found.key)
            count += 1
    return count
