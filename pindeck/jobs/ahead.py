"""The part of a row that waits for others, done by a thread of the child while the child is at work on another row.

The thread decodes nothing and reads no page: what a stranger sends is looked at when its row has its turn, under the limits of
that row. So it ends no child, and the row that does is known.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from typing import Any

from pindeck import db
from pindeck.models import Job
from pindeck.queue import SPECS
from pindeck.services.ingest.sources import apart

log = logging.getLogger("pindeck.jobs")

_results: dict[str, Future[Any]] = {}  # of rows that were handed over, by their ids


def result(job: Job, do: Callable[[Job], Any]) -> Any:
    """What was done ahead for a job, once it is there; or `do` it now. Raises what doing it raises."""
    done = _results.pop(job.id, None)
    return do(job) if done is None else done.result()


class Ahead:
    """Holds one row at most. `claim` gives the row that may be done ahead, claimed."""

    def __init__(self, claim: Callable[[], Job | None]) -> None:
        self._claim = claim
        self._thread: ThreadPoolExecutor | None = None
        self._row: Future[Job | None] | None = None
        self._result: Future[Any] = Future()

    def start(self) -> None:
        """Start its thread, unless it runs."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1)
            self._thread.submit(int).result()

    def look(self) -> None:
        """Look for a row, unless one is held, and do its part."""
        if self._thread is None or self.held() is not None:
            return
        self._row, self._result = Future(), Future()
        self._thread.submit(self._beside, self._row, self._result)

    def held(self) -> Job | None:
        return self._row.result() if self._row is not None else None

    def is_there(self) -> bool:
        return self._result.done()

    def hand_over(self) -> None:
        """The row that is held is begun: its job asks for the `result`."""
        held = self.held()
        if held is not None:
            _results[held.id] = self._result
        self._row = None

    def _beside(self, row: "Future[Job | None]", result: "Future[Any]") -> None:
        with apart.beside:
            self._work(row, result)

    def _work(self, row: "Future[Job | None]", result: "Future[Any]") -> None:
        try:
            db.connect()
            job = self._claim()
        except Exception:  # the database is away; the child finds out by itself
            log.exception("nothing could be done ahead")
            job = None
        row.set_result(job)
        if job is None:
            return
        try:
            path = SPECS[job.kind].ahead
            result.set_result(getattr(import_module(path.rpartition(".")[0]), path.rpartition(".")[2])(job))
        except BaseException as error:
            result.set_exception(error)
