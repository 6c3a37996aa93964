"""Jobs about stored files."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.files import from_web
from pindeck.services.maintenance import consistency, inspection, integrity


def fetch(job: Job) -> None:
    from_web.run(job)


def check(job: Job) -> None:
    integrity.begin_night()
    if consistency.compare().missing:
        integrity.ask_at_once()


def restore(job: Job) -> None:
    inspection.restore_one(job.payload["blob_id"], lambda: jobs.progress(job, "restoring", 50))


def read(job: Job) -> None:
    integrity.run(job)
