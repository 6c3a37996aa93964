"""Pictures whose files are not as they should be are stored again, sized again or shown again: for administrators, in parts."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from peewee import fn

from pindeck import access, db, queue, storage
from pindeck.access import Actor
from pindeck.imaging.presets import EAGER
from pindeck.models import Blob, Derivative, Image, Job, StoredFile
from pindeck.queue import lanes
from pindeck.services import activity
from pindeck.services.images import publishing, storing, word_store
from pindeck.states import ImageStatus, JobStatus, Lane, PersistStatus

RESULTS = 50


class Mode(StrEnum):
    """What is to be done with a picture. `UNRECOVERABLE` has neither bytes nor an address."""

    ALREADY_STORED = "already_stored"
    REPUBLISH_EXISTING = "republish_existing"
    REBUILD_RENDITIONS = "rebuild_renditions"
    REUPLOAD_FROM_SOURCE = "reupload_from_source"
    UNRECOVERABLE = "unrecoverable"


@dataclass
class Report:
    """`migrated` are those of which something is done, by a worker where it is about bytes."""

    scanned: int = 0
    migrated: int = 0
    failed: int = 0
    skipped: int = 0
    results: list[tuple[str, Mode]] = field(default_factory=list)


def backfill(
    actor: Actor, *, limit: int, dry_run: bool = False, refresh: bool = False, image_ids: list[str] | None = None
) -> Report:
    """The newest pictures that lack bytes, sizes or their place in the library; those of `image_ids` alone where they are
    named. With `refresh` sizes that are there are made again. Raises Forbidden.
    """
    access.require(actor, "admin")
    wanted = Image.deleted_at.is_null()
    if image_ids is not None:
        wanted &= Image.id.in_(image_ids)
    elif not refresh:
        wanted &= (Image.persist_status != PersistStatus.SUCCEEDED) | (Image.status == ImageStatus.BROKEN) | _lacks_sizes()
    report = Report()
    for image in list(Image.select(Image.id).where(wanted).order_by(Image.seq.desc()).limit(limit)):
        mode = db.retried(partial(_one, actor, image.id, dry_run, refresh))
        report.scanned += 1
        report.skipped += mode == Mode.ALREADY_STORED
        report.failed += mode == Mode.UNRECOVERABLE
        report.migrated += mode not in (Mode.ALREADY_STORED, Mode.UNRECOVERABLE)
        report.results.append((image.id, mode))
    return report


def _lacks_sizes() -> Any:
    made = Derivative.select(fn.COUNT(Derivative.id)).join(StoredFile, on=(StoredFile.blob == Derivative.blob))
    names = [preset.name for preset in EAGER]
    return made.where((StoredFile.id == Image.file) & Derivative.preset.in_(names)) < len(names)


def _one(actor: Actor, image_id: str, dry_run: bool, refresh: bool) -> Mode:
    """Inside a transaction: what is to be done with a picture, and that."""
    image = db.locked(Image.select().where((Image.id == image_id) & Image.deleted_at.is_null())).get_or_none()
    if image is None or _is_at_work(image_id):
        return Mode.ALREADY_STORED
    mode = _mode(image, refresh)
    if not dry_run and mode not in (Mode.ALREADY_STORED, Mode.UNRECOVERABLE):
        if mode == Mode.REPUBLISH_EXISTING:
            word_store.write_columns([image], {image.id: {"status": ImageStatus.ACTIVE}})
            publishing.request(image.id)
        else:
            Image.change(persist_status=PersistStatus.PENDING).where(Image.seq == image.seq).execute()
            with lanes.in_lane(Lane.LATER):
                storing.ask_to_store(image, by=actor)
        activity.note(actor, "image.backfill", image.id, mode=mode)
    return mode


def _is_at_work(image_id: str) -> bool:
    open_jobs = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & (Job.image_id == image_id)
    return Job.select().where(open_jobs & Job.kind.in_([queue.PERSIST.kind, queue.FETCH_IMAGE.kind])).exists()


def _mode(image: Image, refresh: bool) -> Mode:
    if image.file_id is None:
        return Mode.REUPLOAD_FROM_SOURCE if image.external_url else Mode.UNRECOVERABLE
    blob = Blob.select(Blob).join(StoredFile).where(StoredFile.id == image.file_id).get()
    if blob.damaged_at is not None or storage.current().stat(blob.object_key) is None:
        return Mode.UNRECOVERABLE  # until the same bytes are sent again, or a backup has them
    if image.persist_status != PersistStatus.SUCCEEDED:
        return Mode.REUPLOAD_FROM_SOURCE
    made = {row.preset for row in Derivative.select(Derivative.preset).where(Derivative.blob == blob.id)}
    if refresh or not made >= {preset.name for preset in EAGER}:
        return Mode.REBUILD_RENDITIONS
    return Mode.REPUBLISH_EXISTING if image.status == ImageStatus.BROKEN else Mode.ALREADY_STORED
