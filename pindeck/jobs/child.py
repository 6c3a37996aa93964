"""What a child knows of its worker, and which row it does after the one it was forked for."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pindeck.models import Job
from pindeck.queue import SPECS, JobSpec
from pindeck.services import jobs


@dataclass(frozen=True)
class Worker:
    """Its queues; whether it was asked to stop; whether a row that waits is what it would deliver next; how the queue is told
    that such a row has been taken; and what limits a child to the time and memory of one row, counted from then on."""

    queues: Sequence[str] = ()
    is_stopping: Callable[[], bool] = lambda: False
    is_next: Callable[[Job], bool] = lambda job: False
    taken: Callable[[Job], None] = lambda job: None
    limit: Callable[[JobSpec], None] = lambda spec: None


_worker = Worker()


def bind(worker: Worker) -> None:
    global _worker
    _worker = worker


def worker() -> Worker:
    return _worker


def begin(job: Job, *, is_first: bool) -> None:
    """A child that may do two rows, one after the other, gives each the limits that it would have in a child of its own."""
    if not is_first or SPECS[job.kind].follow_up is not None:
        _worker.limit(SPECS[job.kind])


def next_after(job: Job) -> Job | None:
    """What a job has asked for and this child goes on with, claimed. None where its worker has to do other work before."""
    spec = SPECS[job.kind].follow_up
    if spec is None or spec.queue not in _worker.queues or _worker.is_stopping():
        return None
    due = jobs.due_of_image(job, spec)
    if due is None or not _worker.is_next(due):
        return None
    claimed = jobs.claim(due.id)
    if claimed is not None:
        with suppress(Exception):  # a queue that is away delivers it in vain
            _worker.taken(claimed)
    return claimed
