"""The list of work: who may do a job, how it ends, what is pushed again, and what is shown of it.

A claim is a guarded update with a lease; `attempts` is the fence: a worker that lost its lease can no longer
end the job.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peewee import IntegrityError

from pindeck import access, config, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, PindeckError
from pindeck.models import Image, Job
from pindeck.queue import SPECS, JobSpec
from pindeck.states import AiStatus, JobStatus, Lane, PersistStatus

log = logging.getLogger("pindeck.work")

KEEP_DAYS = 30
CANCELLED = "It was cancelled."
PUSH_BATCH = 200

_holder: str | None = None


class Cancelled(PindeckError):
    """A person has cancelled what runs. It ends here, and is not tried again by itself."""

    def __init__(self) -> None:
        super().__init__(CANCELLED)


def bind_holder(name: str | None) -> None:
    """What this worker claims is held under this name, which is another one for each worker that ever started."""
    global _holder
    _holder = name


def _lease_ms() -> int:
    return config.current().job_lease_s * 1000


def claim(job_id: str) -> Job | None:
    """The job, for exactly one caller, or None when it is done, taken, gone, or not due yet."""
    now = db.now_ms()
    mine = Job.update(
        status=JobStatus.RUNNING,
        attempts=Job.attempts + 1,
        lease_until=now + _lease_ms(),
        holder=_holder,
        started_at=now,
        stage="",
        done=0,
    ).where((Job.id == job_id) & (Job.status == JobStatus.QUEUED) & (Job.due_at <= now))
    return Job.get_by_id(job_id) if mine.execute() else None


def _held(job: Job) -> object:
    return (Job.id == job.id) & (Job.status == JobStatus.RUNNING) & (Job.attempts == job.attempts)


def progress(job: Job, stage: str, percent: int) -> None:
    """Say how far a job is and renew its lease. Raises Cancelled when a person has asked it to stop."""
    told = Job.update(stage=stage, done=percent, total=100, lease_until=db.now_ms() + _lease_ms()).where(_held(job))
    for row in told.returning(Job.cancelled_at).execute():
        if row.cancelled_at is not None:
            raise Cancelled


def complete(job: Job) -> bool:
    """False when the lease was lost and somebody else has the job now."""
    ended = Job.update(
        status=JobStatus.COMPLETED, done=100, total=100, ended_at=db.now_ms(), lease_until=None, error=None
    ).where(_held(job))
    return bool(ended.execute())


def failed(
    job: Job,
    message: str,
    *,
    permanent: bool,
    on_failed: Callable[[Job, str], None],
    is_full: bool = False,
    not_before_s: int = 0,
) -> None:
    """End an attempt: try again later with back-off, or give up and tell the image why.

    It is not tried before `not_before_s` seconds have gone. What was accepted is not given up because the store
    `is_full`: it waits for room. What was cancelled ends.
    """
    spec = SPECS[job.kind]
    waits = is_full and spec.waits_for_room
    tries = job.attempts - job.spent
    with db.writing():
        if Job.select().where(_held(job) & Job.cancelled_at.is_null(False)).exists():
            permanent, message = True, CANCELLED
        if permanent or (tries > len(spec.retry_after_s) and not waits):
            ended = Job.update(
                status=JobStatus.FAILED, error=message[:500], ended_at=db.now_ms(), lease_until=None
            ).where(_held(job))
            if ended.execute():
                on_failed(job, message)
            return
        back_off_s = spec.retry_after_s[min(tries, len(spec.retry_after_s)) - 1] * random.uniform(0.8, 1.2)
        wait_s = max(back_off_s, not_before_s * random.uniform(1, 1.2))
        _try_again(job, message, due_at=db.now_ms() + int(wait_s * 1000))


def postponed(job: Job, message: str, *, due_at: int) -> None:
    """A limit is reached: the job waits until `due_at` (ms) and says why. That is no attempt that failed."""
    with db.writing():
        _try_again(job, message, due_at=due_at, spent=Job.spent + 1)


def _try_again(job: Job, message: str, *, due_at: int, **columns: object) -> None:
    again = dict(
        status=JobStatus.QUEUED, error=message[:500], due_at=due_at, pushed_at=None, lease_until=None, **columns
    )
    if not _goes_back(job, again) or not job.image_id:
        return
    # The person who waits for the picture sees why, however far off the next try is.
    spec = SPECS[job.kind]
    if spec in (queue.PERSIST, queue.FETCH_IMAGE):
        waiting = (Image.id == job.image_id) & (Image.persist_status == PersistStatus.PENDING)
        Image.update(persist_error=message[:500]).where(waiting).execute()
    elif spec is queue.ANALYSE:
        asked = (Image.id == job.image_id) & Image.ai_status.in_([AiStatus.QUEUED, AiStatus.PROCESSING])
        Image.update(ai_error=message[:500]).where(asked).execute()


def later(job: Job, wait_s: float) -> None:
    """What a job is about is being done elsewhere: it goes on in `wait_s`, and no worker waits with it meanwhile.

    That is no try that failed, however often it happens.
    """
    due = db.now_ms() + int(wait_s * 1000)
    with db.writing():
        _goes_back(job, dict(status=JobStatus.QUEUED, spent=Job.attempts, due_at=due, pushed_at=None, lease_until=None))


def _goes_back(job: Job, columns: dict[str, object]) -> bool:
    """False when the lease was lost. Where the same work was asked for meanwhile and waits, both are done."""
    try:
        with db.database.atomic():
            return bool(Job.update(columns).where(_held(job)).execute())
    except IntegrityError:
        return bool(Job.update(dedupe_key=None, **columns).where(_held(job)).execute())


def reclaim(on_failed: Callable[[Job, str], None]) -> int:
    """Jobs whose lease ran out go back to the queue, or fail after too many deaths; how many."""
    lost = list(Job.select().where((Job.status == JobStatus.RUNNING) & (Job.lease_until < db.now_ms())))
    for job in lost:
        abandoned(job, on_failed)
    return len(lost)


def reclaim_from(holder: str, on_failed: Callable[[Job, str], None]) -> int:
    """What a worker held that is known to be dead goes back at once; how many."""
    lost = list(Job.select().where((Job.status == JobStatus.RUNNING) & (Job.holder == holder)))
    for job in lost:
        abandoned(job, on_failed)
    return len(lost)


def held_here(job_id: str) -> list[Job]:
    """The job, if this worker or a child of it runs it, and what that child does besides."""
    return list(Job.select().where(_here(job_id)))


def renew(job_id: str) -> bool:
    """A child of this worker lives, so what it does keeps the lease; False where this worker holds nothing."""
    return bool(Job.update(lease_until=db.now_ms() + _lease_ms()).where(_here(job_id)).execute())


def renewal_s() -> float:
    """How often a lease is to be renewed, in seconds: two renewals may be missed."""
    return config.current().job_lease_s / 3


def _here(job_id: str) -> object:
    # A worker has one child at a time, so all that it holds is that child's.
    mine = (Job.id == job_id) & Job.holder.is_null() if _holder is None else Job.holder == _holder
    return (Job.status == JobStatus.RUNNING) & mine


def abandoned(job: Job, on_failed: Callable[[Job, str], None]) -> None:
    """A worker died over this attempt."""
    message = "The worker was stopped while it worked on this."
    failed(job, message, permanent=job.attempts - job.spent >= 5, on_failed=on_failed)


def cancel(job: Job, on_failed: Callable[[Job, str], None]) -> JobStatus:
    """Inside a transaction: end a job that waits, which tells `on_failed`, or ask one that runs to end at its next step.

    What became of it: FAILED or RUNNING. Raises Conflict when it has ended, or runs and has no further step.
    """
    now = db.now_ms()
    ended = Job.update(status=JobStatus.FAILED, error=CANCELLED, cancelled_at=now, ended_at=now)
    if ended.where((Job.id == job.id) & (Job.status == JobStatus.QUEUED)).execute():
        on_failed(job, CANCELLED)
        return JobStatus.FAILED
    runs = (Job.id == job.id) & (Job.status == JobStatus.RUNNING)
    if not Job.select().where(runs).exists():
        raise Conflict("It has ended already, so there is nothing to cancel.")
    if not SPECS[job.kind].stops:
        raise Conflict("It has begun and cannot be stopped. It ends by itself.")
    Job.update(cancelled_at=now).where(runs & Job.cancelled_at.is_null()).execute()
    return JobStatus.RUNNING


def again(job: Job) -> None:
    """Inside a transaction: what failed for good waits once more, with all its tries, before what nobody waits for.

    Raises Conflict when it has not failed, or the same work waits already.
    """
    now = db.now_ms()
    anew = Job.update(
        status=JobStatus.QUEUED, spent=Job.attempts, cancelled_at=None, ended_at=None, due_at=now, pushed_at=now,
        lane=Lane.NOW, stage="", done=0,
    ).where((Job.id == job.id) & (Job.status == JobStatus.FAILED))  # fmt: skip
    try:
        with db.database.atomic():
            if not anew.execute():
                raise Conflict("It has not failed, so there is nothing to try again.")
    except IntegrityError as error:
        raise Conflict("The same work waits already.") from error
    db.database.after_commit(lambda: queue.push(SPECS[job.kind], job.id, job.attempts + 1, Lane.NOW))


def pump(waits: Callable[[JobSpec, str, int, Lane], bool]) -> int:
    """Push what is due and not on its way; how many. Any number of workers may do this at once.

    A row that was pushed a while ago and still waits is pushed again unless the queue holds it (`waits`).
    """
    now = db.now_ms()
    resend = now - max(2000, _lease_ms() // 4)
    due = (
        Job.select()
        .where(
            (Job.status == JobStatus.QUEUED)
            & (Job.due_at <= now)
            & (Job.pushed_at.is_null() | (Job.pushed_at < resend))
        )
        .order_by(Job.lane == Lane.LATER, Job.due_at)
        .limit(PUSH_BATCH)
    )
    count = 0
    for job in list(due):
        before = Job.pushed_at.is_null() if job.pushed_at is None else Job.pushed_at == job.pushed_at
        mine = Job.update(pushed_at=now).where((Job.id == job.id) & (Job.status == JobStatus.QUEUED) & before)
        if not mine.execute():
            continue
        spec = SPECS[job.kind]
        if job.pushed_at is not None and waits(spec, job.id, job.attempts + 1, Lane(job.lane)):
            continue
        if not queue.push(spec, job.id, job.attempts + 1, Lane(job.lane)):
            break
        count += 1
    return count


def doubt_pushes() -> int:
    """What was handed to the queue may be lost: the next pump asks for each row at once, not after a while."""
    sent = (Job.status == JobStatus.QUEUED) & (Job.pushed_at > 0)
    return Job.update(pushed_at=0).where(sent).execute()


def next_due(lanes: Sequence[tuple[str, Lane]], kinds: Sequence[str] = ()) -> Job | None:
    """What a worker without a queue does next: the oldest due row, of these kinds or any, of the first lane of a queue
    that has one."""
    due = (Job.status == JobStatus.QUEUED) & (Job.due_at <= db.now_ms())
    if kinds:
        due &= Job.kind.in_(kinds)
    for name, lane in lanes:
        job = Job.select().where(due & (Job.queue == name) & (Job.lane == lane)).order_by(Job.due_at, Job.id).first()
        if job is not None:
            return job
    return None


def due(job_id: str, attempt: int) -> Job | None:
    """The row, if that attempt of it is due."""
    waits = (Job.id == job_id) & (Job.status == JobStatus.QUEUED) & (Job.attempts == attempt - 1)
    return Job.select().where(waits & (Job.due_at <= db.now_ms())).first()


def due_of_image(job: Job, spec: JobSpec) -> Job | None:
    """What is due of this kind about the image of a job."""
    waits = (Job.image_id == job.image_id) & (Job.kind == spec.kind) & (Job.status == JobStatus.QUEUED)
    return Job.select().where(waits & (Job.due_at <= db.now_ms())).order_by(Job.due_at, Job.id).first()


def sweep() -> int:
    """Forget jobs that ended more than thirty days ago; how many."""
    return Job.delete().where(Job.ended_at < db.now_ms() - KEEP_DAYS * db.DAY_MS).execute()


# What programs see of it


def asked_for(actor: Actor, job_id: str) -> Job:
    """A job of the actor's: of its client if it is a program, of the person otherwise. Raises NotFound."""
    access.require(actor, "job.view")
    mine = Job.client_id == actor.client_id if actor.is_program else Job.user_id == actor.user_id
    job = Job.get_or_none((Job.id == job_id) & mine)
    if job is None:
        raise NotFound("There is no such job.", code="JOB_NOT_FOUND")
    return job


