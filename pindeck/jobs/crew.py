"""Jobs that mostly wait for a provider: one warm child does several at once, each in a thread, with a row, a lease and a
result of its own.

The child takes due rows of the table until there are none, other work waits, or its worker is asked to stop. So what
it needs is loaded once, and the connection to the provider stays open.
"""

import logging
import threading
import time
from contextlib import suppress

from pindeck import config, db, jobs
from pindeck.jobs import child
from pindeck.models import Job
from pindeck.queue import SPECS
from pindeck.services import jobs as work
from pindeck.states import Lane

log = logging.getLogger("pindeck.jobs")

LOOK_S = 0.25  # between two looks of a hand that has nothing to do
SLICE_S = 2.0  # for so long what nobody waits for goes before other work that nobody waits for
MOST_S = 600.0  # then a new child goes on: the time of a delivery has to be enough for the last row as well


def run(job_id: str) -> None:
    """Do a job, and at the same time what else is due of such kinds, `VISION_CONCURRENCY` at once."""
    crew = _Crew(child.worker(), job_id)
    hands = [threading.Thread(target=crew.work, daemon=True) for _ in range(config.current().vision_concurrency)]
    try:
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
    except BaseException as error:  # the time is over: what is not done is a try that failed
        crew.give_up(error)
        raise


class _Crew:
    def __init__(self, worker: child.Worker, job_id: str) -> None:
        self._worker = worker
        self._first: str | None = job_id
        self._began = time.monotonic()
        self._busy: dict[str, Job] = {}
        self._is_closed = False
        self._lock = threading.Lock()

    def work(self) -> None:
        """What one hand does until nothing is left for it."""
        try:
            while (job := self._next()) is not None:
                try:
                    jobs.do(job)
                finally:
                    del self._busy[job.id]
        except Exception:  # the others go on, and the lease takes back what this one held
            log.exception("one of those who work side by side ended")
        finally:
            db.release()

    def give_up(self, error: BaseException) -> None:
        self._is_closed = True
        reason = jobs.reason(error) if isinstance(error, Exception) else "The worker was stopped while it worked on this."
        for job in list(self._busy.values()):
            work.failed(job, reason, permanent=False, on_failed=jobs.on_failed)

    def _next(self) -> Job | None:
        """A row that is claimed; None when there is no more to come."""
        while True:
            with self._lock:
                job = self._claimed()
                if job is not None:
                    self._busy[job.id] = job
                    return job
                if self._is_closed or not self._busy:
                    return None
            time.sleep(LOOK_S)

    def _claimed(self) -> Job | None:
        db.connect()
        if self._first is not None:
            job_id, self._first = self._first, None
            if job := work.claim(job_id):
                return job
        while not self._is_closed:
            due = self._due()
            if due is None:
                return None
            if job := work.claim(due.id):
                with suppress(Exception):  # a queue that is away delivers it in vain
                    self._worker.taken(job)
                return job
        return None

    def _due(self) -> Job | None:
        """The next row for this crew. It is closed when others come first: it ends what it has begun."""
        spent = time.monotonic() - self._began
        self._is_closed = self._worker.is_stopping() or spent > MOST_S
        if self._is_closed:
            return None
        due = work.next_due([(name, Lane.NOW) for name in self._worker.queues])
        if due is None:
            due = self._due_later(spent)
        if due is not None and not SPECS[due.kind].together:
            self._is_closed = True
            return None
        return due

    def _due_later(self, spent: float) -> Job | None:
        """Of what nobody waits for each queue has its turn, so that none holds up another for long."""
        order = [(name, Lane.LATER) for name in self._worker.queues]
        if spent > SLICE_S:
            return work.next_due(order)
        kinds = [kind for kind, spec in SPECS.items() if spec.together]
        return work.next_due(order, kinds)
