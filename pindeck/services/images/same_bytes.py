"""Images whose files are the same bytes: the one that was there before, and keeping that one instead."""

from typing import Any

from peewee import fn

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Image, StoredFile
from pindeck.services.images import trash
from pindeck.services.images.trash import Trashed
from pindeck.states import ImageStatus


def earlier_ones(actor: Actor, images: list[Image]) -> dict[str, Image]:
    """By the id of an image: the first one of the same bytes that the actor sees, if it came before. Three statements at most."""
    files = [image.file_id for image in images if image.file_id]
    if not files:
        return {}
    blobs: Any = StoredFile.select(StoredFile.id, StoredFile.blob).where(StoredFile.id.in_(files)).tuples()
    blob_of = dict(blobs)
    shown = Image.deleted_at.is_null() & access.seen(actor).expression()
    rows: Any = (
        Image.select(StoredFile.blob, fn.MIN(Image.seq))
        .join(StoredFile, on=(Image.file == StoredFile.id))
        .where(StoredFile.blob.in_(set(blob_of.values())) & shown)
        .group_by(StoredFile.blob)
        .tuples()
    )
    first = dict(rows)
    wanted = {image.id: first.get(blob_of.get(image.file_id)) for image in images}
    came_before = {image.id: wanted[image.id] for image in images if (wanted[image.id] or image.seq) < image.seq}
    if not came_before:
        return {}
    found = {image.seq: image for image in Image.select().where(Image.seq.in_(set(came_before.values())))}
    return {image_id: found[seq] for image_id, seq in came_before.items() if seq in found}


def keep_earlier(actor: Actor, image_id: str) -> tuple[Trashed, Image]:
    """Move what waits to the trash because its picture is there already; that, and the image that stays.

    Raises Conflict when it waits no more, or when the other one is gone: then nothing is discarded.
    """
    image = access.image_for(actor, "image.publish", image_id)
    if image.status not in (ImageStatus.DRAFT, ImageStatus.PENDING):
        raise Conflict(f"“{image.title}” is {image.status} already.")
    earlier = earlier_ones(actor, [image]).get(image.id)
    if earlier is None:
        raise trash.no_other()
    return trash.trash(actor, image.id, instead_of=earlier, reason=trash.THERE), earlier
