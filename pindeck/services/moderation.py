"""Waiting pictures and work in progress: keep, discard, mark, and take up again (pindeck §3 and §4.3)."""

from typing import Any

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid, NotFound
from pindeck.models import Activity, Generation, Image, ImageTag, Project
from pindeck.services import analysis, colours, ledger, publishing, trash
from pindeck.states import AiStatus, ImageStatus, Origin, PersistStatus

# Kept pictures of these sources wait once more, for their owner to publish them (pindeck §3.1).
REVIEWED_TWICE = (Origin.DISCORD, Origin.PINTEREST)
MOST = 500


def approve(actor: Actor, image_id: str) -> Image:
    """A waiting picture is kept: a draft, or part of the library, by where it came from. Twice is no error."""
    access.require_person(actor)
    image = access.image_for(actor, "image.publish", image_id)
    target = ImageStatus.DRAFT if image.origin in REVIEWED_TWICE else ImageStatus.ACTIVE
    with db.writing():
        waiting = Image.status.in_([ImageStatus.PENDING, ImageStatus.DRAFT]) & (Image.status != target)
        moved = Image.update(status=target, updated_at=db.now_ms(), version=Image.version + 1).where(
            (Image.seq == image.seq) & Image.deleted_at.is_null() & waiting
        )
        if moved.execute():
            _note(actor, "image.approve", image, to=target)
            publishing.request(image.id)
            if image.ai_status == AiStatus.QUEUED:
                analysis.start(image.id)
                if image.persist_status == PersistStatus.SUCCEEDED:
                    _describe(image)
    return Image.get_by_id(image.seq)


def _describe(image: Image) -> None:
    queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=image.user_id, dedupe_key=f"analyse:{image.id}")


def reject(actor: Actor, image_id: str) -> None:
    """A waiting picture is discarded for good. Raises Forbidden for somebody else's."""
    access.require_person(actor)
    access.image_for(actor, "image.publish", image_id)
    trash.purge(actor, image_id)


def remove(actor: Actor, image_id: str) -> None:
    """Delete for good (`images.remove`). Raises Forbidden in the documented words."""
    access.require_person(actor)
    image = access.find_image(actor, image_id)
    if access.has_scope(actor, "image.purge") and not access.can(actor, "image.publish", image):
        raise Forbidden("Not authorized to delete this image")
    trash.purge(actor, image_id)


def set_ai_status(actor: Actor, image_id: str, status: AiStatus) -> None:
    """Mark an image as described, or as one that could not be. Raises NotFound for what is not the actor's own."""
    access.require_person(actor)
    image = access.find_image(actor, image_id)
    if not access.can(actor, "image.retry", image):
        raise NotFound("Image not found or not yours", code="IMAGE_NOT_FOUND")
    with db.writing():
        Image.update(ai_status=status, ai_error=None, updated_at=db.now_ms()).where(Image.seq == image.seq).execute()
        _note(actor, "image.ai_status", image, to=status)


def clear_stale(actor: Actor, *, older_than_hours: int) -> int:
    """Own images whose description never ended count as failed; how many."""
    return analysis.sweep_stale(hours=older_than_hours, user_id=access.require_person(actor))


def set_row_order(actor: Actor, project_name: str, image_ids: list[str]) -> list[str]:
    """Every image of the list that the actor may edit gets that project and its place in the row, from 0.

    Ids of images that are not there are passed over. Returns the aliases that moves released.
    """
    person = access.require_person(actor)
    if len(image_ids) > MOST:
        sentence = f"Send at most {MOST} images."
        raise Invalid(sentence, fields={"imageIds": sentence})
    released: list[str] = []
    action = db.new_id()
    known = {
        image.id: image for image in Image.select().where(Image.id.in_(_ids(image_ids)) & Image.deleted_at.is_null())
    }
    editable = [i for i in dict.fromkeys(image_ids) if i in known and access.can(actor, "image.edit", known[i])]
    _stay_inside(actor, project_name)
    places = {image_id: n for n, image_id in enumerate(editable)}
    with db.writing():
        for image_id in sorted(editable):  # one order for all, so that two rows at once cannot deadlock
            written = ledger.write(image_id, {"project": project_name}, ledger.person(actor), action_id=action)
            if written.released:
                released.append(f"@{written.released}")
            Image.update(project_order=places[image_id]).where(Image.id == image_id).execute()
        Activity.create(
            at=db.now_ms(), user_id=person, client_id=actor.client_id, verb="project.order",
            detail={"project": project_name, "images": len(editable)},
        )  # fmt: skip
    return released


