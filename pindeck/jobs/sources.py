"""Jobs about sources of pictures."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.clients import askers
from pindeck.services.ingest.sources import runs, trying


def run(job: Job) -> None:
    runs.go_on(job.payload["batch"], lambda done, of: jobs.progress(job, "sending", 100 * done // of))


def given_up(job: Job, message: str) -> None:
    """What was found and sent so far stays."""
    runs.give_up(job.payload["batch"], message)


def test(job: Job) -> None:
    askers.check(job, "source.edit")
    trying.look(job)
