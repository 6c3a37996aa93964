"""Jobs about stored files."""

from pindeck.models import Job
from pindeck.services import fetched_files, inspection, integrity, stocktaking, work


def fetch(job: Job) -> None:
    fetched_files.run(job)


def check(job: Job) -> None:
    integrity.begin_night()
    if stocktaking.compare().missing:
        integrity.ask_at_once()


def restore(job: Job) -> None:
    inspection.restore_one(job.payload["blob_id"], lambda: work.progress(job, "restoring", 50))


def read(job: Job) -> None:
    integrity.run(job)