def _ids(image_ids: list[str]) -> list[str]:
    return [image_id for image_id in image_ids if image_id.isascii() and image_id.isprintable()]


def _stay_inside(actor: Actor, project_name: str) -> None:
    """A key moves nothing out of its project (unification §2)."""
    if actor.project_id is not None:
        own = Project.get_by_id(actor.project_id)
        if project_name.strip().casefold() != own.name.casefold():
            raise Forbidden("A project key cannot move images to another project.")


def finalize(actor: Actor, image_ids: list[str]) -> None:
    """Own drafts of the list become part of the library (`finalizeUploads`)."""
    access.require_person(actor)
    publishing.publish_many(actor, _ids(image_ids))


def update(
    actor: Actor, image_id: str, words: dict[str, Any], *, colors: list[str] | None, visibility: str | None = None
) -> str | None:
    """Write the named fields of an image; the alias that a move released, if it did (`updateImageMetadata`).

    Raises NotFound, Forbidden, Invalid, or Conflict.
    """
    access.require_person(actor)
    image = access.image_for(actor, "image.edit", image_id)
    if visibility is not None:
        access.require(actor, "image.visibility", image)
    if "project" in words:
        _stay_inside(actor, words["project"] or "")
    released = _write(actor, image, words, colors)
    if visibility is not None and visibility != image.visibility:
        publishing.set_visibility(actor, image.id, visibility)
    return released


def _write(actor: Actor, image: Image, words: dict[str, Any], colors: list[str] | None) -> str | None:
    with db.writing():
        written = ledger.write(image.id, words, ledger.person(actor))
        if colors is not None:
            Image.update(colors=colors, updated_at=db.now_ms(), version=Image.version + 1).where(
                Image.seq == image.seq
            ).execute()
            colours.write(image.seq, colors)
            _note(actor, "image.colors", image)
    return f"@{written.released}" if written.released else None


def backfill_generations(actor: Actor, *, limit: int) -> dict[str, int]:
    """A run for each own picture that a machine made and that has none: `scanned` counts those pictures."""
    person = access.require_person(actor)
    newest = list(
        Image.select()
        .where((Image.user == person) & Image.deleted_at.is_null())
        .order_by(Image.seq.desc())
        .limit(limit)
    )
    tagged = {
        row.image_id
        for row in ImageTag.select(ImageTag.image_id).where(
            ImageTag.image_id.in_([image.id for image in newest]) & (ImageTag.tag == "generated")
        )
    }
    made = [image for image in newest if image.id in tagged or image.attribution == "AI Generation"]
    inserted = 0
    with db.writing():
        for image in made:
            inserted += _add_run(person, image)
    return {"scanned": len(made), "inserted": inserted, "skippedExisting": len(made) - inserted}


def _add_run(person: str, image: Image) -> bool:
    if Generation.select().where(Generation.output_image_id == image.id).exists():
        return False
    now = db.now_ms()
    Generation.create(
        id=db.new_id(),
        project_id=image.project_id,
        flow_id=image.flow_id,
        user_id=person,
        status="completed",
        params={"sourceType": image.origin, "persistStatus": image.persist_status, "createdAt": image.created_at},
        inputs=[image.parent_id] if image.parent_id else [],
        output_image_id=image.id,
        created_at=now,
        updated_at=now,
    )
    return True


def backfill_persistence(actor: Actor, *, limit: int) -> int:
    """Own uploads that could not be stored are tried again; how many."""
    person = access.require_person(actor)
    failed = (
        (Image.user == person)
        & (Image.persist_status == PersistStatus.FAILED)
        & (Image.origin == Origin.UPLOAD)
        & Image.deleted_at.is_null()
    )
    found = list(Image.select().where(failed).order_by(Image.seq.desc()).limit(limit))
    return sum(_again(image) for image in found)


def _again(image: Image) -> bool:
    with db.writing():
        again = Image.update(persist_status=PersistStatus.PENDING, persist_error=None, updated_at=db.now_ms()).where(
            (Image.seq == image.seq) & (Image.persist_status == PersistStatus.FAILED)
        )
        if not again.execute():
            return False
        spec = queue.PERSIST if image.file_id else queue.FETCH_IMAGE
        queue.enqueue(spec, image_id=image.id, user_id=image.user_id, dedupe_key=f"{spec.kind}:{image.id}")
    return True


def _note(actor: Actor, verb: str, image: Image, **detail: object) -> None:
    Activity.create(
        at=db.now_ms(), user_id=actor.user_id, client_id=actor.client_id, verb=verb, image_id=image.id, detail=detail
    )
