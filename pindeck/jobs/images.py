"""Jobs about one image."""

from pindeck.models import Job
from pindeck.services import analysis as analysing
from pindeck.services import persist as persisting
from pindeck.services import publishing, work


def persist(job: Job) -> None:
    persisting.run(str(job.image_id), lambda stage, percent: work.progress(job, stage, percent))


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
