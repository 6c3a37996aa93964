"""Pictures that were stored before looks were compared get their perceptual hashes: a chore that ends once and for all.

How far it is stands in one row of `setup`, which moves in the transaction that writes the hashes. So it may die anywhere,
run twice, and reads no picture again that has nothing to compare. It goes from the newest picture to the oldest.
"""

import json
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from peewee import fn

from pindeck import db, queue, storage
from pindeck.errors import NotFound
from pindeck.imaging.errors import BadImage
from pindeck.models import Blob, Image, Job, Setup, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import blobs
from pindeck.services.images import looks, twins
from pindeck.states import JobStatus, PersistStatus

if TYPE_CHECKING:
    from pindeck.imaging.derivatives import Looks

NAME = "likeness"  # in `setup`
PART = 25  # pictures in one transaction
SLICE_S, REST_S = 3.0, 12.0  # a fifth of one worker at most, and nothing while others wait
RECENT_MS = 60_000


@dataclass(frozen=True)
class HashedTo:
    """All pictures from the number `before` on are done; `at` is when it moved there, 0 when it has not begun."""

    before: int
    at: int
    is_done: bool = False


@dataclass(frozen=True)
class Progress:
    """How many are `left` to be read, and when the chore came on last; nothing is known before it begins."""

    is_done: bool
    left: int
    at: int


def sweep() -> int:
    """Ask for the chore where it has not ended; 1 if it was asked for."""
    with db.writing():
        place = _place() or _begin()
        return int(not place.is_done and _ask())


def begin_again() -> bool:
    """From the newest on, also what could not be read the last time; False while a worker is about to go on."""
    with db.writing():
        Setup.delete().where(Setup.name == NAME).execute()
        _begin(at_least_once=True)
        return _ask()


def _begin(*, at_least_once: bool = False) -> HashedTo:
    newest = Image.select(fn.MAX(Image.seq)).scalar()
    place = HashedTo((newest or 0) + 1, 0)
    if not at_least_once and not _lacking(place).exists():
        place = replace(place, is_done=True)
    Setup.insert(name=NAME, value=_text(place)).on_conflict_ignore().execute()
    return place


def _ask() -> bool:
    at_work = (Job.kind == queue.HASH.kind) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return not Job.select().where(at_work).exists() and bool(queue.enqueue(queue.HASH, dedupe_key=queue.HASH.kind))


def run(job: Job) -> None:
    """What the job does: a few seconds of it, and then the same job goes on a little later. Raises Upstream when the store
    is away, and Cancelled."""
    ends = time.monotonic() + SLICE_S
    total = Image.select(fn.MAX(Image.seq)).scalar() or 1
    while (place := _place()) is not None and not place.is_done:
        jobs.progress(job, "reading", max(0, min(99, 100 - 100 * place.before // total)))
        place = _part(place)
        if place is None or place.is_done:  # somebody else is at it, or it was the last part
            return
        if time.monotonic() > ends or _others_wait():
            jobs.later(job, REST_S)
            return


def _part(place: HashedTo) -> HashedTo | None:
    """Hash some, and move on: where to. None when the place moved meanwhile: then nothing is written."""
    rows: Any = _lacking(place).order_by(Image.seq.desc()).limit(PART).tuples()
    found = list(rows)
    seen = {(seq, file_id): read for seq, file_id in found if (read := _look_of(file_id)) is not None}
    is_done = len(found) < PART
    after = HashedTo(0 if is_done else found[-1][0], db.now_ms(), is_done)
    with db.writing():
        mine = (Setup.name == NAME) & (Setup.value == _text(place))
        if not Setup.update(value=_text(after)).where(mine).execute():
            return None
        blobs_read = Blob.select(Blob.id).where(Blob.id.in_([blob_id for blob_id, _ in seen.values()]))
        there = {blob.id for blob in db.locked(blobs_read.order_by(Blob.id), "FOR SHARE")}
        read_now: list[int] = []
        for (seq, file_id), (blob_id, looked) in seen.items():
            look = looked.look
            if blob_id in there:
                looks.keep(blob_id, looked)
            if blob_id not in there or look is None:
                continue
            lacks = Image.phash_middle.is_null() & (Image.file == file_id)
            known = fn.COALESCE(Image.phash, look.whole)  # that of the original is better than that of a rendition
            read_now.append(seq)
            Image.update(phash=known, phash_middle=look.middle).where((Image.seq == seq) & lacks).execute()
        twins.due(read_now)
    return after


def _lacking(place: HashedTo) -> Any:
    lacks = Image.phash_middle.is_null() & (Image.persist_status == PersistStatus.SUCCEEDED) & Image.file.is_null(False)
    return Image.select(Image.seq, Image.file).where(lacks & (Image.seq < place.before))


def _look_of(file_id: str) -> "tuple[str, Looks] | None":
    """The blob, and how it looks."""
    from pindeck.imaging.derivatives import looks_of

    blob_id = StoredFile.select(StoredFile.blob).where(StoredFile.id == file_id).scalar()
    small = blobs.derivatives_of(str(blob_id)).get("small")
    if small is None:
        return None
    try:
        with storage.current().open(small.object_key) as file:
            return str(blob_id), looks_of(file.read())
    except (NotFound, BadImage):  # what is gone or damaged is found and told elsewhere
        return None


def _others_wait() -> bool:
    """Whether other work is due. What has waited for long waits for something else than this."""
    now = db.now_ms()
    due = (Job.status == JobStatus.QUEUED) & (Job.due_at <= now) & (Job.due_at > now - RECENT_MS)
    return Job.select().where(due & (Job.kind != queue.HASH.kind)).exists()


def progress() -> Progress:
    """Counts what is left, which reads the pictures that it is about."""
    place = _place()
    if place is None:
        return Progress(False, 0, 0)
    return Progress(place.is_done, 0 if place.is_done else _lacking(place).count(), place.at)


def _place() -> HashedTo | None:
    row = Setup.get_or_none(Setup.name == NAME)
    return HashedTo(**json.loads(row.value)) if row else None


def _text(place: HashedTo) -> str:
    return json.dumps(asdict(place))
