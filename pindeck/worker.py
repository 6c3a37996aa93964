"""The worker process: RQ delivers, each job runs in a forked child, and the pump runs between jobs.

There is no thread and no extra process for the pump: RQ's own loop comes by at least every
`PUMP_INTERVAL_S` seconds, and all it does is guarded updates, so any number of workers may do it.
"""

import gc
import logging
import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job as Delivery
from rq.serializers import JSONSerializer

from pindeck import db, jobs
from pindeck.bootstrap import create_worker_parts
from pindeck.config import Settings, load
from pindeck.delivery_queue import RedisQueue
from pindeck.errors import SettingError
from pindeck.imaging.limits import confine
from pindeck.models import Job
from pindeck.runtime.processes import tied
from pindeck.services import integrity, sweeps, work

log = logging.getLogger("pindeck.worker")

NICE = 10  # people who wait for a page come before pictures that are being sized
SWEEP_INTERVAL_S = 600


class PindeckWorker(Worker):
    """RQ's forking worker with our pump in its loop and limits on its children."""

    def __init__(self, settings: Settings, carrier: RedisQueue, queues: list[Queue]) -> None:
        self.settings = settings
        self.carrier = carrier
        self._pumped = self._swept = 0.0
        self.was_asked_to_stop = False
        self._tie = tied()  # a job ends with its worker, even with one that is killed
        super().__init__(queues, connection=carrier.client, serializer=JSONSerializer, log_job_description=False)

    def request_stop(self, signum: int, frame: Any) -> None:
        self.was_asked_to_stop = True
        super().request_stop(signum, frame)

    @property
    def dequeue_timeout(self) -> int:
        return max(1, int(self.settings.pump_interval_s))

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        self._tick()
        super().heartbeat(timeout, pipeline)

    def _tick(self) -> None:
        """Push what is due, take back what a dead worker held, and sweep now and then."""
        now = time.monotonic()
        if now - self._pumped < self.settings.pump_interval_s or self.is_horse:
            return
        self._pumped = now
        try:
            work.reclaim(jobs.on_failed)
            work.pump(self.carrier.waits)
            if now - self._swept > SWEEP_INTERVAL_S:
                self._swept = now
                sweeps.sweep()
                integrity.ask_nightly()
        except RedisAway:
            pass  # RQ's own loop reports it and waits
        except Exception:  # the next round tries again; a worker must not die of its housekeeping
            log.exception("housekeeping failed")
        finally:
            db.close()  # the fork that follows must not inherit a connection

    def main_work_horse(self, job: Delivery, queue: Queue) -> None:
        """In the child: decoding runs where a hostile file cannot take the worker down."""
        self._tie()
        os.nice(NICE)
        if queue.name != "ai":
            confine(memory_mb=self.settings.job_memory_mb, seconds=int(job.timeout or 300))
        super().main_work_horse(job, queue)

    def handle_work_horse_killed(self, job: Delivery, retpid: Any, ret_val: Any, rusage: Any) -> None:
        """The child was killed over a job: its row goes back to the list at once instead of after its lease."""
        try:
            db.connect()
            row = Job.get_or_none((Job.id == job.args[0]) & (Job.status == "running"))
            if row is not None:
                work.abandoned(row, jobs.on_failed)
        except Exception:  # the lease takes the job back if this could not
            log.exception("a killed job was not taken back")
        finally:
            db.close()


def main(names: Sequence[str] = ()) -> int:
    """Run until a signal. Returns the exit code."""
    try:
        settings = load()
    except SettingError as error:
        print(error)
        return 2
    carrier = create_worker_parts(settings)
    _wait_for(carrier)
    logging.getLogger("rq").setLevel(logging.WARNING)
    wanted = list(names) or settings.worker_queues.split(",")
    queues = [Queue(name, connection=carrier.client, serializer=JSONSerializer) for name in wanted]
    gc.collect()
    gc.freeze()  # pages of what is loaded by now stay shared with the children
    log.info("worker listens on %s", ", ".join(wanted))
    while True:
        worker = PindeckWorker(settings, carrier, queues)
        try:
            worker.work(with_scheduler=False, logging_level="WARNING")
        except RedisError as error:
            log.warning("the queue went away (%s)", type(error).__name__)
        if worker.was_asked_to_stop:
            return 0
        # RQ gives up when the queue goes away in the middle of a job. The rows are safe; begin again.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        _wait_for(carrier)


def _wait_for(carrier: RedisQueue) -> None:
    """The queue may start after the worker; wait for it instead of dying."""
    said = False
    while True:
        try:
            carrier.ping()
            return
        except Exception as error:
            if not said:
                log.warning("the queue does not answer (%s); waiting for it", type(error).__name__)
                said = True
            time.sleep(1)
