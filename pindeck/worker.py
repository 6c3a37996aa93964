"""The worker process: RQ delivers, each job runs in a forked child, and housekeeping runs between jobs.

There is no thread and no extra process for it: RQ's own loop comes by at least every `PUMP_INTERVAL_S` seconds.
While the queue is away or refuses writes the worker takes its jobs from the database, where they are listed anyway.
"""

import gc
import logging
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job as Delivery
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from rq.worker.base import StopRequested

from pindeck import db
from pindeck.bootstrap import create_worker_parts
from pindeck.config import Settings, load
from pindeck.db import faults
from pindeck.errors import SettingError
from pindeck.jobs import child, prepare
from pindeck.models import Job
from pindeck.queue import SPECS, Turns, name_of, queue_of
from pindeck.queue.redis import RedisQueue
from pindeck.runtime import presence
from pindeck.runtime.children import RowWorker, child_died, child_lives, limit_child, limit_row
from pindeck.runtime.housekeeping import Housekeeping
from pindeck.runtime.processes import tied
from pindeck.runtime.told import Flag, slate
from pindeck.services import jobs
from pindeck.states import Lane

log = logging.getLogger("pindeck.worker")


class PindeckWorker(Worker):
    """RQ's forking worker with our housekeeping in its loop and limits on its children."""

    def __init__(self, settings: Settings, carrier: RedisQueue, names: list[str], house: Housekeeping) -> None:
        self.settings = settings
        self.turns = Turns(names)
        self.carrier = carrier
        self.house = house
        self.was_asked_to_stop = False
        self._tie = tied()  # a job ends with its worker, even with one that is killed
        self._how_it_ended = 0
        self._stopping = Flag()
        self._names = names
        super().__init__(
            self._in_turn(carrier),
            connection=carrier.client,
            serializer=JSONSerializer,
            log_job_description=False,
            job_monitoring_interval=max(1, min(30, int(jobs.renewal_s()))),
        )

    def _in_turn(self, carrier: RedisQueue) -> list[Queue]:
        return [carrier.queue(queue, lane) for queue, lane in self.turns.order]

    def reorder_queues(self, reference_queue: Queue) -> None:
        """RQ asks after each job, and says from where that came."""
        for queue, lane in self.turns.order:
            if name_of(queue, lane) == reference_queue.name:
                self.turns.took(queue, lane)
        self._ordered_queues = self._in_turn(self.carrier)

    def request_stop(self, signum: int, frame: Any) -> None:
        self.was_asked_to_stop = True
        self._stopping.raise_()
        super().request_stop(signum, frame)

    def _is_next(self, job: Job) -> bool:
        """In the child: nothing else would be delivered before this row, which has been pushed."""
        lane = Lane(job.lane)
        try:
            return self.carrier.count(self.turns.before(job.queue, lane)) <= (1 if lane == Lane.NOW else 0)
        except RedisError:
            return False

    def _next_row(self) -> Job | None:
        """In the child: the row that would be delivered next. None where the queue does not answer, or delivers in vain."""
        try:
            found = self.carrier.first(self.turns.order)
        except RedisError:
            return None
        return jobs.due(*found) if found else None

    def _taken(self, job: Job) -> None:
        """In the child: a row was taken without its delivery, which would come in vain."""
        self.turns.took(job.queue, Lane(job.lane))
        self.carrier.call_back(SPECS[job.kind], job.id, job.attempts, Lane(job.lane))

    @property
    def dequeue_timeout(self) -> int:
        return max(1, int(self.settings.pump_interval_s))

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        if not self.is_horse:
            self.house.keep(self.carrier.waits)
            if self.was_asked_to_stop and self.get_state() != WorkerStatus.BUSY:
                raise StopRequested  # the signal came during housekeeping, whose steps stop at nothing
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as error:
            if self.horse_pid:  # a child is at work, and is waited for before anything else
                return
            # RQ would sleep for up to a minute at a time; the rows of the database can be worked on meanwhile.
            raise StopRequested from error

    # While a child is at work RQ tells the queue so. One that goes away then is no reason to leave the child to itself.

    def set_current_job_working_time(self, current_job_working_time: float, pipeline: Any = None) -> None:
        with suppress(RedisError):
            super().set_current_job_working_time(current_job_working_time, pipeline)

    def maintain_heartbeats(self, job: Delivery) -> None:
        if not child_lives(job.args[0]):
            self.kill_horse()
        with suppress(RedisError):
            super().maintain_heartbeats(job)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if self.pubsub_thread:  # RQ forgets it where the queue is away, and it would listen for ever
                self.pubsub_thread.stop()

    def fork_work_horse(self, job: Delivery, queue: Queue) -> None:
        prepare(job.description or "")  # which is the kind of its row
        slate.wipe()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Delivery, queue: Queue) -> None:
        """In the child."""
        limit_child(self.settings, queue_of(queue.name), int(job.timeout or 300), self._tie)
        limit = partial(limit_row, self.settings)
        child.bind(child.Worker(self._names, self._stopping.is_up, self._is_next, self._next_row, self._taken, limit, slate.write))
        super().main_work_horse(job, queue)

    def wait_for_horse(self) -> tuple[Any, Any, Any]:
        ended = super().wait_for_horse()
        self._how_it_ended = ended[1] or 0
        return ended

    def monitor_work_horse(self, job: Delivery, queue: Queue) -> None:
        self._how_it_ended = 0
        try:
            super().monitor_work_horse(job, queue)
        finally:  # the queue may be away, or have forgotten the delivery; then RQ tells nobody of a child that died
            if self._how_it_ended:
                child_died(job.args[0], self._how_it_ended)


def queues_of(settings: Settings) -> list[str]:
    """The queues that a worker listens on where its command names none, first ones first."""
    return settings.worker_queues.split(",")


def main(names: Sequence[str] = ()) -> int:
    """Run until a signal. Returns the exit code."""
    try:
        settings = load()
        faults.refuse_damaged(settings)
    except SettingError as error:
        print(error, flush=True)
        return 2
    carrier = create_worker_parts(settings)
    logging.getLogger("rq").setLevel(logging.WARNING)
    wanted = list(names) or queues_of(settings)
    name = presence.take(settings)
    jobs.bind_holder(name)
    house = Housekeeping(settings.pump_interval_s, presence.folder(settings), presence.lives(name, wanted))
    gc.collect()
    gc.freeze()  # pages of what is loaded by now stay shared with the children
    log.info("worker listens on %s", ", ".join(wanted))
    try:
        return _work(settings, carrier, wanted, house)
    finally:
        presence.leave(name)


def _work(settings: Settings, carrier: RedisQueue, wanted: list[str], house: Housekeeping) -> int:
    while True:
        if not carrier.takes_work():
            log.warning("the queue does not answer or refuses writes; jobs are taken from the database until it does")
            if not RowWorker(settings, wanted, carrier.takes_work, lambda: house.keep(None)).run():
                return 0
            log.warning("the queue is back")
        _send_again()
        worker = PindeckWorker(settings, carrier, wanted, house)
        try:
            worker.work(with_scheduler=False, logging_level="WARNING")
        except RedisError as error:
            log.warning("the queue went away (%s)", type(error).__name__)
        if worker.was_asked_to_stop:
            return 0
        # RQ gives up when the queue goes away in the middle of a job. The rows are safe; begin again.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        time.sleep(1)


def _send_again() -> None:
    """A queue that was away may have come back empty."""
    try:
        db.connect()
        jobs.doubt_pushes()
    except Exception:  # the pump finds what is lost by itself, later
        log.exception("what waits could not be sent again")
    finally:
        db.close()
