"""Pictures that look like another one: found in the database by the quarters of their perceptual hash.

Of two hashes that differ in at most seven bits at least one quarter differs in at most one. So each quarter is looked for
as it is and with each of its bits turned: 68 values, each in an index.
"""

from functools import lru_cache
from typing import Any

from peewee import chunked

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.imaging.likeness import distance
from pindeck.models import Image, StoredFile
from pindeck.services.images import same_bytes, trash
from pindeck.services.images.trash import Trashed
from pindeck.states import ImageStatus

RADIUS = 7
SHOWN, NEAREST = 3, 60
TOGETHER = 20  # hashes that one statement asks for
MOST = 400  # of each quarter that are compared: a library may hold thousands of pictures of one kind
SHIFTS = (48, 32, 16, 0)


def alike(actor: Actor, images: list[Image], *, limit: int = SHOWN) -> dict[str, list[Image]]:
    """By the id of an image: those that look most like it, the likest first, of what the actor's searches find and its own.

    The same bytes are left out. Three statements for up to 20 images that look different.
    """
    hashed = {image: image.phash for image in images if image.phash is not None}
    found = _candidates(sorted(set(hashed.values())))
    near = {image.id: _nearest(image.seq, phash, found) for image, phash in hashed.items()}
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


def _nearest(mine: int, hashed: int, found: set[tuple[int, int]]) -> list[int]:
    """The numbers of those that look like an image, the likest and then the oldest first."""
    near = [(distance(phash, hashed), seq) for seq, phash in found if seq != mine]
    return [seq for far, seq in sorted(near)[:NEAREST] if far <= RADIUS]


def _candidates(hashes: list[int]) -> set[tuple[int, int]]:
    """Number and hash of those that share a quarter with one of these, but for a bit. One statement for up to 20."""
    found: set[tuple[int, int]] = set()
    for some in chunked(hashes, TOGETHER):
        size = 1 if len(some) == 1 else TOGETHER  # two texts are enough: a hash may be asked for twice
        found |= set(db.sql(_text(size), **_values((some * size)[:size])).fetchall())
    return found


@lru_cache(maxsize=2)
def _text(size: int) -> str:
    parts = []
    for shift in SHIFTS:
        names = ", ".join(f":q{shift}_{number}" for number in range(17 * size))
        parts.append(
            f"SELECT * FROM (SELECT seq, phash FROM image WHERE phash IS NOT NULL"
            f" AND ((phash >> {shift}) & 65535) IN ({names}) LIMIT :most) AS part{shift}"
        )
    return " UNION ALL ".join(parts)


def _values(hashes: list[int]) -> dict[str, int]:
    values = {"most": MOST * len(hashes)}
    for shift in SHIFTS:
        around = [value for phash in hashes for value in _around((phash >> shift) & 65535)]
        values |= {f"q{shift}_{number}": value for number, value in enumerate(around)}
    return values


def _around(quarter: int) -> list[int]:
    return [quarter, *(quarter ^ (1 << bit) for bit in range(16))]


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
    if image.phash is None or other.phash is None:
        return False
    return distance(image.phash, other.phash) <= RADIUS
