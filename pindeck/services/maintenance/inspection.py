"""One stored object, read again: whether it is what its row says, and what is done where it is not.

A verdict takes two reads, and counts only while the row is as it was before them. A store that is away is no
verdict. Damaged bytes are never deleted here: right ones are written over them, or they stay where they are.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pindeck import db, storage
from pindeck.errors import NotFound, Unavailable, Upstream
from pindeck.imaging.presets import PRESETS
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.services import activity
from pindeck.services.backup import copies
from pindeck.services.blobs import deletion
from pindeck.services.derivatives import on_demand
from pindeck.services.images import public_copies
from pindeck.states import BlobState, Damage
from pindeck.storage import keys
from pindeck.storage.base import CHUNK, Readable

log = logging.getLogger("pindeck.integrity")

LOOK_AGAIN_S = 0.5
OTHERS = 5

Beat = Callable[[], None]
"""Called while bytes are read, so that the one that waits knows that somebody is at work."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an object; `sha256` and `size` of what lies there instead, if it could be read."""

    problem: Damage
    sha256: str | None = None
    size: int | None = None

    @property
    def words(self) -> str:
        if self.problem == Damage.MISSING:
            return "is missing from the store"
        if self.problem == Damage.UNREADABLE:
            return "cannot be read, though the store answers"
        return f"has {self.size} bytes with SHA-256 {self.sha256}"


# Originals


def original(blob: Blob, beat: Beat) -> None:
    """Read an original again. A damaged one is restored from the backup folder, or set apart until it is whole.

    What cannot be read, though the store is there, is told and goes on being offered. Raises Upstream when the
    store is away.
    """
    fault = look(lambda: storage.current().open(blob.object_key), blob.sha256, blob.size, beat)
    if fault is None:
        _is_whole(blob, "file.whole")
        return
    if fault.problem == Damage.MISSING:
        _check_that_others_are_there(blob.id)
    if _set_apart(blob, fault) and fault.problem != Damage.UNREADABLE:
        restore(Blob.get_by_id(blob.id))


def not_judged(blob: Blob, error: Exception) -> None:
    """Reading an original ended with `error`, as when it outlasts the time of a job: it is told, and looked at again."""
    if _set_apart(blob, Fault(Damage.UNREADABLE)):
        note = f"Reading it did not end ({type(error).__name__}). It is tried again every night."
        Blob.update(damage_note=note).where(_same(blob)).execute()


def restore(blob: Blob) -> bool:
    """Put the copy of the backup folder in the place of a damaged original; whether there was a whole one."""
    trouble = copies.put_back(blob)
    if trouble is not None:
        Blob.update(damage_note=trouble).where(_same(blob)).execute()
        return False
    if _is_whole(blob, "file.restored"):
        log.warning("the original %s was restored from the backup", blob.object_key)
        return True
    deletion.drop_object(blob.object_key)  # it was moved or deleted meanwhile
    return False


def restore_one(blob_id: str, beat: Beat) -> None:
    """What an administrator asked for: restored if it is damaged still, whatever is wrong with it."""
    blob = Blob.get_or_none((Blob.id == blob_id) & Blob.damaged_at.is_null(False))
    if blob is None:
        return
    beat()
    if look(lambda: storage.current().open(blob.object_key), blob.sha256, blob.size, beat) is None:
        _is_whole(blob, "file.whole")
    else:
        restore(blob)


def _same(blob: Blob) -> object:
    return (Blob.id == blob.id) & (Blob.object_key == blob.object_key) & (Blob.state == BlobState.LIVE)


def _is_whole(blob: Blob, verb: str) -> bool:
    """False when the blob is not there any more, or lies elsewhere."""
    with db.writing():
        whole = Blob.update(checked_at=db.now_ms(), damaged_at=None, damage=None, damage_note=None)
        if not whole.where(_same(blob)).execute():
            return False
        if blob.damaged_at is not None:
            activity.note(None, verb, blob_id=blob.id, key=blob.object_key, since=blob.damaged_at)
            # Sizes that could not be made from it may be made now.
            waiting = (Derivative.blob == blob.id) & Derivative.damaged_at.is_null(False)
            Derivative.update(checked_at=0).where(waiting).execute()
    return True


def _set_apart(blob: Blob, fault: Fault) -> bool:
    """Write the verdict down. False when the row changed since it was read: bytes were moved, brought or deleted."""
    now = db.now_ms()
    known = (Blob.damaged_at.is_null() if blob.damaged_at is None else Blob.damaged_at == blob.damaged_at) & (
        Blob.checked_at == blob.checked_at
    )
    with db.writing():
        verdict = Blob.update(checked_at=now, damaged_at=blob.damaged_at or now, damage=fault.problem)
        if not verdict.where(_same(blob) & known).execute():
            return False
        if blob.damaged_at is None:
            activity.note(
                None, "file.differs", blob_id=blob.id, key=blob.object_key, found=fault.sha256, problem=fault.problem
            )
    log.error(
        "object %s %s; recorded are %s bytes with SHA-256 %s", blob.object_key, fault.words, blob.size, blob.sha256
    )
    return True


