"""Pictures that look like another one, as a reader is told of them."""

from typing import Any

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.imaging.likeness import how_far
from pindeck.models import Image, StoredFile
from pindeck.services.images import looks, same_bytes, trash
from pindeck.services.images.trash import Trashed
from pindeck.states import ImageStatus

SHOWN = 3


def alike(actor: Actor, images: list[Image], *, limit: int = SHOWN) -> dict[str, list[Image]]:
    """By the id of an image: those that look most like it, the likest first, of what the actor's searches find and its own.

    The same bytes are left out. Three statements for up to 20 images that look different.
    """
    hashed = {image: look for image in images if (look := looks.of(image)) is not None}
    found = looks.candidates(hashed.values())
    near = {image.id: looks.nearest(image.seq, look, found) for image, look in hashed.items()}
    wanted = {seq for others in near.values() for seq in others}
    if not wanted:
        return {}
    # Who sees which is asked of each here: the database would rather read all pictures of a person.
    told = access.found_by(actor)
    seen = {row.seq: row for row in Image.select().where(Image.seq.in_(wanted)) if not row.is_trashed and told.holds(row)}
    blob_of = _blobs([*images, *seen.values()])

    def differs(image: Image, other: Image) -> bool:
        blob = blob_of.get(other.file_id)
        return blob is None or blob != blob_of.get(image.file_id)

    return {
        image.id: [seen[seq] for seq in near[image.id] if seq in seen and differs(image, seen[seq])][:limit]
        for image in hashed
    }


def twins(actor: Actor, images: list[Image]) -> dict[str, list[Image]]:
    """By the id of an image: the earlier one of the same bytes first, then those that look most like it."""
    same, near = same_bytes.earlier_ones(actor, images), alike(actor, images)
    return {
        image.id: [*([same[image.id]] if image.id in same else []), *near.get(image.id, [])]
        for image in images
        if image.id in same or near.get(image.id)
    }


def is_same(image: Image, other: Image) -> bool:
    """Whether two images that are stored have the same bytes."""
    blob_of = _blobs([image, other])
    return image.file_id is not None and blob_of.get(image.file_id) == blob_of.get(other.file_id)


def _blobs(images: list[Image]) -> dict[str | None, str]:
    files = [image.file_id for image in images if image.file_id]
    rows: Any = StoredFile.select(StoredFile.id, StoredFile.blob).where(StoredFile.id.in_(files)).tuples()
    return dict(rows)


def keep_other(actor: Actor, image_id: str, other_id: str) -> tuple[Trashed, Image]:
    """Move what waits to the trash because another one looks like it; that, and the image that stays.

    Raises Conflict when it waits no more, or when the other one is gone or does not look like it.
    """
    image = access.image_for(actor, "image.publish", image_id)
    if image.status not in (ImageStatus.DRAFT, ImageStatus.PENDING):
        raise Conflict(f"“{image.title}” is {image.status} already.")
    other = Image.get_or_none((Image.id == other_id) & (Image.seq != image.seq))
    if other is None or other.is_trashed or not access.found_by(actor).holds(other) or not _look_alike(image, other):
        raise trash.no_other()
    return trash.trash(actor, image.id, instead_of=other, reason=trash.THERE), other


def _look_alike(image: Image, other: Image) -> bool:
    mine, theirs = looks.of(image), looks.of(other)
    return mine is not None and theirs is not None and how_far(mine, theirs) is not None
