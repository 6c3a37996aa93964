"""A person keeps pictures that wait, also those whose bytes did not arrive."""

from collections.abc import Iterable
from dataclasses import dataclass

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.images import moderation, review
from pindeck.services.images.publishing import Published
from pindeck.services.images.review import Decided
from pindeck.states import ImageStatus, PersistStatus


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
    kept = keep_chosen(actor, ids)
    reason = "Pictures that could not be stored stay here. Try to store them again first, then keep them." if kept.stayed else None
    return Kept(len(kept.ids) - kept.drafts, kept.drafts, reason, kept.action_id)


def keep_chosen(actor: Actor, ids: list[str]) -> Decided:
    """What `review.keep` does; drafts whose bytes had not come are asked for once more."""
    kept = review.keep(actor, ids)
    _store_again(actor, kept.ids)
    return kept


def keep_one(actor: Actor, image_id: str) -> Published:
    """The same for one. Raises Conflict when it does not wait for that."""
    kept = review.keep_one(actor, image_id)
    _store_again(actor, [image_id])
    return kept


def _store_again(actor: Actor, ids: list[str]) -> None:
    lost = (Image.status == ImageStatus.DRAFT) & (Image.persist_status == PersistStatus.FAILED)
    for image in list(Image.select().where(Image.id.in_(ids) & lost)):
        with db.writing():
            jobs.store_again(image, by=actor)


def approve(actor: Actor, image_id: str) -> Image:
    """What `moderation.approve` does; and if the copy of the picture had failed, it is tried again, then described."""

    def work() -> Image:
        image = moderation.approve(actor, image_id)
        again = image.status == ImageStatus.DRAFT and jobs.store_again(image, by=actor)
        return Image.get_by_id(image.seq) if again else image

    return db.retried(work)
