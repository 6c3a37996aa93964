"""What a person decides about images: approve, discard, correct, order, mark."""

from typing import Any

from peewee import fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, NotFound, invalid, no_image
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.images import arranging, detail, keeping, ledger, projects, publishing, trash
from pindeck.services.images.fields import kept_spec_of
from pindeck.states import AiStatus, ImageStatus, PersistStatus
from pindeck.text import can_be_id

MOST = 500


def like(actor: Actor, image_id: str) -> bool:
    """Like, or take the like back; whether it is liked now. Raises NotFound, Forbidden, or Conflict."""
    access.require_person(actor)
    return detail.toggle_like(actor, image_id)[0]


def count_view(actor: Actor, image_id: str) -> None:
    """Count that a program showed the image. Visitors do not count.

    Counted as pages count: once for a session, and for a key. Raises NotFound for what the actor may not see.
    """
    access.require_person(actor)
    image = access.image_for(actor, "library.count", image_id)
    detail.count_view(actor, image.id)


def approve(actor: Actor, image_id: str) -> Image:
    """Make a waiting picture a draft or part of the library, by where it came from. Twice is no error.

    Describing begins now if it waited for this. Raises Conflict for one whose bytes could not be stored, or is hidden.
    """
    access.require_person(actor)
    image = access.image_for(actor, "image.publish", image_id)

    def work() -> Image:
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        if fresh is None or fresh.is_trashed:
            raise no_image()
        if fresh.status == ImageStatus.BROKEN:
            raise Conflict("This image is hidden because its picture is missing.")
        if fresh.status not in keeping.WAITING:
            return fresh
        target = keeping.approved_as(fresh)
        if target == ImageStatus.ACTIVE and fresh.persist_status == PersistStatus.FAILED:
            raise Conflict("It could not be stored yet. Try to store it again first, then approve it.")
        action_id = db.new_id()
        steps, count = keeping.approve(actor, [fresh], action_id)
        if count:
            log.record(actor, keeping.APPROVE, steps, images=count, action_id=action_id)
        return Image.get_by_id(fresh.seq)

    return db.retried(work)


def remove(actor: Actor, image_id: str) -> None:
    """Delete for good (`images.remove`, `images.rejectImage`). Raises NotFound, or Forbidden in the documented words."""
    access.require_person(actor)
    if not access.has_scope(actor, "library.remove"):
        access.require(actor, "library.remove")
    image = access.find_image(actor, image_id)
    if not access.can(actor, "library.remove", image):
        raise Forbidden("Not authorized to delete this image")
    trash.purge(actor, image.id)


def set_ai_status(actor: Actor, image_id: str, status: AiStatus) -> None:
    """Mark an image as described, or as one that could not be. Raises NotFound for what is not the actor's own."""
    access.require_person(actor)
    image = access.find_image(actor, image_id)
    if not access.can(actor, "image.retry", image):
        raise NotFound("Image not found or not yours", code="IMAGE_NOT_FOUND")
    error = None if status == AiStatus.COMPLETED else "Somebody marked it as failed."
    with db.writing():
        began = fn.COALESCE(Image.ai_started_at, db.now_ms())  # somebody answers for it from now on
        Image.change(ai_status=status, ai_error=error, ai_started_at=began).where(Image.seq == image.seq).execute()
        activity.note(actor, "image.ai_status", image.id, to=status)


def finalize(actor: Actor, image_ids: list[str]) -> None:
    """Own drafts of the list become part of the library (`finalizeUploads`); everything else is left alone."""
    access.require_person(actor)
    found = Image.select(Image.id).where(Image.id.in_(_ids(image_ids)))
    if actor.project_id is not None:
        found = found.where(Image.project == actor.project_id)
    publishing.publish_many(actor, [image.id for image in found])


def set_row_order(actor: Actor, project_name: str, image_ids: list[str]) -> list[str]:
    """Every image of the list that the actor may edit gets that project, and its index in the list as its place.

    Ids of images that the actor cannot see or edit are passed over. The ledger keeps what was before, as one action.
    Returns the aliases that moves released.
    """
    access.require_person(actor)
    if len(image_ids) > MOST:
        sentence = f"Send at most {MOST} images."
        raise invalid("imageIds", sentence, named=True)
    projects.stay_inside(actor, project_name)
    places = {image_id: n for n, image_id in enumerate(image_ids)}  # named twice, the later place counts
    wanted = Image.id.in_(_ids(list(places))) & Image.deleted_at.is_null()

    def work() -> list[str]:
        # One order for all, so that two rows at once wait for each other and do not block.
        found = list(db.locked(Image.select().where(wanted).order_by(Image.seq)))
        row = [image for image in found if access.can(actor, "image.edit", image)]
        project = kept_spec_of("project").clean(project_name)
        words = {image.id: {"project": project, "project_order": places[image.id]} for image in row}
        _, released = arranging.write_places(actor, row, words)
        activity.note(actor, "project.order", project=project_name, images=len(places))
        return [f"@{name}" for name in released]

    return db.retried(work)


def _ids(image_ids: list[str]) -> list[str]:
    return [image_id for image_id in image_ids if can_be_id(image_id)]


def update(actor: Actor, image_id: str, fields: dict[str, Any], *, visibility: str | None = None) -> str | None:
    """Write the named fields of an image; the alias that a move released, if it did (`updateImageMetadata`).

    One transaction. Raises NotFound, Forbidden, Invalid, or Conflict, and then nothing is written.
    """
    access.require_person(actor)
    image = access.image_for(actor, "image.edit", image_id)
    if visibility is not None:
        access.require(actor, "image.visibility", image)
    if "project" in fields:
        projects.stay_inside(actor, fields["project"])

    def work() -> tuple[list[str], str | None]:
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        if fresh is None or fresh.is_trashed:
            raise no_image()
        written = ledger.write(image.id, fields, ledger.person(actor))
        steps: list[Step] = []
        token = None
        if visibility is not None and visibility != fresh.visibility:
            steps, token = publishing.show_to(actor, image, visibility)
        if steps or written.image_ids:
            log.record(
                actor, ledger.EDIT, [*written.steps, *steps], images=1, action_id=written.action_id,
                fields=[*ledger.labels(written.events), *(["Visibility"] if steps else [])],
            )  # fmt: skip
        return written.released, token

    released, token = db.retried(work)
    publishing.remove_now(token)
    return f"@{released[0]}" if released else None
