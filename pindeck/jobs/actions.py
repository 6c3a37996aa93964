"""Jobs that do, or take back, what is about many pictures."""

from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.clients import askers
from pindeck.services.images import large, undoing


def act(job: Job) -> None:
    large.go_on(askers.asker(job), job.payload, lambda done, of: jobs.progress(job, "working", 100 * done // of))


def undo(job: Job) -> None:
    def told(done: int, of: int) -> None:
        jobs.progress(job, "working", min(100, 100 * done // of))

    if "redoes" in job.payload:
        undoing.redo_go_on(askers.asker(job), job.payload["action"], told)
    else:
        undoing.go_on(askers.asker(job), job.payload["undoes"], job.payload["action"], told)


def given_up(job: Job, message: str) -> None:
    """What was done so far stays, and can be taken back."""
    undoing.give_up(job.payload["action"], message)
