"""How runs end: one by one, all of a batch, and what is left when whoever worked on them is gone."""

from peewee import fn

from pindeck import db
from pindeck.models import Generation, Image, Job
from pindeck.services.images import analysis, generations
from pindeck.services.images.variations import ordering
from pindeck.states import AiStatus, GenerationStatus, ImageStatus, JobStatus

LEFT_MS = 5 * 60 * 1000  # a batch that nothing happened to for so long, and that no job is about


def parent_of(run: Generation) -> Image | None:
    """None when it was deleted, be it to the trash."""
    if not run.inputs:
        return None
    return Image.get_or_none((Image.id == run.inputs[0]) & Image.deleted_at.is_null())


def fail(run: Generation, reason: str) -> None:
    generations.move(run.id, GenerationStatus.FAILED, error=reason[:500])


def lose(run: Generation, reason: str) -> None:
    """It may have been paid for, and is not sent again. The id that the provider gave it stays."""
    generations.move(run.id, GenerationStatus.LOST, error=reason[:500])


def close(batch: str) -> None:
    """The parent is as before once every run of the batch ended; failed when no run made a picture.

    What waited for a person before and was approved meanwhile is described now.
    """
    with db.writing():
        runs = generations.of_batch(batch)
        if not runs or any(run.status in generations.OPEN for run in runs):
            return
        # One that lies in the trash as well: it may come back.
        parent = db.locked(Image.select().where(Image.id == next(iter(runs[0].inputs), ""))).get_or_none()
        # Where somebody asked to have it described meanwhile, that says how it ends.
        if parent is None or parent.ai_status != AiStatus.PROCESSING or analysis.is_under_way(parent.id):
            return
        was = runs[0].params.get("parentWas")
        if was == AiStatus.QUEUED and parent.status != ImageStatus.PENDING:
            if not parent.is_trashed:
                analysis.ask_many([parent])  # who approved it found a machine at work on it
            else:
                analysis.fail(parent.id, "It was in the trash when a machine came to describe it. Try again.")
            return
        made = any(run.status == GenerationStatus.COMPLETED for run in runs)
        # What was not described before is not described by this.
        now = AiStatus(was) if was in (AiStatus.QUEUED, AiStatus.FAILED) else AiStatus.COMPLETED if made else AiStatus.FAILED
        columns: dict[str, str | None] = {"ai_status": now}
        if was == AiStatus.COMPLETED:
            columns["ai_error"] = None if made else f"{ordering.NOTHING_MADE}{runs[0].error}"[:500]
        Image.update(**columns).where(Image.seq == parent.seq).execute()


def give_up(batch: str, message: str) -> None:
    """The job was given up: what was not sent failed, of what was sent nobody knows the end."""
    for run in generations.of_batch(batch):
        if run.status == GenerationStatus.QUEUED:
            fail(run, message)
        elif run.status in generations.OPEN:
            lose(run, message)
    close(batch)


def sweep() -> int:
    """Batches that no job is about, such as those of a deleted picture, go on or end; how many."""
    edge = db.now_ms() - LEFT_MS
    stale = (
        Generation.select(Generation.batch)
        .where(Generation.status.in_(generations.OPEN) & Generation.batch.is_null(False))
        .group_by(Generation.batch)
        .having(fn.MAX(Generation.updated_at) < edge)
    )
    found = 0
    for batch in [str(row.batch) for row in stale]:
        waits = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & (Job.kind == "vary")
        if any(job.payload.get("batch") == batch for job in Job.select().where(waits)):
            continue
        found += 1
        run = generations.of_batch(batch)[0]
        parent = parent_of(run)
        if parent is None:
            give_up(batch, "The picture it began from was deleted.")
            continue
        with db.writing():
            payload = {"batch": batch, **run.params["asker"]}
            ordering.ask(batch, parent.id, run.params["userId"], run.client_id, payload)
    return found
