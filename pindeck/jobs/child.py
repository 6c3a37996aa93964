"""What a child knows of its worker, and which rows it does, one after the other."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pindeck.jobs.ahead import Ahead
from pindeck.models import Job
from pindeck.queue import GOES_ON_S, SPECS, JobSpec
from pindeck.services import jobs
from pindeck.states import Lane


@dataclass(frozen=True)
class Worker:
    """Its queues; whether it was asked to stop; whether a row that waits is what it would deliver next; which row that is; how
    the queue is told that a row has been taken; what limits a child to the time and memory of one row, counted from then on; and
    how the worker is told which row its child is at work on."""

    queues: Sequence[str] = ()
    is_stopping: Callable[[], bool] = lambda: False
    is_next: Callable[[Job], bool] = lambda job: False
    next_row: Callable[[], Job | None] = lambda: None
    taken: Callable[[Job], None] = lambda job: None
    limit: Callable[[JobSpec], None] = lambda spec: None
    begins: Callable[[Job], None] = lambda job: None


_worker = Worker()


def bind(worker: Worker) -> None:
    """In a child."""
    global _worker
    _worker = worker


def worker() -> Worker:
    return _worker


class Course:
    """The rows of one child.

    After a picture that was fetched it is the one that stores it. Else it is what the worker would deliver next, as long as that
    is short work and `GOES_ON_S` are not over. While a row is worked on, the bytes of the next import are fetched: that row is
    claimed by then, so it is done, or given back, before the child ends.
    """

    def __init__(self) -> None:
        self._worker = _worker
        self._until = time.monotonic() + GOES_ON_S
        self._ahead = Ahead(lambda: self._claimed(lambda due: bool(SPECS[due.kind].ahead)))

    def begin(self, job: Job) -> None:
        """Each row has the limits that it would have in a child of its own."""
        spec = SPECS[job.kind]
        self._worker.begins(job)
        if spec.goes_on:
            if self._worker.queues:
                self._ahead.start()  # before the first limit of memory, so that what its thread takes does not count
            self._worker.limit(spec)
            if not spec.ahead and self._may_go_on():
                self._ahead.look()

    def next_after(self, job: Job, *, is_done: bool) -> Job | None:
        """The row that comes next, claimed. None where the worker has other work to do."""
        may_go_on = is_done and SPECS[job.kind].goes_on and self._may_go_on()
        following = self._follow_up(job) if may_go_on else None
        if following is not None:
            return following
        held = self._ahead.held()
        if held is None:
            return self._claimed(lambda due: SPECS[due.kind].goes_on) if may_go_on else None
        first = self._claimed(lambda due: SPECS[due.kind].goes_on and self._goes_before(due, held)) if may_go_on else None
        if first is not None:
            return first
        if self._worker.is_stopping() and not self._ahead.is_there():
            return None
        self._ahead.hand_over()
        return held

    def end(self) -> None:
        """What was claimed and is not begun goes back."""
        held = self._ahead.held()
        if held is not None:
            jobs.later(held, 0)

    def _may_go_on(self) -> bool:
        return not self._worker.is_stopping() and time.monotonic() < self._until

    def _follow_up(self, job: Job) -> Job | None:
        spec = SPECS[job.kind].follow_up
        if spec is None or spec.queue not in self._worker.queues:
            return None
        due = jobs.due_of_image(job, spec)
        return self._claim(due) if due is not None and self._worker.is_next(due) else None

    def _goes_before(self, due: Job, held: Job) -> bool:
        """A row that somebody waits for goes before one that nobody waits for; and any before one whose bytes are not there."""
        return not self._ahead.is_there() or (Lane(due.lane) == Lane.NOW and Lane(held.lane) == Lane.LATER)

    def _claimed(self, fits: Callable[[Job], bool]) -> Job | None:
        due = self._worker.next_row()
        return self._claim(due) if due is not None and fits(due) else None

    def _claim(self, due: Job) -> Job | None:
        claimed = jobs.claim(due.id)
        if claimed is not None:
            with suppress(Exception):  # a queue that is away delivers it in vain
                self._worker.taken(claimed)
        return claimed
