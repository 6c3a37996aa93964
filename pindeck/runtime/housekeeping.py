"""What a worker does between jobs: take back what the dead held, begin and send what is due, and sweep now and then."""

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from redis.exceptions import ConnectionError as RedisAway

from pindeck import db, jobs
from pindeck.db import dialect
from pindeck.queue import JobSpec
from pindeck.runtime import holders
from pindeck.services import jobs as work
from pindeck.services.blobs import room
from pindeck.services.clients.webhooks import deliveries
from pindeck.services.ingest.sources import runs
from pindeck.services.maintenance import integrity, sweeps, workers
from pindeck.states import Lane

log = logging.getLogger("pindeck.worker")

SWEEP_INTERVAL_S = 600


class Housekeeping:
    """All it does is guarded updates, so any number of workers may do it at the same time."""

    def __init__(self, interval_s: float, holders: Path, tell: Callable[[], object] | None = None) -> None:
        """`tell` says that this worker lives."""
        self._interval_s = interval_s
        self._holders = holders
        self._tell = tell
        self._kept = self._swept = self._told = 0.0

    def keep(self, waits: Callable[[JobSpec, str, int, Lane], bool] | None) -> None:
        """At most once in its interval. `waits` asks the queue; without it nothing is pushed."""
        now = time.monotonic()
        if now - self._kept < self._interval_s:
            return
        self._kept = now
        steps: list[Callable[[], object]] = [room.keep_ballast, self._reclaim, runs.run_due, deliveries.wake_due]
        if self._tell and now - self._told > workers.TELL_S:
            self._told = now
            steps.append(self._tell)
        if waits:
            steps.append(partial(work.pump, waits))
        if now - self._swept > SWEEP_INTERVAL_S:
            self._swept = now
            steps += [sweeps.sweep, integrity.ask_nightly]
        try:
            db.connect()
            for step in steps:
                _try(step)
        except Exception:
            log.exception("housekeeping failed")
        finally:
            db.close()  # the fork that follows must not inherit a connection

    def _reclaim(self) -> None:
        for name in holders.dead(self._holders, is_shared=dialect.is_shared()):
            work.reclaim_from(name, jobs.on_failed)
            workers.leave(name)
        work.reclaim(jobs.on_failed)


def _try(step: Callable[[], object]) -> None:
    """A step that fails keeps no other from running and does not end the worker; the next round tries again."""
    try:
        step()
    except RedisAway:
        pass  # the worker finds out by itself
    except Exception:
        log.exception("housekeeping failed")
