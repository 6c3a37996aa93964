"""What the workers do, as people see it: one's own, and everybody's for administrators. Reads only."""

from dataclasses import dataclass, field
from typing import Any

from peewee import Expression

from pindeck import access, cursors, db, queue
from pindeck.access import Actor
from pindeck.models import Image, Job
from pindeck.services.images import costs, trash
from pindeck.services.maintenance import work_about
from pindeck.services.maintenance.work_about import About
from pindeck.states import AiStatus, JobStatus, Lane, PersistStatus, WorkState

RUNNING_SHOWN, WAITING_SHOWN, PAGE = 50, 20, 30
FEW_RUNNING, FEW_WAITING, FEW_ENDED = 4, 3, 4  # of the small panel
WITHOUT_END = 10**15 - 1  # stands for the end of what has none, in a cursor
MOST = 1000  # what there is more of is not counted
BYTES = (queue.PERSIST.kind, queue.FETCH_IMAGE.kind)

# None of them reads more rows than it counts. The words in braces are chosen here.
_COUNTS = """SELECT
 (SELECT count(*) FROM (SELECT 1 FROM job WHERE status = 'running' AND ended_at IS NULL {mine} LIMIT :most) AS a),
 (SELECT count(*) FROM (SELECT 1 FROM job WHERE status = 'queued' AND ended_at IS NULL {mine} LIMIT :most) AS b),
 (SELECT count(*) FROM (SELECT 1 FROM job
    WHERE status = 'failed' AND cancelled_at IS NULL AND ended_at > :since {mine} LIMIT :most) AS c),
 (SELECT count(*) FROM (SELECT 1 FROM job WHERE status = 'completed' AND ended_at > :since {mine} LIMIT :most) AS d)"""
_UNDER_WAY = """SELECT count(*) FROM
 (SELECT 1 FROM job WHERE status IN ('running', 'queued') AND ended_at IS NULL AND due_at <= :now {mine} LIMIT :most) AS a"""


@dataclass(frozen=True)
class Counts:
    """At most 1,001 of each. `failed` and `done` are those of the last 24 hours; nobody's failure is a cancelled one."""

    running: int
    waiting: int
    failed: int
    done: int


@dataclass(frozen=True)
class WorkView:
    """One job. `image` is its picture if the actor may see it; `who` asked for it, told to administrators alone.

    `reason` says why the last attempt failed, `next_at` when the next one is due, `took_ms` how long the last one was, and
    `cost_micro` what all of them cost, in millionths of a dollar, where a price is known.
    """

    id: str
    kind: str
    label: str
    state: WorkState
    stage: str
    percent: int
    attempt: int
    reason: str | None
    asked_at: int
    started_at: int | None
    next_at: int | None
    ended_at: int | None
    lane: Lane
    is_stopping: bool
    can_cancel: bool
    can_retry: bool
    image: Image | None = None
    who: str = ""
    cost_micro: int | None = None
    about: About | None = None

    @property
    def took_ms(self) -> int | None:
        return None if self.ended_at is None or self.started_at is None else self.ended_at - self.started_at

    @property
    def is_active(self) -> bool:
        return self.state in (WorkState.RUNNING, WorkState.WAITING)


@dataclass(frozen=True)
class Work:
    """`views` in the order of the list; `more_wait` counts those that wait and are not in it."""

    counts: Counts
    views: list[WorkView] = field(default_factory=list)
    more_wait: int = 0
    next_after: str | None = None


def look(actor: Actor, *, state: WorkState | None = None, kind: str | None = None, after: str | None = None) -> Work:
    """The list of work: what runs, what waits in the order in which it is due, then what ended, the last one first.

    With a `state` only that. `after` is where the page before ended. Raises NotSignedIn, or Invalid for a wrong cursor.
    """
    access.require(actor, "job.view")
    counts = count(actor)
    rows = _rows(actor) if kind is None else _rows(actor).where(Job.kind == kind)
    place = cursors.read(after) if after else None
    running: list[Job] = []
    waiting: list[Job] = []
    ended: list[Job] = []
    if state in (None, WorkState.RUNNING) and place is None:
        running = list(rows.where(_of(WorkState.RUNNING)).order_by(Job.started_at, Job.id).limit(RUNNING_SHOWN))
    if state == WorkState.WAITING or (state is None and place is None):
        shown = PAGE if state else WAITING_SHOWN
        wanted = _of(WorkState.WAITING) if state or kind else _of(WorkState.WAITING) & ~_chores()
        waiting = _page(rows.where(wanted), Job.due_at, place, shown + 1, is_newest_first=False)
        more, waiting = len(waiting) > shown, waiting[:shown]
        if state:
            next_after = cursors.write(waiting[-1].due_at, waiting[-1].id) if more else None
            return Work(counts, _views(actor, waiting), next_after=next_after)
    if state not in (WorkState.RUNNING, WorkState.WAITING):
        ends = _of(state) if state else Job.ended_at.is_null(False) if kind else _told_of()
        ended = _page(rows.where(ends), Job.ended_at, place, PAGE + 1, is_newest_first=True)
    next_after = cursors.write(ended[PAGE - 1].ended_at or 0, ended[PAGE - 1].id) if len(ended) > PAGE else None
    more_wait = 0 if kind or state or place else max(0, counts.waiting - len(waiting))
    return Work(counts, _views(actor, [*running, *waiting, *ended[:PAGE]]), more_wait, next_after)


