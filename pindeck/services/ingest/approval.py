"""A person keeps pictures that wait, also those whose bytes did not arrive."""

from collections.abc import Iterable
from dataclasses import dataclass

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import moderation, review, storing
from pindeck.states import ImageStatus


@dataclass(frozen=True)
class Kept:
    """How many pictures became part of the library, and how many drafts, by one action; why one could not be kept, if any."""

    active: int = 0
    drafts: int = 0
    reason: str | None = None
    action_id: str | None = None


def keep(actor: Actor, images: Iterable[Image]) -> Kept:
    """Keep those of them that wait for the actor."""
    ids = [image.id for image in images]
    if not ids:
        return Kept()
    kept = review.keep(actor, ids)
    reason = "Pictures that could not be stored stay here. Try to store them again first, then keep them." if kept.stayed else None
    return Kept(len(kept.ids) - kept.drafts, kept.drafts, reason, kept.action_id)


def approve(actor: Actor, image_id: str) -> Image:
    """What `moderation.approve` does; and if the copy of the picture had failed, it is tried again, then described."""

    def work() -> Image:
        image = moderation.approve(actor, image_id)
        again = image.status == ImageStatus.DRAFT and storing.store_again(image, by=actor)
        return Image.get_by_id(image.seq) if again else image

    return db.retried(work)
