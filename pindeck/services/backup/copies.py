"""The copy of an original in the folder of the installation's own backup."""

from dataclasses import dataclass
from pathlib import Path

from pindeck import config, storage
from pindeck.errors import PindeckError
from pindeck.models import Blob


@dataclass(frozen=True)
class Copies:
    """The folder that BACKUP_DIR names, and when the backup in it was taken (ms); `trouble` where there is none."""

    folder: Path
    taken_at: int | None
    trouble: str | None = None


def known() -> Copies | None:
    """What BACKUP_DIR holds; None when it is not set."""
    folder = config.current().backup_folder
    if folder is None:
        return None
    from pindeck.services.backup.archive import Archive

    try:
        return Copies(folder, Archive(folder).manifest().taken_at)
    except PindeckError as error:
        return Copies(folder, None, error.message)


def put_back(blob: Blob) -> str | None:
    """Write the copy with the right size and SHA-256 under the key of a blob, and read it back from there.

    None when that was done; otherwise why not, as a sentence. The object is as before then, unless the store
    answers other bytes than were written.
    """
    folder = config.current().backup_folder
    if folder is None:
        return "BACKUP_DIR is not set, so nothing was restored."
    from pindeck.services.backup.archive import Archive, object_key
    from pindeck.services.backup.objects import LOST, UNREADABLE, Copier, Stored

    wanted = Stored("blob", blob.id, blob.id, blob.object_key, blob.sha256, blob.size, "application/octet-stream")
    copier = Copier(Archive(folder).files, storage.current(), verify=True)
    try:
        fault = copier.again(wanted, object_key(blob.sha256))
    except PindeckError as error:
        return f"It could not be restored from the backup: {error.message}"
    if fault is None:
        return None
    if fault.problem == LOST:
        return "The backup in BACKUP_DIR has no copy of it."
    if fault.problem == UNREADABLE:
        return f"The copy in BACKUP_DIR cannot be read: {fault.message}"
    return "The copy in BACKUP_DIR is damaged too."