# What people see of it


@dataclass(frozen=True)
class Preparation:
    """How far an upload is: `stage` is sent, storing, sizing, colours, done or failed."""

    stage: str
    percent: int
    error: str | None = None

    @property
    def is_finished(self) -> bool:
        return self.stage in ("done", "failed")


def preparation_of(images: list[Image]) -> dict[str, Preparation]:
    """By image id; one query however many images."""
    waiting = [image.id for image in images if image.persist_status == PersistStatus.PENDING]
    jobs: dict[str, Job] = {}
    if waiting:
        rows = (
            Job.select().where(Job.image_id.in_(waiting) & (Job.kind == queue.PERSIST.kind)).order_by(Job.created_at)
        )
        jobs = {str(job.image_id): job for job in rows}
    return {image.id: _preparation(image, jobs.get(image.id)) for image in images}


def _preparation(image: Image, job: Job | None) -> Preparation:
    if image.persist_status == PersistStatus.SUCCEEDED:
        return Preparation("done", 100)
    if image.persist_status == PersistStatus.FAILED:
        return Preparation("failed", 100, image.persist_error or "It could not be stored.")
    if job is None or job.status != JobStatus.RUNNING or not job.stage:
        return Preparation("sent", 5, image.persist_error)
    return Preparation(job.stage, job.done)