def glance(actor: Actor) -> Work:
    """The same in few lines, for the panel: what runs, what is next, and what ended last."""
    access.require(actor, "job.view")
    counts, rows = count(actor), _rows(actor)
    running = list(rows.where(_of(WorkState.RUNNING)).order_by(Job.started_at, Job.id).limit(FEW_RUNNING))
    waiting = list(rows.where(_of(WorkState.WAITING) & ~_chores()).order_by(Job.due_at, Job.id).limit(FEW_WAITING))
    ended = _page(rows.where(_told_of()), Job.ended_at, None, FEW_ENDED, is_newest_first=True)
    return Work(counts, _views(actor, [*running, *waiting, *ended]), max(0, counts.waiting - len(waiting)))


def list_page(
    actor: Actor, *, limit: int, after: cursors.Place | None = None, state: WorkState | None = None, kind: str | None = None
) -> tuple[list[WorkView], cursors.Place | None]:
    """For programs: what has not ended, the newest first, then what ended, the last one first; and where it goes on."""
    access.require(actor, "job.view")
    rows = _rows(actor) if kind is None else _rows(actor).where(Job.kind == kind)
    rows = rows if state is None else rows.where(_of(state))
    found: list[Job] = []
    if after is None or after.at == WITHOUT_END:
        open_rows = rows.where(Job.ended_at.is_null())
        if after is not None:
            open_rows = open_rows.where(Job.id < after.id)
        found, after = list(open_rows.order_by(Job.id.desc()).limit(limit + 1)), None
    if len(found) <= limit:
        ended = rows.where(Job.ended_at.is_null(False))
        found += _page(ended, Job.ended_at, after, limit + 1 - len(found), is_newest_first=True)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    place = cursors.Place(WITHOUT_END if last.ended_at is None else last.ended_at, last.id) if last else None
    return _views(actor, shown), place


def view(actor: Actor, job: Job) -> WorkView:
    """One job as the list tells it."""
    return _views(actor, [job])[0]


def count(actor: Actor) -> Counts:
    """What the list has of each state."""
    access.require(actor, "job.view")
    values = {"most": MOST + 1, "since": db.now_ms() - db.DAY_MS}
    return Counts(*_counted(actor, _COUNTS, **values))


def count_under_way(actor: Actor) -> int:
    """How many run or are due: the number beside the way to the list."""
    return _counted(actor, _UNDER_WAY, most=MOST + 1, now=db.now_ms())[0] if actor.is_signed_in else 0


def _counted(actor: Actor, text: str, **values: int) -> tuple[int, ...]:
    if actor.is_admin:
        return tuple(db.sql(text.format(mine=""), **values).fetchone())
    return tuple(db.sql(text.format(mine="AND user_id = :user"), user=actor.user_id, **values).fetchone())


def find(actor: Actor, job_id: str) -> Job | None:
    """A job that the actor may know of."""
    return _rows(actor).where(Job.id == job_id).get_or_none()


def _of(state: WorkState) -> Expression:
    was_cancelled = Job.cancelled_at.is_null(False)
    return {
        WorkState.RUNNING: Job.ended_at.is_null() & (Job.status == JobStatus.RUNNING),
        WorkState.WAITING: Job.ended_at.is_null() & (Job.status == JobStatus.QUEUED),
        WorkState.FAILED: Job.ended_at.is_null(False) & (Job.status == JobStatus.FAILED) & ~was_cancelled,
        WorkState.CANCELLED: Job.ended_at.is_null(False) & (Job.status == JobStatus.FAILED) & was_cancelled,
        WorkState.DONE: Job.ended_at.is_null(False) & (Job.status == JobStatus.COMPLETED),
    }[state]


def _chores() -> Expression:
    """What nobody asked for, is about no picture and is not due yet: clearing up, which would stand above what people
    wait for. It is among those that more wait."""
    return Job.user_id.is_null() & Job.image_id.is_null() & (Job.due_at > db.now_ms())