# Renditions


def rendition(made: Derivative, beat: Beat) -> None:
    """Read a rendition and its public copies again; what is damaged is made and published anew.

    Raises Upstream when the store is away.
    """
    if not Blob.select().where((Blob.id == made.blob_id) & (Blob.state == BlobState.LIVE)).exists():
        _was_read(made)
        return
    fault = look(lambda: storage.current().open(made.object_key), made.sha256, made.bytes, beat)
    if fault is None:
        Derivative.update(damaged_at=None).where(_as_read(made)).execute()
    else:
        if fault.problem == Damage.MISSING:
            _check_that_others_are_there(made.blob_id)
        if not _mark(made, fault) or not _make_again(made):
            _was_read(made)
            return
    current = Derivative.get_or_none(Derivative.id == made.id)
    if current is not None:
        _look_at_public_copies(current, beat)
        _was_read(current)


def _as_read(made: Derivative) -> object:
    return (Derivative.id == made.id) & (Derivative.object_key == made.object_key)


def _was_read(made: Derivative) -> None:
    Derivative.update(checked_at=db.now_ms()).where(_as_read(made)).execute()


def _mark(made: Derivative, fault: Fault) -> bool:
    with db.writing():
        verdict = Derivative.update(damaged_at=made.damaged_at or db.now_ms())
        if not verdict.where(_as_read(made) & (Derivative.sha256 == made.sha256)).execute():
            return False
        if made.damaged_at is None:
            activity.note(None, "rendition.differs", blob_id=made.blob_id, key=made.object_key, problem=fault.problem)
    log.error(
        "rendition %s %s; recorded are %s bytes with SHA-256 %s",
        made.object_key, fault.words, made.bytes, made.sha256,
    )  # fmt: skip
    return True


def _make_again(made: Derivative) -> bool:
    if made.preset not in PRESETS:
        return False
    image = _images_of(made.blob_id).first()
    size = (image.width or 1, image.height or 1) if image else (made.width, made.height)
    try:
        anew = on_demand.make(made.blob_id, made.preset, size)
    except (Unavailable, NotFound) as error:
        log.error("rendition %s cannot be made again: %s", made.object_key, error.message)
        return False
    log.warning("rendition %s was made again as %s", made.object_key, anew.object_key)
    return True


def _images_of(blob_id: str):  # type: ignore[no-untyped-def]
    return Image.select().join(StoredFile, on=(Image.file == StoredFile.id)).where(StoredFile.blob == blob_id)


def _look_at_public_copies(made: Derivative, beat: Beat) -> None:
    if made.preset not in keys.PUBLIC_PRESETS:
        return
    for token in public_copies.tokens_of(made.blob_id):
        public_key = keys.public_key(token, made.preset)
        if not _is_right_copy(made, public_key, beat):
            public_copies.put(made.object_key, made.preset, token, mime=made.mime)
            log.warning("the public copy %s was not its rendition and was put again", public_key)


def _is_right_copy(made: Derivative, public_key: str, beat: Beat) -> bool:
    store = storage.current()
    ours, public = store.local_path(made.object_key), store.public_path(public_key)
    if ours is not None and public is not None and ours.samefile(public):
        return True
    return look(lambda: store.open_public(public_key), made.sha256, made.bytes, beat) is None


# Reading


def look(opened: Callable[[], AbstractContextManager[Readable]], sha256: str, size: int, beat: Beat) -> Fault | None:
    """What is wrong with an object at two reads in a row. Raises Upstream when the store is away."""
    fault = _read(opened, sha256, size, beat)
    if fault is not None:
        time.sleep(LOOK_AGAIN_S)
        fault = _read(opened, sha256, size, beat)
    if fault is not None and fault.problem != Damage.DIFFERS:
        storage.current().check()  # a disk that is not mounted, or a store that is away, has lost nothing
    return fault


def _check_that_others_are_there(blob_id: str) -> None:
    """A store that is empty all at once is one that is not mounted. Raises Upstream."""
    others = Blob.select().where((Blob.state == BlobState.LIVE) & Blob.damaged_at.is_null() & (Blob.id != blob_id))
    found = list(others.order_by(Blob.checked_at.desc()).limit(OTHERS))
    if len(found) == OTHERS and not any(storage.current().stat(other.object_key) for other in found):
        raise Upstream("Several objects are all missing from the store. Check that it is the right store and that its disk is mounted.")


def _read(opened: Callable[[], AbstractContextManager[Readable]], sha256: str, size: int, beat: Beat) -> Fault | None:
    digest, length = hashlib.sha256(), 0
    try:
        with opened() as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                length += len(chunk)
                beat()
    except NotFound:
        return Fault(Damage.MISSING)
    except Upstream:
        return Fault(Damage.UNREADABLE)
    found = digest.hexdigest()
    return None if (found, length) == (sha256, size) else Fault(Damage.DIFFERS, found, length)
