"""One job in a forked child, straight from the table: what a worker does while the queue is away."""

import logging
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from pindeck import db, jobs
from pindeck.config import Settings
from pindeck.imaging.errors import CRASHED, TOO_LARGE
from pindeck.imaging.limits import confine
from pindeck.jobs import child, crew
from pindeck.models import Job
from pindeck.queue import FETCH_IMAGE, PERSIST, SPECS, JobSpec, Turns
from pindeck.runtime.memory import keep_freed
from pindeck.runtime.processes import send, tied
from pindeck.runtime.told import Flag, slate
from pindeck.services import jobs as work
from pindeck.states import Lane

log = logging.getLogger("pindeck.worker")

NICE = 10  # people who wait for a page come before pictures that are being sized
GRACE_S = 60.0  # a child that does not heed its own limit of time is killed this much later
_READING = (PERSIST.kind, FETCH_IMAGE.kind)
_BLAMED: dict[int, str] = {
    signal.SIGXCPU: TOO_LARGE,
    signal.SIGSEGV: CRASHED,
    signal.SIGABRT: CRASHED,
    signal.SIGBUS: CRASHED,
}


def limit_child(settings: Settings, queue: str, timeout_s: int, tie: Callable[[], None]) -> None:
    """In a child: it ends with its worker, gives way to people, and decoding cannot take the worker down."""
    tie()
    os.nice(NICE)
    if queue != "ai":  # of which a child lives for minutes, with several threads
        keep_freed()
    _confine(settings, queue, timeout_s)


def limit_row(settings: Settings, spec: JobSpec) -> None:
    """In a child that does more than one row, one after the other: this one has the limits of a child of its own."""
    _confine(settings, spec.queue, spec.timeout_s, anew=True)
    signal.alarm(spec.timeout_s)  # its handler is that of the child's own limit of time


def _confine(settings: Settings, queue: str, timeout_s: int, *, anew: bool = False) -> None:
    if queue != "ai":
        confine(memory_mb=settings.job_memory_mb, seconds=timeout_s, anew=anew)


def child_died(job_id: str, status: int) -> None:
    """A child was killed over a job: its row goes back to the list at once instead of after its lease.

    `status` is what waiting for it gave. A picture whose bytes end a child would end the next one too: it has failed.
    """
    try:
        db.connect()
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        held = work.held_here(job_id)
        begun, _ = slate.read()
        for row in held:
            if row.id != begun and any(other.id == begun for other in held) and not SPECS[row.kind].together:
                work.later(row, 0)  # it waited for its turn, and is not why the child died
            elif row.kind in _READING and number in _BLAMED:
                work.failed(row, _BLAMED[number], permanent=True, on_failed=jobs.on_failed)
            else:
                work.abandoned(row, jobs.on_failed)
    except Exception:  # the lease takes the job back if this could not
        log.exception("a killed job was not taken back")
    finally:
        db.close()


def child_lives(job_id: str) -> bool:
    """A child is at work still: what it does keeps the lease, however long one file takes. False when it has to be killed,
    because it did not heed the limit of time of the row that it does now."""
    try:
        db.connect()
        work.renew(job_id)
        return not _is_over()
    except Exception as error:  # the next time may do; two renewals may be missed
        log.warning("a lease was not renewed (%s)", type(error).__name__)
        return True
    finally:
        db.close()


def _is_over() -> bool:
    begun, began_ms = slate.read()
    row = Job.get_or_none(Job.id == begun) if begun else None
    if row is None or SPECS[row.kind].together:
        return False
    return db.now_ms() > began_ms + 1000 * (SPECS[row.kind].timeout_s + GRACE_S)


class RowWorker:
    """Takes due rows from the database, one at a time. A row is claimed as ever, so no job is done twice at once."""

    def __init__(
        self, settings: Settings, queues: list[str], is_back: Callable[[], bool], keep_house: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._turns = Turns(queues)
        self._is_back = is_back
        self._keep_house = keep_house
        self._tie = tied()
        self._stops = 0
        self._stopping = Flag()
        self._queues = queues

    def run(self) -> bool:
        """Work until the queue is back (True) or a signal asks to stop (False); a job that runs is ended first."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        looked = time.monotonic()
        while not self._stops:
            self._keep_house()
            if time.monotonic() - looked >= self._settings.pump_interval_s:
                if self._is_back():
                    return not self._stops
                looked = time.monotonic()
            if not self._do_one():
                self._pause(self._settings.pump_interval_s)
        return False

    def _do_one(self) -> bool:
        """False when nothing is due or the database does not answer."""
        try:
            db.connect()
            job = work.next_due(self._turns.order)
        except Exception as error:
            log.warning("the database does not answer (%s)", type(error).__name__)
            return False
        finally:
            db.close()  # the fork that follows must not inherit a connection
        if job is None:
            return False
        self._turns.took(job.queue, Lane(job.lane))
        spec = SPECS[job.kind]
        jobs.prepare(job.kind)
        slate.wipe()
        pid = os.fork()
        if pid == 0:
            self._in_child(job, spec)
        if status := self._wait(pid, job.id, spec.delivery_s + GRACE_S):
            child_died(job.id, status)
            return False  # with a pause, as it may be the database that did not take what it did
        return True

    def _in_child(self, job: Job, spec: JobSpec) -> None:
        code = 1
        try:
            os.setpgrp()  # Ctrl-C in a terminal reaches the worker alone, which lets the job end
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            limit_child(self._settings, spec.queue, spec.delivery_s, self._tie)
            limit = partial(limit_row, self._settings)
            child.bind(child.Worker(self._queues, self._stopping.is_up, self._is_next, self._next_row, self._taken, limit, slate.write))
            with UnixSignalDeathPenalty(spec.delivery_s, JobTimeoutException):
                (crew.run if spec.together else jobs.run)(job.id)
            code = 0
        except BaseException:
            log.exception("%s %s ended with its child", job.kind, job.id)
        finally:
            os._exit(code)

    def _next_row(self) -> Job | None:
        return work.next_due(self._turns.order)

    def _taken(self, job: Job) -> None:
        self._turns.took(job.queue, Lane(job.lane))

    def _is_next(self, job: Job) -> bool:
        first = work.next_due(self._turns.before(job.queue, Lane(job.lane)))
        return first is None or first.id == job.id

    def _wait(self, pid: int, job_id: str, seconds: float) -> int:
        """Wait for a child, and kill it after its time or when a second signal says now. Gives how it ended."""
        renewed = time.monotonic()
        deadline = renewed + seconds
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return status
            now = time.monotonic()
            if now > deadline or self._stops > 1:
                send(pid, signal.SIGKILL)
            elif now > renewed + work.renewal_s():
                renewed = now
                if not child_lives(job_id):
                    send(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stops and time.monotonic() < until:
            time.sleep(min(0.1, seconds))

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._stops += 1
        self._stopping.raise_()
