"""A person cancels what waits or runs, or asks once more for what failed; its picture says then what is true."""

from collections.abc import Callable

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, NotFound
from pindeck.models import Image, ImportBatch, Job
from pindeck.services import activity, jobs
from pindeck.services.derivatives import build, exported
from pindeck.services.images import analysis, rounds, storing, undoing
from pindeck.services.images.variations import ending
from pindeck.services.maintenance import work
from pindeck.states import JobStatus, RunStatus, sources


def _end_run(batch_id: str, why: str) -> None:
    """The run of a source; its package is none that this one uses."""
    runs = (ImportBatch.id == batch_id) & ImportBatch.status.in_(sources(RunStatus.FAILED))
    ImportBatch.update(status=RunStatus.FAILED, error=why).where(runs).execute()


def _not_described(job: Job, why: str) -> None:
    """One of a round is as it was before: nothing has failed."""
    if was := job.payload.get("was"):
        analysis.put_back([str(job.image_id)], was)
    else:
        analysis.fail(str(job.image_id), why)


# What giving up means, by kind; what is not named here touches nothing that people see.
GIVEN_UP: dict[str, Callable[[Job, str], object]] = {
    queue.PERSIST.kind: lambda job, why: build.fail(str(job.image_id), why),
    queue.FETCH_IMAGE.kind: lambda job, why: build.fail(str(job.image_id), why),
    queue.ANALYSE.kind: lambda job, why: _not_described(job, why),
    queue.DESCRIBE_MANY.kind: lambda job, why: rounds.end(job.payload["round"], why),
    queue.VARY.kind: lambda job, why: ending.give_up(job.payload["batch"], why),
    queue.RUN_SOURCE.kind: lambda job, why: _end_run(job.payload["batch"], why),
    queue.EXPORT.kind: lambda job, why: exported.fail(job, why),
    queue.ACT.kind: lambda job, why: undoing.give_up(job.payload["action"], why),
    queue.UNDO.kind: lambda job, why: undoing.give_up(job.payload["action"], why),
}


def cancel(actor: Actor, job_id: str) -> bool:
    """True when it is cancelled now, False when it runs and ends at its next step.

    Raises NotFound for a job that is not the actor's, Conflict when it has ended, cannot be stopped, or is of a kind
    without which something would stay half done.
    """
    job, _ = _of(actor, job_id)
    if not queue.SPECS[job.kind].can_cancel:
        raise Conflict("This cannot be cancelled: something would stay half done.")
    with db.writing():
        became = jobs.cancel(job, _given_up)
        activity.note(actor, "job.cancel", job.image_id, job=job.id, kind=job.kind)
    return became == JobStatus.FAILED


def _given_up(job: Job, why: str) -> None:
    if told := GIVEN_UP.get(job.kind):
        told(job, why)


def retry(actor: Actor, job_id: str) -> None:
    """Ask once more for what failed or was cancelled. Raises NotFound for a job that is not the actor's, Conflict when it
    has not failed, or what it is about is not lacking any more."""
    job, image = _of(actor, job_id)
    if not queue.SPECS[job.kind].can_retry:
        raise Conflict("What it did so far stays. Ask for the rest where you asked for it before.")
    if job.status == JobStatus.FAILED and not work.can_retry(job, image):
        raise Conflict("There is nothing to try again: it was done since, or is on its way.")
    with db.writing():
        jobs.again(job)
        if image is not None and not _expect(job, image):
            raise Conflict("There is nothing to try again: it was done since, or is on its way.")
        activity.note(actor, "job.retry", job.image_id, job=job.id, kind=job.kind)


def _expect(job: Job, image: Image) -> bool:
    """Inside the transaction: the picture says that it is on its way. False when it does not lack it any more."""
    if job.kind in work.BYTES:
        if not storing.await_bytes(image):
            return False
        storing.await_words(image)
    elif job.kind == queue.ANALYSE.kind:
        analysis.start(image.id)
    return True


def _of(actor: Actor, job_id: str) -> tuple[Job, Image | None]:
    """A job and its picture, about which the actor decides."""
    access.require(actor, "job.control")
    job = work.find(actor, job_id)
    if job is None or job.kind not in queue.SPECS:
        raise NotFound("There is no such job.", code="JOB_NOT_FOUND")
    if not job.image_id or work.is_the_askers(job):  # `find` found it for its asker, or for an administrator
        return job, None
    try:
        return job, access.image_for(actor, "image.retry", job.image_id)
    except NotFound as error:
        raise Forbidden("Its picture is in the trash, or you may no longer see it.") from error
