"""A picture that the library does not keep is described while its caller waits: a worker looks at it, and forgets it.

Nothing is fetched, decoded or asked of a model in the process that answers the caller. Who asks again within ten minutes for
the same picture waits for the same look, or gets what it found, so that nothing is paid twice.
"""

import hashlib
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from pindeck import access, config, db, fetching, queue, storage
from pindeck.access import Actor
from pindeck.errors import Busy, Invalid, NotFound, PindeckError, Upstream, Waits
from pindeck.fetching import urls
from pindeck.imaging import confined
from pindeck.imaging.errors import BadImage
from pindeck.imaging.framing import frame
from pindeck.models import Blob, Job, StoredFile
from pindeck.services.clients import askers
from pindeck.services.images import analysis
from pindeck.states import JobStatus
from pindeck.text import can_be_id
from pindeck.vision.base import LONGEST_SIDE, BilledTo, Context, Subject

AT_ONCE = 2  # callers that wait in one process; the other threads are for pages
WAIT_S, LOOK_S = 50.0, 0.25
KEPT_MS = 600_000
NO_FILE = "There is no such uploaded file of yours."
LATER = "The picture is not described yet. Send the same request again in a moment: it is described once."

_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class GlanceWish:
    """What to look at, a stored file or an address, and what is known of it."""

    storage_id: str | None = None
    url: str | None = None
    words: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return hashlib.sha256(repr((self.storage_id, self.url, self.words)).encode()).hexdigest()


def look(actor: Actor, wish: GlanceWish, *, wait_s: float = WAIT_S) -> dict[str, Any]:
    """`description`, `tags`, `colors` and `category`, as a machine finds them; nothing is kept.

    Raises NotFound for a file that is not the person's, Invalid for an address or picture that cannot be used, Busy while
    many wait, and Upstream when it failed or takes longer.
    """
    access.require(actor, "upload")
    access.require_person(actor)
    if not _places.acquire(blocking=False):
        raise Busy("Other callers wait for a description at this moment. Try again in a few seconds.")
    try:
        return _wait(ask(actor, wish), time.monotonic() + wait_s)
    finally:
        _places.release()


def ask(actor: Actor, wish: GlanceWish) -> str:
    """The job that looks, or looked a moment ago."""
    if wish.storage_id:
        _file_of(str(actor.user_id), wish.storage_id)
    else:
        urls.parse(str(wish.url))
    key = f"{queue.GLANCE.kind}:{actor.user_id}:{wish.key}"
    with db.writing():
        db.take_turn("glance")
        same = (Job.kind == queue.GLANCE.kind) & (Job.user_id == actor.user_id) & (Job.status != JobStatus.FAILED)
        recent = Job.select().where(same & (Job.ended_at.is_null() | (Job.ended_at > db.now_ms() - KEPT_MS)))
        known = next((job for job in recent.order_by(Job.id.desc()) if job.payload["key"] == key), None)
        if known is not None:
            return str(known.id)
        payload = {"key": key, "file": wish.storage_id, "url": wish.url, "words": dict(wish.words), **askers.told(actor)}
        return str(queue.enqueue(queue.GLANCE, user_id=actor.user_id, client_id=actor.client_id, payload=payload))


def _wait(job_id: str, until: float) -> dict[str, Any]:
    while True:
        job = Job.get_or_none(Job.id == job_id)
        if job is not None and job.status == JobStatus.COMPLETED:
            return dict(job.result)
        if job is None or job.status == JobStatus.FAILED:
            raise _failure(job)
        if time.monotonic() > until:
            raise Upstream(LATER, code="STILL_RUNNING", retry_after_s=5)
        db.release()  # no connection is held while this thread sleeps
        time.sleep(LOOK_S)
        db.connect()


def _failure(job: Job | None) -> PindeckError:
    if job is None:
        return Upstream("The work on it was forgotten. Send the same request again.", code="ANALYSIS_FAILED", status=502)
    told, said = job.result or {}, str(job.error)
    if told.get("is_wrong"):
        return Invalid(said, fields={"imageUrl" if job.payload["url"] else "storageId": said}, code=told["code"])
    return Upstream(said, code=told.get("code", "ANALYSIS_FAILED"), status=502)


def _file_of(user_id: str, storage_id: str) -> StoredFile:
    mine = (StoredFile.id == (storage_id if can_be_id(storage_id) else "")) & (StoredFile.user_id == user_id)
    file = StoredFile.get_or_none(mine)
    if file is None:
        raise NotFound(NO_FILE, code="FILE_NOT_FOUND")
    return file  # type: ignore[no-any-return]


# What the worker does


def run(job: Job) -> None:
    """Look at the picture of a job. Raises what is wrong with it; the result says of which kind that is."""
    askers.check(job, "upload")
    try:
        found = _described(job)
    except Waits as error:  # tomorrow nobody waits any more
        _note(job, {"code": error.code})
        raise Invalid(error.message) from error
    except (Invalid, BadImage) as error:
        _note(job, {"code": getattr(error, "code", Invalid.code), "is_wrong": True})
        raise
    _note(job, found)


def _note(job: Job, result: dict[str, Any]) -> None:
    Job.update(result=result).where((Job.id == job.id) & (Job.attempts == job.attempts)).execute()


def _described(job: Job) -> dict[str, Any]:
    most = config.current().max_upload_bytes
    with tempfile.TemporaryFile() as copy:
        name = _copy(job, copy, most)
        copy.seek(0)
        settings = config.current()
        seen = confined.check_upload(copy, max_megapixels=settings.max_image_megapixels)
        copy.seek(0)
        whole = frame((seen.width, seen.height), "inside", (LONGEST_SIDE, LONGEST_SIDE))
        picture = confined.draw(copy, whole, "jpeg", max_megapixels=settings.max_image_megapixels).data
    asked = BilledTo(None, job.user_id, job.id)
    found = analysis.describe(Subject(name, lambda: picture, Context(words=job.payload["words"]), asked))
    return {
        "description": found.description,
        "tags": found.tags,
        "colors": _colours(picture),
        "category": found.category,
    }


def _copy(job: Job, copy: BinaryIO, most: int) -> str:
    """The bytes of what is to be looked at; the name that it has."""
    if job.payload["file"]:
        file = _file_of(str(job.user_id), job.payload["file"])
        blob = Blob.get_by_id(file.blob_id)
        with storage.current().open(blob.object_key) as stored:
            shutil.copyfileobj(stored, copy, 256 * 1024)
        return file.filename or ""
    with fetching.fetch(job.payload["url"], max_bytes=min(most, config.current().fetch_max_bytes)) as fetched:
        for piece in fetched.chunks:
            copy.write(piece)
    return str(job.payload["url"]).partition("?")[0].rpartition("/")[2]


def _colours(picture: bytes) -> list[str]:
    from PIL import Image as Picture  # a worker alone comes here

    from pindeck.imaging import palette

    with Picture.open(BytesIO(picture)) as opened:
        return palette.extract(opened.convert("RGB"))
