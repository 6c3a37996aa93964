"""What was found damaged, as people see it: the list for administrators, the line of the doctor, a picture's notice."""

from dataclasses import dataclass

from peewee import fn

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.services.backup import copies
from pindeck.services.maintenance import integrity
from pindeck.states import BlobState

SHOWN = 200
NAMED = 5


@dataclass(frozen=True)
class Damaged:
    """An original (`preset` is None) or a size. `images` are those that were made of it, of which there may be none."""

    blob_id: str
    key: str
    sha256: str
    since: int
    preset: str | None
    problem: str | None
    note: str | None
    images: list[Image]

    @property
    def name(self) -> str:
        return self.images[0].title if self.images else self.key


@dataclass(frozen=True)
class Summary:
    """How many there are, some of them by name, and how far reading everything is."""

    originals: int
    sizes: int
    names: list[str]
    oldest_check: int | None
    overdue_bytes: int
    nightly_bytes: int

    @property
    def read_by(self) -> int | None:
        """When everything will have been read within thirty days, in ms; None where that is so already."""
        if not self.overdue_bytes:
            return None
        return db.now_ms() + -(-self.overdue_bytes // max(1, self.nightly_bytes)) * db.DAY_MS


def list_damaged(actor: Actor) -> list[Damaged]:
    """Originals first, then sizes; each for as long as it is known. Raises NotSignedIn, Forbidden."""
    access.require(actor, "admin")
    return _originals() + _sizes()


def _originals() -> list[Damaged]:
    rows = list(Blob.select().where(_is_damaged(Blob)).order_by(Blob.damaged_at, Blob.id).limit(SHOWN))
    images = _images_of([row.id for row in rows])
    return [
        Damaged(
            row.id, row.object_key, row.sha256, row.damaged_at or 0, None, row.damage, row.damage_note, images[row.id]
        )
        for row in rows
    ]


def _sizes() -> list[Damaged]:
    rows = Derivative.select().join(Blob).where(_is_damaged(Derivative) & (Blob.state == BlobState.LIVE))
    found = list(rows.order_by(Derivative.damaged_at, Derivative.id).limit(SHOWN))
    images = _images_of([row.blob_id for row in found])
    return [
        Damaged(
            row.blob_id, row.object_key, row.sha256, row.damaged_at or 0, row.preset, None, None, images[row.blob_id]
        )
        for row in found
    ]


def _is_damaged(table: type[Blob] | type[Derivative]) -> object:
    found = table.damaged_at.is_null(False)
    return found & (Blob.state == BlobState.LIVE) if table is Blob else found


def _images_of(blob_ids: list[str]) -> dict[str, list[Image]]:
    files = StoredFile.select(StoredFile.id, StoredFile.blob).where(StoredFile.blob.in_(blob_ids))
    blob_of = {file.id: file.blob_id for file in files}
    found: dict[str, list[Image]] = {blob_id: [] for blob_id in blob_ids}
    for image in Image.select().where(Image.file.in_(list(blob_of))).order_by(Image.seq):
        found[blob_of[str(image.file_id)]].append(image)
    return found


# What an administrator may ask for


def check_again(actor: Actor, blob_id: str) -> None:
    """A worker reads an original and its sizes at once. Raises NotFound."""
    access.require(actor, "admin")
    with db.writing():
        if not Blob.update(checked_at=0).where((Blob.id == blob_id) & (Blob.state == BlobState.LIVE)).execute():
            raise NotFound("There is no such file.")
        Derivative.update(checked_at=0).where(Derivative.blob == blob_id).execute()
        integrity.ask(0)


def restore(actor: Actor, blob_id: str) -> None:
    """A worker reads a damaged original again and restores it from BACKUP_DIR. Raises NotFound, Conflict."""
    access.require(actor, "admin")
    if copies.known() is None:
        raise Conflict("BACKUP_DIR is not set. Name the folder of the backup there, and start Pindeck again.")
    with db.writing():
        damaged = (Blob.id == blob_id) & (Blob.state == BlobState.LIVE) & Blob.damaged_at.is_null(False)
        if not Blob.select().where(damaged).exists():
            raise NotFound("There is no such damaged file.")
        queue.enqueue(queue.RESTORE_FILE, payload={"blob_id": blob_id}, dedupe_key=f"restore_file:{blob_id}")


def read_everything(actor: Actor) -> None:
    """A worker reads everything that is stored, once, beside its other work."""
    access.require(actor, "admin")
    with db.writing():
        integrity.ask(integrity.EVERYTHING)


# What is told


def summary() -> Summary:
    edge = db.now_ms() - integrity.WITHIN_DAYS * db.DAY_MS
    blobs = Blob.select(fn.SUM(Blob.size)).where((Blob.state == BlobState.LIVE) & (Blob.checked_at < edge))
    sizes = Derivative.select(fn.SUM(Derivative.bytes)).where(Derivative.checked_at < edge)
    some = [f"“{found.name}” ({found.key})" for found in _originals()[:NAMED]]
    some += [f"{found.preset} of “{found.name}”" for found in _sizes()[: NAMED - len(some)]]
    return Summary(
        originals=Blob.select().where(_is_damaged(Blob)).count(),
        sizes=Derivative.select().join(Blob).where(_is_damaged(Derivative) & (Blob.state == BlobState.LIVE)).count(),
        names=some,
        oldest_check=integrity.oldest_check(),
        overdue_bytes=int(blobs.scalar() or 0) + int(sizes.scalar() or 0),
        nightly_bytes=integrity.share(),
    )


