"""How files that were made of pictures end: taken away by who asked for them, made anew, or kept for long enough."""

from pindeck import db
from pindeck.models import Export, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import blobs
from pindeck.states import JobStatus

MAKING, DONE, FAILED = "making", "done", "failed"


def job_of(export: Export) -> Job | None:
    """The job that makes it, while it waits or runs."""
    under_way = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return Job.get_or_none((Job.id == export.job_id) & under_way) if export.job_id else None


def fail(job: Job, message: str) -> None:
    """What was made before stays readable."""
    wanted = (Export.id == job.payload["export"]) & (Export.job_id == job.id)
    Export.update(state=FAILED, error=message[:500], updated_at=db.now_ms()).where(wanted).execute()


def remove(export: Export) -> None:
    """Inside a transaction: the export with its file; a job that makes it ends."""
    running = job_of(export)
    if running is not None:
        jobs.cancel(running, lambda job, message: None)
    gone = list(Export.delete().where(Export.id == export.id).returning(Export.file_id).execute())
    for row in gone:
        drop(row.file_id)


def drop(file_id: str | None) -> None:
    """Inside a transaction: a file that no export has any more. Its bytes follow by a job."""
    file = StoredFile.get_or_none(StoredFile.id == file_id) if file_id else None
    if file is not None and StoredFile.delete().where(StoredFile.id == file.id).execute():
        blobs.release(file.blob_id)


def sweep() -> int:
    """Delete what is kept for long enough; how many. A file whose export went with its owner is swept as one that nobody claimed."""
    due = list(Export.select().where(Export.expires_at < db.now_ms()).limit(500))
    for export in due:
        db.retried(lambda export=export: remove(export))  # type: ignore[misc]
    return len(due)
