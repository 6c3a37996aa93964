"""The door of the worker: one entry for every job, so that claiming and ending are written once.

It may use services and what is below them; pages and the API are other doors, which it does not know.
"""

import gc
import importlib
import logging
import time
from collections.abc import Callable

from pindeck import db, queue
from pindeck.errors import Forbidden, Invalid, NoSpace, NotFound, PindeckError, TooLarge, Upstream, Waits
from pindeck.imaging.errors import BadImage
from pindeck.jobs import child
from pindeck.models import Job
from pindeck.queue import SPECS
from pindeck.services import jobs
from pindeck.states import Lane

log = logging.getLogger("pindeck.jobs")

_loaded: set[str] = set()

PERMANENT = (BadImage, Forbidden, Invalid, NotFound, TooLarge, jobs.Cancelled)


def run(job_id: str) -> None:
    """Do one job of the list, and what this child goes on with: claim it, do it, end it. The row tells what happened."""
    db.connect()
    course, job = child.Course(), jobs.claim(job_id)
    try:
        while job is not None:
            course.begin(job)
            job = course.next_after(job, is_done=do(job))
    finally:
        course.end()


def do(job: Job) -> bool:
    """The same for a job that is claimed; whether it is done."""
    is_done = _attempt(job)
    if path := SPECS[job.kind].on_ended:
        try:
            function_of(path)(job)
        except Exception:  # the job has ended; a sweep does this as well
            log.exception("%s %s has ended, and what follows failed", job.kind, job.id)
    return is_done


def _attempt(job: Job) -> bool:
    began = time.monotonic()
    try:
        with queue.in_lane(Lane(job.lane)):
            function_of(SPECS[job.kind].path)(job)
    except PERMANENT as error:
        jobs.failed(job, reason(error), permanent=True, on_failed=on_failed)
        log.info("%s %s failed for good: %s", job.kind, job.id, reason(error))
    except Waits as error:
        jobs.postponed(job, error.message, due_at=error.due_at)
        log.info("%s %s waits: %s", job.kind, job.id, error.message)
    except Exception as error:  # whatever else it is may pass: the network, the store, a bug that is mended
        if not isinstance(error, PindeckError):
            log.exception("%s %s failed", job.kind, job.id)
        is_full = isinstance(error, NoSpace) or db.is_full(error)
        not_before_s = error.retry_after_s if isinstance(error, Upstream) else 0
        jobs.failed(
            job, reason(error), permanent=False, on_failed=on_failed, is_full=is_full, not_before_s=not_before_s
        )
    else:
        jobs.complete(job)
        log.info("%s %s done in %.0f ms", job.kind, job.id, (time.monotonic() - began) * 1000)
        return True
    return False


def prepare(kind: str) -> None:
    """In a worker, before it forks a child for this kind of job: what each of these children would load for itself."""
    spec = SPECS.get(kind)
    if spec is None or kind in _loaded:
        return
    _loaded.add(kind)
    try:
        for module in (spec.path.rpartition(".")[0], *spec.loads):
            importlib.import_module(module)
    except Exception:  # the child fails of it as well, and its row says so
        log.exception("what %s needs cannot be loaded", kind)
    gc.collect()
    gc.freeze()  # so that its pages stay shared with the children


def function_of(path: str) -> Callable[..., None]:
    """The function that a JobSpec names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def reason(error: Exception) -> str:
    """The sentence people read. Errors that are not ours are not shown with their inside."""
    if isinstance(error, BadImage):
        return error.reason
    if isinstance(error, PindeckError):
        return error.message
    if db.is_full(error):
        return db.FULL
    return f"Something unexpected went wrong ({type(error).__name__}). It is tried again."


def on_failed(job: Job, message: str) -> None:
    """What giving up means for the image, the action, the run of a source or the export."""
    path = SPECS[job.kind].on_failed
    if path and (job.image_id or job.payload.keys() & {"action", "batch", "round", "export"}):
        function_of(path)(job, message)
