"""What a model would write for a picture that is not here yet: a person asks before they send it.

A reduced copy comes, a job shows it to the model, and nothing else is kept of it. The answer is paid once: the picture
that is sent afterwards takes it along, and its description costs nothing more.
"""

import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pindeck import access, config, db, queue, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, Waits
from pindeck.imaging import confined
from pindeck.imaging.framing import frame
from pindeck.models import Job
from pindeck.services import jobs
from pindeck.services.blobs import staging
from pindeck.services.images import analysis, authors, calls, known, proposals
from pindeck.services.images.fields import FIELDS
from pindeck.services.ingest import uploads
from pindeck.states import JobStatus
from pindeck.text import can_be_id
from pindeck.vision.base import LONGEST_SIDE, Analysis, BilledTo, Subject

AT_ONCE = 2  # of one person
MOST_BYTES = 3 * 1024 * 1024  # four MiB as it goes to a model
SHOWN = ("title", "description", "tags", "category", "group", "genre", "shot", "style", "project", "moodboard")
_UNDER_WAY = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True)
class Preview:
    """`words` by field, as a form shows them; `by` names the model, its prompt and the price. `error` says why none came."""

    id: str
    state: JobStatus
    words: Mapping[str, str]
    by: str = ""
    error: str | None = None

    @property
    def is_under_way(self) -> bool:
        return self.state in _UNDER_WAY


def ask(actor: Actor, stream: Iterable[bytes], filename: str, words: Mapping[str, str]) -> Job:
    """Have a worker show a copy to the model, with the `words` that the person has typed; at most two at a time.

    Raises Conflict where no model describes pictures, where two are under way, or where a limit is reached; and what
    `uploads.stage` raises for what is no picture, or too large.
    """
    user_id = access.require_person(actor)
    access.require(actor, "upload")
    if not config.current().vision_is_on:
        raise Conflict("No model describes pictures here.")
    try:
        calls.check(user_id, db.now_ms())
    except Waits as error:
        raise Conflict(error.message, code=error.code) from error
    told = {name: str(text)[: known.LONGEST] for name, text in words.items() if name in SHOWN and text}
    staged = uploads.stage(stream, max_bytes=MOST_BYTES)
    payload = {"key": staged.key, "width": staged.width, "height": staged.height, "words": told}
    payload["filename"] = staging.clean_filename(filename)
    try:
        with db.writing():
            db.take_turn(f"preview {user_id}")
            mine = (Job.user_id == user_id) & Job.ended_at.is_null() & (Job.kind == queue.PREVIEW.kind)
            if Job.select().where(mine).count() >= AT_ONCE:
                raise Conflict("Two pictures are being described already. Ask again when one of them is done.", code="BUSY")
            made = queue.enqueue(queue.PREVIEW, user_id=user_id, payload=payload)
    except BaseException:
        staging.drop(staged.key)
        raise
    return Job.get_by_id(made)


def find(actor: Actor, job_id: str) -> Preview:
    """What one's own preview found. Raises NotFound."""
    job = _own(actor, job_id)
    found = job.result or {}
    cost = calls.cost_of_job(job.id) if found else None
    name = proposals.name_of(found.get("model", ""), found.get("prompt_version", ""))
    error = job.error if job.status == JobStatus.FAILED else None
    return Preview(job.id, JobStatus(job.status), found.get("words", {}), authors.machine(name, cost), error)


def cancel(actor: Actor, job_id: str) -> Preview:
    """One that waits costs nothing; one that the model describes ends by itself, and its answer can still be used."""
    job = _own(actor, job_id)
    try:
        with db.writing():
            jobs.cancel(job, lambda *_: None)
        staging.drop(job.payload["key"])
    except Conflict:
        pass  # it has begun, or has ended
    return find(actor, job_id)


def _own(actor: Actor, job_id: str) -> Job:
    user_id = access.require_person(actor)
    job = Job.get_or_none((Job.id == job_id) & (Job.user_id == user_id) & (Job.kind == queue.PREVIEW.kind))
    if job is None:
        raise NotFound("There is no such preview.", code="JOB_NOT_FOUND")
    return job  # type: ignore[no-any-return]


def look(job: Job) -> None:
    """What the job does. A limit that was reached meanwhile ends it: nobody waits until tomorrow for a preview."""
    given = job.payload
    context = known.of_words({FIELDS[name].label.lower(): text for name, text in given["words"].items()})
    subject = Subject(given["filename"], lambda: _small(given), context, BilledTo(user_id=job.user_id, job_id=job.id))
    try:
        found = analysis.look(subject)
    except Waits as error:
        raise Invalid(error.message) from error
    finally:
        staging.drop(given["key"])
    told = {"model": found.model, "prompt_version": found.prompt_version, "words": _shown(found)}
    Job.update(result=told).where(Job.id == job.id).execute()


def _small(given: Mapping[str, Any]) -> bytes:
    """Drawn anew, whatever came: no larger than a model gets it, and without anything that the file told besides."""
    whole = frame((given["width"], given["height"]), "inside", (LONGEST_SIDE, LONGEST_SIDE))
    with tempfile.TemporaryFile() as copy:
        with storage.current().open(given["key"]) as stored:
            shutil.copyfileobj(stored, copy, 256 * 1024)
        copy.seek(0)
        return confined.draw(copy, whole, "jpeg", max_megapixels=config.current().max_image_megapixels).data


def _shown(found: Analysis) -> dict[str, str]:
    values = {name: getattr(found, name) for name in SHOWN}
    return {name: ", ".join(v) if isinstance(v, list) else v for name, v in values.items() if v}


def take_along(actor: Actor, job_id: str, image_id: str, typed: Collection[str] = ()) -> None:
    """Inside the transaction that recorded a picture: what was paid for its preview is its description.

    Of the fields that a person has `typed`, those that showed the model's word had an answer: it was refused. One that was
    typed before the model was asked never showed it.
    """
    if actor.user_id is None or not job_id or not can_be_id(job_id):
        return
    job = Job.get_or_none((Job.id == job_id) & (Job.user_id == actor.user_id) & (Job.kind == queue.PREVIEW.kind))
    if job is None:
        return
    if calls.give_to(image_id, job_id=job.id, user_id=actor.user_id) and job.result:
        found, first = job.result, job.payload["words"]
        shown = {name: text for name, text in found["words"].items() if name in typed and name not in first}
        proposals.refuse_shown(image_id, shown, found["model"], found["prompt_version"], actor.user_id)
