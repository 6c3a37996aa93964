"""Jobs about one image."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.derivatives import build as persisting
from pindeck.services.images import analysis as analysing
from pindeck.services.images import publishing
from pindeck.services.images.variations import ending
from pindeck.services.ingest import previews
from pindeck.services.ingest.variations import running
from pindeck.services.maintenance import hashing, vision_trial


def persist(job: Job) -> None:
    persisting.run(str(job.image_id), lambda stage, percent: jobs.progress(job, stage, percent))


def analyse(job: Job) -> None:
    analysing.run(str(job.image_id), user_id=job.user_id, job_id=job.id)


def try_model(job: Job) -> None:
    vision_trial.try_now(job)


def preview(job: Job) -> None:
    previews.look(job)


def hash_some(job: Job) -> None:
    hashing.run(job)


def publish(job: Job) -> None:
    publishing.copy_out(str(job.image_id), job.payload["token"])


def unpublish(job: Job) -> None:
    publishing.remove(job.payload["token"])


def vary(job: Job) -> None:
    running.run(job, lambda done, of: jobs.progress(job, "making", 100 * done // of))


def not_varied(job: Job, message: str) -> None:
    ending.give_up(job.payload["batch"], message)


def not_stored(job: Job, message: str) -> None:
    persisting.fail(str(job.image_id), message)


def not_described(job: Job, message: str) -> None:
    analysing.fail(str(job.image_id), message)
