"""The job that finds the groups of pictures that are the same, and the sweep that asks for it."""

from functools import partial

from pindeck import db, queue
from pindeck.models import Job, TwinDue
from pindeck.services import jobs
from pindeck.services.images import twins


def sweep() -> int:
    """Ask for the job where pictures are due; 1 if it was asked for."""
    with db.writing():
        if not TwinDue.select().exists():
            return 0
        return int(queue.enqueue(queue.GROUP, dedupe_key=queue.GROUP.kind) is not None)


def run(job: Job) -> None:
    """What the job does: all that is due, twenty at a time. Raises Cancelled."""
    while seqs := [row.seq for row in TwinDue.select().order_by(TwinDue.seq).limit(twins.PART)]:
        jobs.progress(job, "comparing", 50)
        db.retried(partial(twins.place, seqs, twins.near_of(seqs)))