def _told_of() -> Expression:
    """What ended, but for what nobody asked for and went well: clearing up and public copies, which would be most of
    what an administrator sees. It is told where only what is done is asked for."""
    return Job.ended_at.is_null(False) & ~(Job.user_id.is_null() & Job.client_id.is_null() & (Job.status == JobStatus.COMPLETED))


def _rows(actor: Actor) -> Any:
    if actor.is_admin:
        return Job.select()
    return Job.select().where(Job.client_id == actor.client_id if actor.is_program else Job.user_id == actor.user_id)


def _page(rows: Any, time: Any, place: cursors.Place | None, limit: int, *, is_newest_first: bool) -> list[Job]:
    if place is not None:
        beyond = (time < place.at) if is_newest_first else (time > place.at)
        tie = (Job.id < place.id) if is_newest_first else (Job.id > place.id)
        within = (time <= place.at) if is_newest_first else (time >= place.at)  # where an index begins
        rows = rows.where(within & (beyond | ((time == place.at) & tie)))
    order = (time.desc(), Job.id.desc()) if is_newest_first else (time, Job.id)
    return list(rows.order_by(*order).limit(limit))


def _views(actor: Actor, jobs: list[Job]) -> list[WorkView]:
    """Six more statements at most, however many jobs: pictures, names for administrators, what they cost, and sources."""
    ids = {job.image_id for job in jobs if job.image_id}
    seen = Image.select().where(Image.id.in_(ids) & access.seen(actor).expression()) if ids else []
    images = {image.id: image for image in seen}
    names = trash.names_of({job.user_id for job in jobs if job.user_id}) if actor.is_admin and jobs else {}
    cost, about = costs.of_jobs(jobs), work_about.of_jobs(jobs)
    return [_view(actor, job, images.get(job.image_id), names.get(job.user_id, ""), cost.get(job.id), about.get(job.id)) for job in jobs]


def _view(actor: Actor, job: Job, image: Image | None, who: str, cost: int | None, about: About | None) -> WorkView:
    spec = queue.SPECS.get(job.kind)  # an earlier version may have had others
    state = state_of(job)
    waits_for_time = state == WorkState.WAITING and job.due_at > db.now_ms()
    return WorkView(
        id=job.id, kind=job.kind, label=spec.label if spec else job.kind, state=state, stage=job.stage,
        percent=max(0, min(100, job.done)), attempt=job.attempts - job.spent, reason=job.error, asked_at=job.created_at,
        started_at=job.started_at, next_at=job.due_at if waits_for_time else None, ended_at=job.ended_at,
        lane=Lane(job.lane), is_stopping=state == WorkState.RUNNING and job.cancelled_at is not None,
        can_cancel=can_cancel(job) and _decides(actor, job, image), image=image, who=who,
        can_retry=can_retry(job, image) and _decides(actor, job, image), cost_micro=cost, about=about,
    )  # fmt: skip


def state_of(job: Job) -> WorkState:
    if job.status == JobStatus.FAILED:
        return WorkState.FAILED if job.cancelled_at is None else WorkState.CANCELLED
    return {
        JobStatus.QUEUED: WorkState.WAITING,
        JobStatus.RUNNING: WorkState.RUNNING,
        JobStatus.COMPLETED: WorkState.DONE,
    }[JobStatus(job.status)]


def is_the_askers(job: Job) -> bool:
    """Whether who asked for it decides about it, and not the owner of the picture: it changes nothing of the picture."""
    return job.kind == queue.VARY.kind


def _decides(actor: Actor, job: Job, image: Image | None) -> bool:
    if is_the_askers(job):
        return actor.is_admin or job.user_id == actor.user_id
    if not job.image_id:
        return True
    return image is not None and not image.is_trashed and access.can(actor, "image.retry", image)


def can_cancel(job: Job) -> bool:
    """Whether it waits, or tells between its steps how far it is."""
    spec = queue.SPECS.get(job.kind)
    if spec is None or not spec.can_cancel:
        return False
    return job.status == JobStatus.QUEUED or (job.status == JobStatus.RUNNING and spec.stops and job.cancelled_at is None)


def can_retry(job: Job, image: Image | None) -> bool:
    """Whether it failed, and what it is about still lacks it."""
    spec = queue.SPECS.get(job.kind)
    if spec is None or not spec.can_retry or job.status != JobStatus.FAILED:
        return False
    if image is None or not job.image_id:
        return not job.image_id
    if job.kind in BYTES:
        is_its = (image.file_id is None) == (job.kind == queue.FETCH_IMAGE.kind)
        return image.persist_status == PersistStatus.FAILED and is_its
    if job.kind == queue.ANALYSE.kind:
        return image.persist_status == PersistStatus.SUCCEEDED and image.ai_status == AiStatus.FAILED
    return True
