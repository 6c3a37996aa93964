"""Maintenance of one's own images: stale analyses, missing runs, uploads that were never made safe.

The command line may do the same for everybody's.
"""

from typing import Any

from peewee import fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Generation, Image, ImageTag, Job
from pindeck.queue import lanes
from pindeck.services.images import generations, storing
from pindeck.states import AiStatus, JobStatus, Lane, Origin, PersistStatus

GENERATED = "AI Generation"  # the attribution that variations carry
RETRIED = 500
TEMPLATE = "fal-image-generation"


def clear_stale(actor: Actor, *, older_than_hours: float) -> int:
    """Own images whose description began longer ago and never ended count as failed; returns how many.

    The person has seen that it hangs, so work that still waits for a worker counts as well: it ends at once then.
    """
    access.require_person(actor)
    hours = max(1.0, older_than_hours)
    began = fn.COALESCE(Image.ai_started_at, Image.uploaded_at, Image.created_at)
    stale = (
        _own(actor)
        & (Image.ai_status == AiStatus.PROCESSING)
        & (began < db.now_ms() - int(hours * db.HOUR_MS))
    )
    message = f"The description did not end within {hours:g} hours. Try again."
    with db.writing():
        return Image.update(ai_status=AiStatus.FAILED, ai_error=message).where(stale).execute()


def _own(actor: Actor) -> Any:
    """The images of the person that the key, if it is one's, works with; everybody's for the command line, which is an
    administrator without an account."""
    live = Image.deleted_at.is_null()
    if actor.is_admin and actor.user_id is None and not actor.is_program:
        return live
    mine = live & (Image.user == access.require_person(actor))
    return mine if actor.project_id is None else mine & (Image.project == actor.project_id)


def backfill_generations(actor: Actor, *, limit: int) -> dict[str, int]:
    """A run for each picture among the newest `limit` own ones that a machine made and that has none.

    `scanned` counts those pictures.
    """
    own = _own(actor)

    def once() -> dict[str, int]:
        newest = Image.select(Image.seq).where(own).order_by(Image.seq.desc()).limit(limit)
        edge = min((image.seq for image in list(newest)), default=0)
        tagged = ImageTag.select(ImageTag.image_id).where(ImageTag.tag == "generated")
        made = (Image.attribution == GENERATED) | Image.id.in_(tagged)
        # Locked, so that two calls at once do not both find a run missing.
        rows = db.locked(Image.select().where(own & (Image.seq >= edge) & made).order_by(Image.seq))
        images = list(rows)
        known = _with_a_run([image.id for image in images])
        missing = [image for image in images if image.id not in known]
        for image in missing:
            _add_run(image)
        return {"scanned": len(images), "inserted": len(missing), "skippedExisting": len(images) - len(missing)}

    return db.retried(once)


def _with_a_run(image_ids: list[str]) -> set[str]:
    runs = Generation.select(Generation.output_image_id).where(Generation.output_image_id.in_(image_ids))
    return {str(run.output_image_id) for run in runs}


def _add_run(image: Image) -> None:
    run = generations.add(
        [image.parent_id] if image.parent_id else [],
        project_id=image.project_id,
        flow_id=image.flow_id,
        user_id=image.user_id,
        status="completed",
        params={
            "template": TEMPLATE,
            "imageId": image.id,
            "title": image.title,
            "parentImageId": image.parent_id,
            "sourceType": image.origin,
            "sourceUrl": image.source_url,
            "persistStatus": image.persist_status,
            "createdAt": image.created_at,
        },
        output_image_id=image.id,
    )
    Image.update(generation_id=run.id).where((Image.seq == image.seq) & Image.generation_id.is_null()).execute()


def backfill_persistence(actor: Actor, *, limit: int) -> int:
    """Own uploads that still lie in staging are stored again, unless a job is about to; how many.

    They come after what somebody waits for.
    """
    at_work = Job.select(Job.image_id).where(
        Job.kind.in_(["persist", "fetch_image"])
        & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
        & Job.image_id.is_null(False)
    )
    unsafe = (
        _own(actor)
        & (Image.persist_status != PersistStatus.SUCCEEDED)
        & (Image.origin == Origin.UPLOAD)
        & (Image.file.is_null(False) | (Image.external_url != ""))  # else there is nothing to store
        & Image.id.not_in(at_work)
    )

    def once() -> int:
        found = list(db.locked(Image.select().where(unsafe).order_by(Image.seq).limit(limit)))
        for image in found:
            Image.change(persist_status=PersistStatus.PENDING).where(
                Image.seq == image.seq
            ).execute()
        with lanes.in_lane(Lane.LATER):
            return sum(storing.ask_to_store(image, by=actor) for image in found)

    return db.retried(once)


def retry_failed_drafts(actor: Actor) -> int:
    """All own drafts that could not be stored are tried again now, wherever they came from; how many."""
    access.require(actor, "upload")
    access.require_person(actor)
    wanted = access.drafts_of(actor).expression() & (Image.persist_status == PersistStatus.FAILED)

    def once() -> int:
        found = list(db.locked(Image.select().where(wanted).order_by(Image.seq).limit(RETRIED)))
        return sum(storing.store_again(image, by=actor) for image in found)

    return db.retried(once)
