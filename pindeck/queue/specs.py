"""Every kind of background work, and the one way to ask for it.

A job is a row written in the same transaction as its cause; RQ only delivers it. After the
commit the row is pushed; if that fails, the pump in the worker pushes it later.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.models import Job
from pindeck.queue import lanes
from pindeck.states import JobStatus, Lane

log = logging.getLogger("pindeck.queue")

GOES_ON_S = 5.0  # then the worker keeps house, and what a decoder did not give back goes with the child


@dataclass(frozen=True)
class JobSpec:
    """`path` names what does the work, `on_failed` what giving up means for the image, told why, and `on_ended` what follows
    when an attempt has ended in whatever way; it does not follow when a worker dies.

    All are texts because jobs import services, so services cannot import jobs.
    """

    kind: str
    path: str
    queue: str
    timeout_s: int = 120
    retry_after_s: tuple[int, ...] = (2, 10, 60)
    label: str = ""
    on_failed: str = ""
    on_ended: str = ""
    lane: Lane | None = None  # LATER where nobody ever waits for it; else it is that of what asks
    waits_for_room: bool = False  # tried again until a full store has room, because what it is about was accepted
    can_cancel: bool = False  # nothing is left half done without it: what it is about can be asked for again
    stops: bool = False  # while it runs it tells how far it is, and ends there when it was cancelled
    together: bool = False  # it mostly waits for a provider: one child does several at once, see `jobs.crew`
    can_retry: bool = True  # after it failed for good a person may ask for the same once more
    loads: tuple[str, ...] = ()  # modules that it imports while it runs: a worker does so once, instead of each of its children
    follow_up: "JobSpec | None" = None  # asked for about the same image when it is done; the same child goes on with it
    goes_on: bool = False  # it is short: the child of one goes on with the next such row, instead of one child for each
    ahead: str = ""  # names the part of it that waits for others, which a child may do while it is at work on another row

    @property
    def delivery_s(self) -> int:
        """The time of a child. One that goes on does no further row after `GOES_ON_S` but the one that it holds."""
        return int(GOES_ON_S) + 2 * self.timeout_s if self.goes_on else self.timeout_s


PERSIST = JobSpec(
    "persist",
    "pindeck.jobs.images.persist",
    "media",
    300,
    label="Store a picture",
    on_failed="pindeck.jobs.images.not_stored",
    waits_for_room=True,
    can_cancel=True,
    stops=True,
    goes_on=True,
)
ANALYSE = JobSpec(
    "analyse",
    "pindeck.jobs.images.analyse",
    "ai",
    1800,  # a model that thinks is asked again with more tokens, and each call may take minutes
    retry_after_s=(4, 20, 90, 600),
    label="Describe a picture",
    on_failed="pindeck.jobs.images.not_described",
    on_ended="pindeck.jobs.images.round_goes_on",
    can_cancel=True,
    together=True,
)
GLANCE = JobSpec(
    "glance",
    "pindeck.jobs.imports.glance",
    "ai",
    300,
    retry_after_s=(),  # its caller waits, and asks again by itself
    label="Describe a picture that is not kept",
    can_cancel=True,
    can_retry=False,
)
TRY_MODEL = JobSpec(
    "try_model", "pindeck.jobs.images.try_model", "ai", 600, retry_after_s=(), label="Try the model", can_cancel=True
)
PREVIEW = JobSpec(  # its copy is gone: who drops the picture again asks again
    "preview", "pindeck.jobs.images.preview", "ai", 600, retry_after_s=(), label="Describe a picture before it is sent",
    can_cancel=True, can_retry=False,
)  # fmt: skip
MEASURE = JobSpec(  # its bytes are gone as well
    "measure", "pindeck.jobs.images.measure", "media", 60, retry_after_s=(), label="Measure a picture that is not kept", can_retry=False
)
PUBLISH = JobSpec(
    "publish", "pindeck.jobs.images.publish", "io", 300, retry_after_s=(2, 10, 60, 300), label="Make public copies", goes_on=True
)
UNPUBLISH = JobSpec(
    "unpublish",
    "pindeck.jobs.images.unpublish",
    "io",
    retry_after_s=(1, 5, 30, 120, 600, 3600),
    label="Withdraw public copies",
)
DELETE_OBJECTS = JobSpec(
    "delete_objects",
    "pindeck.jobs.storage.delete_objects",
    "io",
    lane=Lane.LATER,
    retry_after_s=(2, 10, 60, 600, 3600, 21600),
    label="Delete files",
)
FETCH_FILE = JobSpec("fetch_file", "pindeck.jobs.files.fetch", "io", 600, label="Fetch a file", can_cancel=True)
CHECK_FILES = JobSpec(
    "check_files", "pindeck.jobs.files.check", "io", 600, retry_after_s=(600,), label="Check files", lane=Lane.LATER, can_cancel=True
)
READ_FILES = JobSpec(
    "read_files",
    "pindeck.jobs.files.read",
    "io",
    3600,  # one file alone may take that long
    retry_after_s=(60, 600, 3600, 21600),
    label="Read files again",
    lane=Lane.LATER,
    can_cancel=True,
    stops=True,
)
RESTORE_FILE = JobSpec(
    "restore_file", "pindeck.jobs.files.restore", "io", 3600, retry_after_s=(60,), label="Restore a file"
)
SWEEP = JobSpec(
    "sweep", "pindeck.jobs.storage.sweep", "io", 600, retry_after_s=(60,), label="Clear up", can_cancel=True, lane=Lane.LATER
)
FETCH_IMAGE = JobSpec(
    "fetch_image",
    "pindeck.jobs.imports.fetch_image",
    "io",
    300,
    retry_after_s=(5, 60, 600),
    label="Bring a picture from the web",
    on_failed="pindeck.jobs.images.not_stored",
    can_cancel=True,
    loads=("pindeck.fetching.client",),
    follow_up=PERSIST,
    goes_on=True,
    ahead="pindeck.jobs.imports.receive",
)
DESCRIBE_MANY = JobSpec(
    "describe_many",
    "pindeck.jobs.images.describe_many",
    "io",
    300,
    retry_after_s=(60, 600, 3600),
    label="Describe many pictures",
    on_failed="pindeck.jobs.images.round_ended",
    on_ended="pindeck.jobs.images.round_goes_on",
    lane=Lane.LATER,
    can_cancel=True,
    can_retry=False,  # its round has ended; who wants more asks for a new one
)
VARY = JobSpec(
    "vary",
    "pindeck.jobs.images.vary",
    "ai",
    600,
    retry_after_s=(5, 30, 120, 600),
    label="Make variations",
    on_failed="pindeck.jobs.images.not_varied",
    can_cancel=True,
    stops=True,
    can_retry=False,  # its runs have ended; who wants more orders again
)

RUN_SOURCE = JobSpec(
    "run_source",
    "pindeck.jobs.sources.run",
    "io",
    1800,
    retry_after_s=(60, 600),
    label="Read a source",
    on_failed="pindeck.jobs.sources.given_up",
    lane=Lane.LATER,
    can_cancel=True,
    stops=True,
    can_retry=False,  # its run has ended; a new one goes on where it stopped
)
TEST_SOURCE = JobSpec("test_source", "pindeck.jobs.sources.test", "io", 300, retry_after_s=(), label="Test a source", can_cancel=True)
LOOK = JobSpec(
    "look_at_page", "pindeck.jobs.imports.look", "io", 240, retry_after_s=(), label="Look at a page", can_cancel=True, stops=True
)

HASH = JobSpec(
    "hash_pictures", "pindeck.jobs.images.hash_some", "media", 600, label="Compare how pictures look", lane=Lane.LATER,
    can_cancel=True, stops=True,
)  # fmt: skip
EMBED = JobSpec(
    "embed_words", "pindeck.jobs.images.embed_words", "ai", 600, retry_after_s=(4, 20, 90, 600), label="Read what words mean",
    lane=Lane.LATER, can_cancel=True, stops=True,
)  # fmt: skip
INDEX_PROJECT = JobSpec(
    "index_project", "pindeck.jobs.images.index_project", "io", 1800, label="Find pictures by the new name of their project"
)
GROUP = JobSpec(
    "group_twins",
    "pindeck.jobs.images.group_twins",
    "media",
    600,
    label="Find duplicates",
    lane=Lane.LATER,
    can_cancel=True,
    stops=True,
)
TELL_DISCORD = JobSpec(
    "tell_discord", "pindeck.jobs.discord.tell", "io", 60, retry_after_s=(5, 60, 600, 3600), label="Tell Discord", can_cancel=True
)
SAVE_FROM_DISCORD = JobSpec(
    "save_from_discord", "pindeck.jobs.discord.save", "io", 120, retry_after_s=(3, 20, 90), label="Save a message of Discord", can_cancel=True
)
SAY_IN_DISCORD = JobSpec(
    "say_in_discord", "pindeck.jobs.discord.say", "io", 120, retry_after_s=(3, 20, 90), label="Answer in Discord", can_cancel=True
)
TELL_PROGRAM = JobSpec(
    "tell_program", "pindeck.jobs.programs.tell", "out", 120, retry_after_s=(5, 60), label="Send to webhooks"
)

TEND = JobSpec("tend_tags", "pindeck.jobs.images.tend_tags", "io", 600, label="Look through the tags", lane=Lane.LATER, can_cancel=True)
EXPORT = JobSpec(  # whoever wants it after it failed asks for the same again
    "export", "pindeck.jobs.exports.make", "media", 1800, retry_after_s=(5, 60), label="Make a file of pictures",
    on_failed="pindeck.jobs.exports.given_up", can_cancel=True, stops=True, can_retry=False,
)  # fmt: skip
ACT = JobSpec(
    "act",
    "pindeck.jobs.actions.act",
    "io",
    3600,
    label="Change many pictures",
    on_failed="pindeck.jobs.actions.given_up",
    can_cancel=True,
    stops=True,
    can_retry=False,  # its action has ended with what was done; a second one is asked for where the first was
)
UNDO = JobSpec(
    "undo",
    "pindeck.jobs.actions.undo",
    "io",
    3600,
    label="Take back",
    on_failed="pindeck.jobs.actions.given_up",
    can_cancel=True,
    stops=True,
    can_retry=False,
)

SPECS: dict[str, JobSpec] = {
    spec.kind: spec
    for spec in (
        PERSIST,
        ANALYSE,
        GLANCE,
        TRY_MODEL,
        PREVIEW,
        MEASURE,
        PUBLISH,
        UNPUBLISH,
        DELETE_OBJECTS,
        FETCH_FILE,
        FETCH_IMAGE,
        CHECK_FILES,
        READ_FILES,
        RESTORE_FILE,
        SWEEP,
        HASH,
        EMBED,
        INDEX_PROJECT,
        GROUP,
        DESCRIBE_MANY,
        RUN_SOURCE,
        TEST_SOURCE,
        LOOK,
        VARY,
        TELL_DISCORD,
        SAVE_FROM_DISCORD,
        SAY_IN_DISCORD,
        TELL_PROGRAM,
        TEND,
        EXPORT,
        ACT,
        UNDO,
    )
}

Push = Callable[[JobSpec, str, int, Lane], None]


def _nowhere(spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> None:
    """Until a queue is bound, rows wait for the pump."""


_push: Push = _nowhere


def bind(push: Push) -> None:
    global _push
    _push = push


def enqueue(
    spec: JobSpec,
    *,
    image_id: str | None = None,
    user_id: str | None = None,
    payload: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    delay_s: float = 0,
    client_id: str | None = None,
    round_id: str | None = None,
) -> str | None:
    """Write the row of a job inside the open transaction and push it once that commits.

    With a `dedupe_key` the same work is queued at most once; None is returned when it waits already.
    """
    job_id = db.new_id()
    row = _row(spec, job_id, db.now_ms(), delay_s, image_id, user_id, client_id, payload, dedupe_key, round_id)
    if not db.sql(_INSERT, **{**row, "payload": Job.payload.db_value(row["payload"])}).rowcount:
        return None
    if not delay_s:
        db.database.after_commit(lambda: push(spec, job_id, 1, row["lane"]))
    return job_id


_INSERT = """
INSERT INTO job (id, kind, queue, lane, image_id, user_id, client_id, payload, dedupe_key, round_id, due_at, pushed_at, created_at)
VALUES (:id, :kind, :queue, :lane, :image_id, :user_id, :client_id, :payload, :dedupe_key, :round_id, :due_at, :pushed_at, :created_at)
ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL AND status = 'queued' DO NOTHING
"""


def enqueue_many(spec: JobSpec, jobs: list[dict[str, Any]]) -> int:
    """The same for many jobs of a kind, in one statement for 250: `image_id`, `user_id`, `client_id`, `payload`,
    `dedupe_key`, `round_id` of each. How many did not wait already."""
    now = db.now_ms()
    rows = [
        _row(
            spec, db.new_id(), now, 0, job.get("image_id"), job.get("user_id"), job.get("client_id"), job.get("payload"),
            job.get("dedupe_key"), job.get("round_id"),
        )
        for job in jobs
    ]
    ids: list[str] = []
    for part in chunked(rows, 250):  # what waits already is not written again
        ids += [job.id for job in Job.insert_many(part).on_conflict_ignore().returning(Job.id).execute()]
    if ids:
        db.database.after_commit(lambda: [push(spec, job_id, 1, rows[0]["lane"]) for job_id in ids])
    return len(ids)


def _row(
    spec: JobSpec,
    job_id: str,
    now: int,
    delay_s: float,
    image_id: str | None,
    user_id: str | None,
    client_id: str | None,
    payload: dict[str, Any] | None,
    dedupe_key: str | None,
    round_id: str | None,
) -> dict[str, Any]:
    return dict(
        id=job_id,
        kind=spec.kind,
        queue=spec.queue,
        lane=spec.lane or lanes.current(),
        image_id=image_id,
        user_id=user_id,
        client_id=client_id,
        payload=payload or {},
        dedupe_key=dedupe_key,
        round_id=round_id,
        due_at=now + int(delay_s * 1000),
        pushed_at=None if delay_s else now,
        created_at=now,
    )


def push(spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> bool:
    """Hand a row to RQ. A queue that does not answer is no error: the pump comes by later."""
    try:
        _push(spec, job_id, attempt, lane)
    except Exception as error:  # whatever the client raises, the row is safe
        log.warning("queue did not take job %s (%s); the pump will try again", job_id, type(error).__name__)
        Job.update(pushed_at=None).where((Job.id == job_id) & (Job.status == JobStatus.QUEUED)).execute()
        return False
    return True
