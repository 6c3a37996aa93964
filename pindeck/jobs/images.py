"""Jobs about one image."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.derivatives import build as persisting
from pindeck.services.images import analysis as analysing
from pindeck.services.images import publishing


def persist(job: Job) -> None:
    persisting.run(str(job.image_id), lambda stage, percent: jobs.progress(job, stage, percent))


def analyse(job: Job) -> None:
    analysing.run(str(job.image_id))


def publish(job: Job) -> None:
    publishing.copy_out(str(job.image_id), job.payload["token"])


def unpublish(job: Job) -> None:
    publishing.remove(job.payload["token"])


def not_stored(job: Job, message: str) -> None:
    persisting.fail(str(job.image_id), message)


def not_described(job: Job, message: str) -> None:
    analysing.fail(str(job.image_id), message)
