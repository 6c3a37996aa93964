"""Pictures that look like another one: found in the database by the quarters of their perceptual hash.

Of two hashes that differ in at most seven bits at least one quarter differs in at most one. So each quarter is looked for
as it is and with each of its bits turned: 68 values, each in an index.
"""

from typing import Any

from peewee import SQL

from pindeck import access, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.imaging.errors import BadImage
from pindeck.imaging.likeness import distance
from pindeck.models import Image, StoredFile
from pindeck.services.blobs import blobs
from pindeck.services.images import trash
from pindeck.services.images.trash import Trashed
from pindeck.states import ImageStatus, PersistStatus

RADIUS = 7
SHOWN = 3
MOST = 400  # of each quarter that are compared: a library may hold thousands of pictures of one kind
PART = 100  # pictures that one job hashes
SHIFTS = (48, 32, 16, 0)


def alike(actor: Actor, images: list[Image], *, limit: int = SHOWN) -> dict[str, list[Image]]:
    """By the id of an image: those that look most like it, the likest first, of what the actor's searches find and its own.

    The same bytes are left out. Three statements, however many images.
    """
    hashes = {image.id: image.phash for image in images if image.phash is not None}
    found = _candidates(set(hashes.values()))
    near = {
        image_id: sorted((far, seq) for seq, phash in found if (far := distance(phash, mine)) <= RADIUS)[:MOST]
        for image_id, mine in hashes.items()
    }
    wanted = {seq for pairs in near.values() for _, seq in pairs}
    if not wanted:
        return {}
    shown = Image.deleted_at.is_null() & access.found_by(actor).expression()
    seen = {image.seq: image for image in Image.select().where(Image.seq.in_(wanted) & shown)}
    blob_of = _blobs([*images, *seen.values()])
    told = {}
    for image in images:
        others = [seen[seq] for _, seq in near.get(image.id, []) if seq in seen and seq != image.seq]
        told[image.id] = [other for other in others if blob_of.get(other.file_id) != blob_of.get(image.file_id)][:limit]
    return told


def _candidates(hashes: set[int]) -> list[tuple[int, int]]:
    """Number and hash of those that share a quarter with one of these, but for a bit. One statement."""
    if not hashes:
        return []
    union: Any = None
    for shift in SHIFTS:
        values = {value for phash in hashes for value in _around((phash >> shift) & 65535)}
        part: Any = Image.select(Image.seq, Image.phash).where(
            Image.phash.is_null(False) & SQL(f"((phash >> {shift}) & 65535)").in_(sorted(values))
        )
        part = part.limit(MOST * len(hashes))
        part = Image.select(SQL("seq"), SQL("phash")).from_(part)
        union = part if union is None else union.union_all(part)
    return list(set(union.tuples()))


def _around(part: int) -> list[int]:
    return [part, *(part ^ (1 << bit) for bit in range(16))]


def _blobs(images: list[Image]) -> dict[str | None, str]:
    files = [image.file_id for image in images if image.file_id]
    rows: Any = StoredFile.select(StoredFile.id, StoredFile.blob).where(StoredFile.id.in_(files)).tuples()
    return dict(rows)


def keep_other(actor: Actor, image_id: str, other_id: str) -> tuple[Trashed, Image]:
    """Move a draft to the trash because another one looks like it; that, and the image that stays.

    Raises Conflict when it is no draft any more, or when the other one is gone or does not look like it.
    """
    image = access.image_for(actor, "image.publish", image_id)
    if image.status != ImageStatus.DRAFT:
        raise Conflict(f"“{image.title}” is {image.status} already.")
    other = next((one for one in alike(actor, [image], limit=MOST)[image.id] if one.id == other_id), None) if image.phash else None
    if other is None:
        raise trash.no_other()
    return trash.trash(actor, image.id, instead_of=other), other


# Those of before


def ask_to_hash(before: int | None = None) -> bool:
    """Ask a worker to hash what has no hash yet, the newest first; False while that waits already."""
    with db.writing():
        return bool(queue.enqueue(queue.HASH, payload={"before": before}, dedupe_key=queue.HASH.kind))


def hash_some(before: int | None) -> int | None:
    """Hash up to 100 pictures from their small renditions; the number to go on from, or None after the last.

    One whose rendition cannot be read is passed over.
    """
    lacks = Image.phash.is_null() & (Image.persist_status == PersistStatus.SUCCEEDED) & Image.file.is_null(False)
    if before is not None:
        lacks &= Image.seq < before
    rows: Any = Image.select(Image.seq, Image.file).where(lacks).order_by(Image.seq.desc()).limit(PART).tuples()
    found = list(rows)
    for seq, file_id in found:
        phash = _hash_of(file_id)
        if phash is not None:
            with db.writing():
                Image.update(phash=phash).where((Image.seq == seq) & Image.phash.is_null()).execute()
    return found[-1][0] if len(found) == PART else None


def _hash_of(file_id: str) -> int | None:
    from pindeck.imaging.derivatives import likeness_of

    blob_id = StoredFile.select(StoredFile.blob).where(StoredFile.id == file_id).scalar()
    small = blobs.derivatives_of(str(blob_id)).get("small")
    if small is None:
        return None
    try:
        with storage.current().open(small.object_key) as file:
            return likeness_of(file.read())
    except (NotFound, BadImage):  # what is gone or damaged is found and told elsewhere
        return None
