"""Describing pictures: its states, what it may overwrite, retry, and what becomes of work that never ended."""

import logging

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Image, Job
from pindeck.services.images import calls, findings, known, looking, round_log, telling
from pindeck.states import AiStatus, ImageStatus, JobStatus, PersistStatus, sources
from pindeck.vision.base import Analysis, BilledTo, Context, Describer, Subject

log = logging.getLogger("pindeck.analysis")

_describer: Describer | None = None


def bind(describer: Describer) -> None:
    global _describer
    _describer = describer


def describe(subject: Subject) -> Analysis:
    """What a machine finds in a picture that is no image here; its answers are not kept. Raises what a describer does."""
    if _describer is None:
        raise Conflict("Nothing describes pictures in this process.")
    found = _describer.describe(subject)
    calls.used(subject.asked, db.new_id())
    return found


def is_asked_for(image: Image) -> bool:
    """Whether a machine describes the image, did so, or somebody answered for it. A record that came with its words is
    complete and was never begun."""
    return image.ai_status != AiStatus.COMPLETED or image.ai_started_at is not None


def run(
    image_id: str, *, user_id: str | None = None, job_id: str | None = None, round_id: str | None = None
) -> None:
    """Describe one image for a person, in a job, as a part of a round if there is one. One that is gone or finished is
    left alone.

    Raises Upstream or Invalid when a provider fails, and Waits when a limit is reached.
    """
    image = Image.get_or_none(Image.id == image_id)
    if image is None or image.ai_status not in (AiStatus.PROCESSING, AiStatus.QUEUED) or _describer is None:
        return
    start(image_id)
    asked = BilledTo(image.id, user_id or image.user_id, job_id)
    apply(image, _describer.describe(_subject(image, asked, known.of(image))), asked, round_id)


def look(subject: Subject) -> Analysis:
    """What is seen in a picture that is not here yet. Raises as `run` does, and Invalid where nobody describes pictures."""
    if _describer is None or _describer.is_at_hand:
        raise Invalid("No model describes pictures here.")
    return _describer.describe(subject)


def _subject(image: Image, asked: BilledTo, context: Context = Context()) -> Subject:
    return Subject(image.original_filename, lambda: looking.picture_of(image), context, asked)


def begin(image: Image) -> None:
    """Inside the transaction that made a picture ready: describe it with that where nobody has to be asked, or ask
    for the job that does. However long the picture waited for a worker, describing begins now and is not late."""
    begun = Image.update(ai_status=AiStatus.PROCESSING, ai_started_at=db.now_ms(), ai_error=None).where(
        (Image.seq == image.seq)
        & (Image.ai_status != AiStatus.COMPLETED)
        & (Image.status != ImageStatus.PENDING)  # one that a person may still discard costs nothing until then
    )
    if not begun.execute():
        return
    if _describer is not None and _describer.is_at_hand:
        ready = Image.get_by_id(image.seq)
        try:
            found = _describer.describe(_subject(ready, BilledTo(ready.id)))
        except Exception:  # the picture is ready all the same; the job says what is wrong
            log.exception("image %s was not described with its sizes", image.id)
        else:
            apply(ready, found)
            return
    queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=image.user_id, dedupe_key=f"analyse:{image.id}")


def ask_many(images: list[Image]) -> None:
    """Inside a transaction: what waited for a person is described; by the job that stores it, if that is still to come."""
    if not images:
        return
    Image.update(ai_status=AiStatus.PROCESSING, ai_started_at=db.now_ms(), ai_error=None).where(
        Image.seq.in_([image.seq for image in images])
    ).execute()
    queue.enqueue_many(
        queue.ANALYSE,
        [
            {"image_id": image.id, "user_id": image.user_id, "dedupe_key": f"analyse:{image.id}"}
            for image in images
            if image.persist_status == PersistStatus.SUCCEEDED
        ],
    )


def is_under_way(image_id: str) -> bool:
    """Whether a job waits or runs that describes it."""
    left = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & (Job.kind == queue.ANALYSE.kind)
    return Job.select().where(left & (Job.image_id == image_id)).exists()


def start(image_id: str) -> None:
    Image.update(ai_status=AiStatus.PROCESSING, ai_started_at=db.now_ms(), ai_error=None).where(
        (Image.id == image_id) & Image.ai_status.in_([*sources(AiStatus.PROCESSING)])
    ).execute()


def apply(image: Image, analysis: Analysis, asked: BilledTo = BilledTo(), round_id: str | None = None) -> None:
    """Keep what was found, and finish."""
    with db.writing():
        run_id, steps = findings.keep(image, analysis)
        calls.used(asked, run_id)
        if round_id:
            round_log.keep(round_id, steps)
        ended = (Image.id == image.id) & (Image.ai_status == AiStatus.PROCESSING)
        if Image.update(ai_status=AiStatus.COMPLETED, ai_error=None).where(ended).execute():
            telling.described(image)


def fail(image_id: str, message: str) -> None:
    Image.update(ai_status=AiStatus.FAILED, ai_error=message[:500]).where(
        (Image.id == image_id) & Image.ai_status.in_([AiStatus.QUEUED, AiStatus.PROCESSING])
    ).execute()


def put_back(image_ids: list[str], was: str) -> None:
    """A description that was asked for again and never began leaves its picture as it `was`."""
    state = AiStatus.COMPLETED if was == AiStatus.COMPLETED else AiStatus.FAILED
    error = None if state == AiStatus.COMPLETED else "Describing it was stopped."
    Image.update(ai_status=state, ai_error=error).where(
        Image.id.in_(image_ids) & Image.ai_status.in_(sources(state)) & (Image.ai_status != AiStatus.FAILED)
    ).execute()


def retry(actor: Actor, image_id: str) -> Image:
    """Describe an image again; one that a model describes just now is not paid for twice. Raises Conflict while its bytes
    are not ready."""
    image = access.image_for(actor, "image.retry", image_id)
    if image.persist_status != PersistStatus.SUCCEEDED:
        raise Conflict("The picture is not ready yet. It is described as soon as it is.")
    running = (Job.image_id == image.id) & (Job.kind == queue.ANALYSE.kind) & (Job.status == JobStatus.RUNNING)
    with db.writing():
        db.lock_rows(Image.select(Image.seq).where(Image.seq == image.seq))
        if not Job.select().where(running).exists():
            start(image.id)
            queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=actor.user_id, dedupe_key=f"analyse:{image.id}")
    return Image.get_by_id(image.seq)


def sweep_stale(*, hours: int, user_id: str | None = None) -> int:
    """Analyses that began more than `hours` ago and never ended count as failed. Returns how many."""
    edge = db.now_ms() - max(1, hours) * db.HOUR_MS
    waiting = Job.select(Job.image_id).where(
        Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & Job.image_id.is_null(False)
    )
    stale = (Image.ai_status == AiStatus.PROCESSING) & (Image.ai_started_at < edge) & Image.id.not_in(waiting)
    if user_id:
        stale &= Image.user_id == user_id
    return (
        Image.update(ai_status=AiStatus.FAILED, ai_error=f"The description did not end within {hours} hours. Try again.")
        .where(stale)
        .execute()
    )
