"""Jobs that make files of pictures."""

from pindeck.exports import making
from pindeck.models import Job
from pindeck.services.derivatives import exported


def make(job: Job) -> None:
    making.run(job)


def given_up(job: Job, message: str) -> None:
    exported.fail(job, message)
