"""A picture that somebody drops on the search: what is like it in the library, and its colours. It is not kept.

Its bytes wait in staging for a worker, which measures them and deletes them. What stays for a while is the job's row, with
some hundred bytes about light and colours; no other picture can be drawn from them.
"""

import base64
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass

from pindeck import access, config, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.imaging import amounts, confined
from pindeck.imaging.errors import BadImage
from pindeck.imaging.lab import rgb_to_hex
from pindeck.imaging.presets import PRESETS
from pindeck.models import Job
from pindeck.services.blobs import staging
from pindeck.services.ingest import uploads
from pindeck.services.library import by_look
from pindeck.services.library.by_look import Dials, Found, WantedColour
from pindeck.states import JobStatus
from pindeck.text import can_be_id

AT_ONCE = 2  # of one person
_UNDER_WAY = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True)
class Dropped:
    """`before` is how many such pictures wait in front of it; `error` says why it could not be measured."""

    id: str
    state: JobStatus
    colours: list[WantedColour]
    amounts: bytes = b""
    light: bytes = b""
    before: int = 0
    error: str | None = None

    @property
    def is_under_way(self) -> bool:
        return self.state in _UNDER_WAY


def ask(actor: Actor, stream: Iterable[bytes]) -> str:
    """Have a worker measure a picture; the id of the job. At most two at a time for one person.

    Raises Forbidden, Conflict, and what `uploads.stage` raises for what is no picture, or too large.
    """
    access.require(actor, "upload")
    user_id = access.require_person(actor)
    staged = uploads.stage(stream)
    try:
        with db.writing():
            db.take_turn(f"dropped {user_id}")
            mine = (Job.user_id == user_id) & Job.ended_at.is_null() & (Job.kind == queue.MEASURE.kind)
            if Job.select().where(mine).count() >= AT_ONCE:
                raise Conflict("Two pictures of yours are being measured already. Try again when one of them is done.", code="BUSY")
            return str(queue.enqueue(queue.MEASURE, user_id=user_id, payload={"key": staged.key}))
    except BaseException:
        staging.drop(staged.key)
        raise


def find(actor: Actor, job_id: str) -> Dropped:
    """One's own. Raises NotFound."""
    user_id = access.require_person(actor)
    mine = (Job.id == (job_id if can_be_id(job_id) else "")) & (Job.user_id == user_id) & (Job.kind == queue.MEASURE.kind)
    job = Job.get_or_none(mine)
    if job is None:
        raise NotFound("There is no such picture. A dropped picture is deleted after a while. Drop it again.", code="JOB_NOT_FOUND")
    state, told = JobStatus(job.status), job.result or {}
    if state in _UNDER_WAY:
        ahead = (Job.kind == queue.MEASURE.kind) & (Job.status == JobStatus.QUEUED) & (Job.id < job.id)
        return Dropped(job.id, state, [], before=Job.select().where(ahead).count())
    if not told:
        return Dropped(job.id, state, [], error=job.error or "The picture could not be measured. Drop it again.")
    packed = base64.b64decode(told["amounts"])
    most = sorted(amounts.unpacked(packed), key=lambda one: -one.part)[: by_look.MOST]
    colours = [WantedColour(rgb_to_hex(one.rgb), share=round(100 * one.part)) for one in most]
    return Dropped(job.id, state, colours, packed, base64.b64decode(told["light"]))


def like(actor: Actor, dropped: Dropped, dials: Dials, *, page: int = 0) -> Found:
    """Pictures of the library that look like it, the likest first. Raises Upstream when the index is away."""
    return by_look.like_looks(actor, dropped.amounts, dropped.light, dials, page=page)


def measure(job: Job) -> None:
    """What the job does. Its bytes are deleted whatever comes of it."""
    from pindeck.imaging.derivatives import looks_of

    key = job.payload["key"]
    try:
        with tempfile.TemporaryFile() as copy:
            with storage.current().open(key) as stored:
                shutil.copyfileobj(stored, copy, 256 * 1024)
            copy.seek(0)
            small = confined.make(copy, PRESETS["small"], max_megapixels=config.current().max_image_megapixels)
        looks = looks_of(small.data)
    except BadImage as error:
        raise Invalid(error.reason) from error
    finally:
        staging.drop(key)
    told = {"amounts": base64.b64encode(looks.amounts).decode(), "light": base64.b64encode(looks.light).decode()}
    Job.update(result=told).where((Job.id == job.id) & (Job.attempts == job.attempts)).execute()
