"""What the job does to one picture: make it safe under its final key, size it, read its colours.

The bytes are decoded once. Every step may be the last one of a worker that dies: keys depend on the bytes
and the name alone, so a second run writes the same objects again, and only the last transaction, guarded by
the state it starts from, makes them count.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from pindeck import config, db, queue, storage
from pindeck.errors import Damaged, Upstream
from pindeck.imaging.extensions import extension_of
from pindeck.imaging.presets import PRESET_VERSION
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.services.blobs import blobs, room
from pindeck.services.images import analysis, colours, ledger, looks, publishing, twins
from pindeck.states import AiStatus, BlobState, Damage, PersistStatus
from pindeck.storage import keys

if TYPE_CHECKING:
    from pindeck.imaging.derivatives import Built

STAGING_GRACE_S = 60  # somebody may still be reading the staged object

Progress = Callable[[str, int], None]


def run(image_id: str, progress: Progress) -> None:
    """Make one image durable. An image that is gone, or done, is no error.

    Raises BadImage when the bytes cannot be used, PindeckError when the store is away or full.
    """
    image = Image.get_or_none(Image.id == image_id)
    if image is None or image.persist_status == PersistStatus.SUCCEEDED or image.file_id is None:
        return
    room.leave_the_last()
    blob = blobs.original_of(image)
    if blob.damaged_at is not None and blob.damage != Damage.UNREADABLE:
        raise Damaged("The stored file is damaged, so no sizes are made of it. Send the same file again to mend it.")
    progress("storing", 10)
    final = _file_away(image, blob)
    progress("sizing", 40)
    built = _build(final)
    progress("colours", 70)
    rows = _store_renditions(blob, final, built)
    if not _finish(image, blob, final, rows, built):
        _take_back(blob, final, rows)


def uploaded_on(blob: Blob) -> datetime:
    """The day of the upload, UTC: the same for every run."""
    return datetime.fromtimestamp(blob.created_at / 1000, UTC)


def named(blob: Blob) -> str | None:
    """The name that its first file with a name came with: the same for every run and every image of these bytes."""
    files = StoredFile.select(StoredFile.filename).where((StoredFile.blob_id == blob.id) & (StoredFile.filename != ""))
    return files.order_by(StoredFile.created_at, StoredFile.id).limit(1).scalar()


def _file_away(image: Image, blob: Blob) -> str:
    """Copy the staged bytes to their final key, which is returned. Equal bytes keep the key they have."""
    if not blob.object_key.startswith(keys.STAGING_PREFIX):
        return blob.object_key
    token = keys.file_token(named(blob) or image.original_filename, blob.sha256)
    key = keys.original_key(config.current().upload_prefix, uploaded_on(blob), token, extension_of(image.mime))
    if not blobs.key_is_free(key, blob.id):
        key = keys.with_suffix(key, hashlib.sha256(blob.id.encode()).hexdigest()[:8])
    storage.current().copy(blob.object_key, key)
    return key


def open_seekable(key: str) -> BinaryIO:
    """The object as a file that can be read in any order; a temporary copy where the store is remote."""
    path = storage.current().local_path(key)
    if path:
        return open(path, "rb")
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)
    with storage.current().open(key) as source:
        shutil.copyfileobj(source, file, 256 * 1024)  # type: ignore[misc]
    file.seek(0)
    return file  # type: ignore[return-value]


def _build(key: str) -> "Built":
    from pindeck.imaging.derivatives import build

    settings = config.current()
    with open_seekable(key) as file:
        return build(
            file,
            max_megapixels=settings.max_image_megapixels,
            webp_method=settings.webp_method,
            decode_margin=settings.decode_margin,
        )


def _store_renditions(blob: Blob, final: str, built: "Built") -> list[dict[str, object]]:
    """Write the renditions beside the original, under its name; returns their rows, not yet inserted."""
    token = final.rpartition("/")[2].rpartition(".")[0]
    rows: list[dict[str, object]] = []
    for rendition in built.renditions:
        key = keys.derivative_key(config.current().upload_prefix, uploaded_on(blob), token, rendition.preset)
        written = storage.current().put(key, BytesIO(rendition.data), content_type=rendition.mime)
        rows.append(
            dict(
                id=db.new_id(),
                blob=blob.id,
                preset=rendition.preset,
                preset_version=PRESET_VERSION,
                object_key=key,
                sha256=written.sha256,
                mime=rendition.mime,
                width=rendition.width,
                height=rendition.height,
                bytes=written.size,
                created_at=db.now_ms(),
                checked_at=db.now_ms(),
                damaged_at=None,
            )
        )
    return rows


def _finish(image: Image, blob: Blob, final: str, rows: list[dict[str, object]], built: "Built") -> bool:
    """The transaction that makes it count. False when the image or its blob went meanwhile."""
    probe, look = built.probe, built.looks.look
    with db.writing():
        # First the image and then its blob, as a purge locks them: the other order could lock both out.
        db.lock_rows(Image.select(Image.seq).where(Image.seq == image.seq))
        current = db.locked(Blob.select().where((Blob.id == blob.id) & (Blob.state == BlobState.LIVE))).get_or_none()
        if current is None:
            return False
        if current.object_key != final:
            if not current.object_key.startswith(keys.STAGING_PREFIX):
                return False  # another run filed the same bytes under another name, and its rows stand
            Blob.update(object_key=final).where(Blob.id == blob.id).execute()
            queue.enqueue(queue.DELETE_OBJECTS, payload={"staging": current.object_key}, delay_s=STAGING_GRACE_S)
        made = {row["preset"]: row["object_key"] for row in rows}
        for old in blobs.derivatives_of(blob.id).values():  # made on request, before this job had its turn
            if old.object_key != made.get(old.preset, old.object_key):
                queue.enqueue(queue.DELETE_OBJECTS, payload={"object": old.object_key}, delay_s=STAGING_GRACE_S)
        replaced = [getattr(Derivative, name) for name in rows[0] if name not in ("id", "blob", "preset")]
        Derivative.insert_many(rows).on_conflict(
            conflict_target=[Derivative.blob, Derivative.preset], preserve=replaced
        ).execute()
        wrote = ledger.latest(image.id, ["colors"]).get("colors")
        chosen = wrote is not None and wrote.program != ledger.MEASURED  # by a person or an import, to whom a machine yields
        done = Image.change(
            persist_status=PersistStatus.SUCCEEDED,
            persist_error=None,
            mime=probe.mime,
            size=current.size,
            width=probe.width,
            height=probe.height,
            colors=Image.colors if chosen else built.palette,
            dominant=built.dominant,
            thumbhash=built.thumbhash,
            phash=look and look.whole,
            phash_middle=look and look.middle,
            exif=built.exif.as_dict(),
            gps=list(built.exif.gps) if built.exif.gps else None,
        ).where((Image.seq == image.seq) & (Image.persist_status != PersistStatus.SUCCEEDED))
        if done.execute():
            looks.keep(current.id, built.looks)
            twins.due([image.seq])
            if not chosen:
                colours.write(image.seq, built.palette)
            publishing.request(image.id)
            analysis.begin(image)
    return True


def _take_back(blob: Blob, final: str, rows: list[dict[str, object]]) -> None:
    """Remove what this run wrote in vain. Raises Upstream when the bytes live on, filed by another run.

    Nothing is removed while a live blob has the same bytes: its own run may be writing the same keys.
    """
    living = Blob.get_or_none((Blob.sha256 == blob.sha256) & (Blob.state == BlobState.LIVE))
    if living is not None and living.id == blob.id:
        raise Upstream("Another job was storing the same picture. It is tried again.")
    if living is None:
        for key in [final, *(str(row["object_key"]) for row in rows)]:
            storage.current().delete(key)


def fail(image_id: str, message: str) -> None:
    """Record that an image could not be made durable; nothing is lost, and a retry is offered."""
    with db.writing():
        failed = Image.change(persist_status=PersistStatus.FAILED, persist_error=message[:500]).where(
            (Image.id == image_id) & (Image.persist_status == PersistStatus.PENDING)
        )
        if failed.execute():
            Image.update(
                ai_status=AiStatus.FAILED, ai_error="The picture could not be read, so nothing was described."
            ).where((Image.id == image_id) & Image.ai_status.in_([AiStatus.QUEUED, AiStatus.PROCESSING])).execute()
