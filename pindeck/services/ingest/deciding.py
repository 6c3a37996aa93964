"""A bot decides for a person: each picture once, by guarded steps. What is decided already stays as it is."""

from dataclasses import dataclass

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, no_image
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.clients import idempotency
from pindeck.services.images import keeping, review, trash
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import approval
from pindeck.states import ImageStatus

IN_LIBRARY = "This image is in the library already, so it can only be taken out there."


@dataclass(frozen=True)
class Decision:
    """What became of a picture. `image` is None once it was rejected; `is_new` is false for a repeat."""

    said: str
    image: Image | None
    is_new: bool


def approve(actor: Actor, image_id: str) -> Decision:
    """What a person does with *Keep*. Raises NotFound, Forbidden for a picture of somebody else, or Conflict."""
    before = access.image_for(actor, "image.publish", image_id)
    image = approval.approve(actor, image_id)
    is_new = image.status != before.status
    return Decision("Image approved." if is_new else f"This image is {_word(image)} already.", image, is_new)


def _word(image: Image) -> str:
    return "active" if image.status == ImageStatus.ACTIVE else "approved"


def publish(actor: Actor, image_id: str) -> Decision:
    """What a person does with *Publish*, also for one that nobody kept yet. Raises what `approve` raises, and Conflict for
    one that is not stored."""
    image = access.image_for(actor, "image.publish", image_id)
    if image.status == ImageStatus.ACTIVE:
        return Decision("This image is active already.", image, False)
    return Decision("Image published.", review.publish_one(actor, image.id).image, True)


def reject(actor: Actor, image_id: str, *, reason: str = "") -> Decision:
    """Into the trash, from where its person can take it back. Raises NotFound, Forbidden, or Conflict once it is in the library."""
    image = access.image_for(actor, "image.publish", image_id, trashed=True)
    if image.is_trashed:
        return Decision("This image was rejected already.", None, False)

    def guard() -> None:
        fresh = db.locked(Image.select().where(Image.seq == image.seq)).get_or_none()
        if fresh is None:
            raise no_image()
        if not fresh.is_trashed and fresh.status not in keeping.WAITING:
            raise Conflict(IN_LIBRARY)
        if not fresh.is_trashed:
            activity.note(actor, "image.reject", fresh.id, title=fresh.title, reason=reason)

    try:
        trash.trash(actor, image.id, also=guard)
    except Conflict:
        if not Image.select().where((Image.seq == image.seq) & Image.deleted_at.is_null(False)).exists():
            raise
        return Decision("This image was rejected already.", None, False)
    return Decision("Image rejected and deleted. It can be restored from the trash.", None, True)


def generate(actor: Actor, image_id: str, wish: Wish, *, event_id: str = "") -> Decision:
    """Order variations of a picture that is approved. What is delivered again with its `event_id` orders nothing.

    Raises what `ordering.order` raises, and Conflict before it is approved.
    """
    image, ordered = access.image_for(actor, "image.publish", image_id), []

    def work() -> str:
        if image.status not in (ImageStatus.ACTIVE, ImageStatus.DRAFT):
            raise Conflict("This image is not approved yet. Approve it first.")
        ordered.extend(ordering.order(actor, image.id, wish)[1])
        return f"{len(ordered)} {'variation is' if len(ordered) == 1 else 'variations are'} started."

    said = idempotency.event("discord", event_id, image.id).once(work) if event_id else work()
    return Decision(said, Image.get_by_id(image.seq), bool(ordered))
