"""A person keeps pictures that wait, also those whose bytes did not arrive."""

from collections.abc import Iterable
from dataclasses import dataclass

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.images import moderation
from pindeck.states import ImageStatus


@dataclass
class Kept:
    """How many pictures became part of the library, and how many drafts; why one could not be kept, if any."""

    active: int = 0
    drafts: int = 0
    reason: str | None = None


def keep(actor: Actor, images: Iterable[Image]) -> Kept:
    """Approve each of them."""
    kept = Kept()
    for image in images:
        try:
            if approve(actor, image.id).status == ImageStatus.ACTIVE:
                kept.active += 1
            else:
                kept.drafts += 1
        except Conflict as error:
            kept.reason = error.message
    return kept


def approve(actor: Actor, image_id: str) -> Image:
    """What `moderation.approve` does; and if the copy of the picture had failed, it is tried again, then described."""

    def work() -> Image:
        image = moderation.approve(actor, image_id)
        again = image.status == ImageStatus.DRAFT and jobs.store_again(image, by=actor)
        return Image.get_by_id(image.seq) if again else image

    return db.retried(work)
