"""Rounds: a model is asked about many pictures. Each picture is a job of its own; a round counts them and stops them.

What was chosen becomes jobs a part after the other, so that a million pictures do not wait in the list of work at once,
and a round that only fails ends before it has cost much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import chunked, fn

from pindeck import access, db, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, AnalysisRound, Image, Job, MachineCall, User
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.clients import askers
from pindeck.services.images import analysis, round_log
from pindeck.states import ActionStatus, AiStatus, JobStatus, Lane, RoundState, sources

FIRST = 25  # wait at once until one of them was described
MOST = 500  # wait at once afterwards
SOON_S, LATE_S = 5, 600  # until the next look whether there is room
IN_A_ROW = 25  # that failed end a round
AWAITED = 10  # pictures for which a person may wait
FAR_MS = 60_000
KEEP_DAYS = 31  # a day longer than its jobs
STOPPED = "It was stopped."
OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True)
class RoundView:
    """`waits_until` (ms) and `reason` say for what the rest waits; `error` is one of those that failed; `cost_micro` is what
    has been paid so far, in millionths of a dollar; `who` asked for it, told to administrators alone; `action` is how the
    action stands that has its id, None where it changed nothing."""

    row: AnalysisRound
    waiting: int
    running: int
    done: int
    failed: int
    stopped: int
    waits_until: int | None
    reason: str | None
    error: str | None
    cost_micro: int | None
    who: str
    action: ActionStatus | None

    @property
    def to_come(self) -> int:
        """How many have not become a job yet."""
        return max(0, self.row.total - self.row.asked) if self.row.state == RoundState.ADDING else 0

    @property
    def is_under_way(self) -> bool:
        return self.row.state == RoundState.ADDING or bool(self.waiting or self.running)

    @property
    def is_ending(self) -> bool:
        """All of it is described, and the worker has still to close the action, so that it can be taken back."""
        return not self.is_under_way and self.action == ActionStatus.RUNNING

    @property
    def can_undo(self) -> bool:
        return self.action == ActionStatus.DONE

    @property
    def is_undone(self) -> bool:
        return self.action == ActionStatus.UNDONE

    @property
    def state(self) -> str:
        """`running`, `done`, or `stopped`, which one is while its last calls end, too."""
        if self.row.state == RoundState.STOPPED:
            return "stopped"
        return "running" if self.is_under_way else "done"


def open_new(actor: Actor, choice: dict[str, Any], total: int) -> AnalysisRound:
    """Inside a transaction."""
    row = AnalysisRound.create(
        id=db.new_id(), user_id=access.require_person(actor), client_id=actor.client_id, choice=choice, total=total,
        created_at=db.now_ms(),
    )
    round_log.begin(row)
    activity.note(actor, "round.begin", round=row.id)
    return row


def is_added_to(actor: Actor, choice: dict[str, Any]) -> bool:
    """Inside a transaction: whether the actor asked for the same, and not all of it has become a job yet."""
    adding = (AnalysisRound.user_id == actor.user_id) & (AnalysisRound.state == RoundState.ADDING)
    return any(row.choice == choice for row in AnalysisRound.select().where(adding))


def ask_for_parts(actor: Actor, row: AnalysisRound) -> None:
    """Inside a transaction: a job adds its pictures."""
    queue.enqueue(
        queue.DESCRIBE_MANY, user_id=actor.user_id, client_id=actor.client_id, dedupe_key=key(row.id),
        payload={"round": row.id, **askers.told(actor)},
    )  # fmt: skip


def locked(round_id: str) -> AnalysisRound | None:
    """Inside a transaction: the round, while pictures are still added to it."""
    adding = (AnalysisRound.id == round_id) & (AnalysisRound.state == RoundState.ADDING)
    return db.locked(AnalysisRound.select().where(adding)).get_or_none()


def add(row: AnalysisRound, images: Sequence[Image], edge: int | None) -> None:
    """Inside a transaction that locked the round: jobs for these pictures. `edge` is where the next part begins; None
    after the last one. What a model is asked about already is passed over."""
    asked = 0
    for part in chunked(images, log.PART):
        asked += _ask([image.id for image in part], row)
    state = RoundState.ADDED if edge is None else RoundState.ADDING
    AnalysisRound.update(asked=AnalysisRound.asked + asked, edge=edge, state=state).where(
        AnalysisRound.id == row.id
    ).execute()


def _ask(image_ids: list[str], row: AnalysisRound) -> int:
    images = list(db.locked(Image.select().where(Image.id.in_(image_ids)).order_by(Image.seq)))
    busy = Job.image_id.in_(image_ids) & (Job.kind == queue.ANALYSE.kind) & Job.status.in_(OPEN)
    passed = {job.image_id for job in Job.select(Job.image_id).where(busy)}
    free = [image for image in images if image.id not in passed]
    if not free:
        return 0
    with queue.in_lane(Lane.NOW if row.total <= AWAITED else Lane.LATER):
        queue.enqueue_many(queue.ANALYSE, [
            {"image_id": image.id, "user_id": row.user_id, "client_id": row.client_id, "round_id": row.id,
             "dedupe_key": f"analyse:{image.id}", "payload": {"was": image.ai_status}}
            for image in free[::-1]
        ])  # fmt: skip
    Image.update(ai_status=AiStatus.PROCESSING, ai_started_at=db.now_ms(), ai_error=None).where(
        Image.id.in_([image.id for image in free]) & Image.ai_status.in_(sources(AiStatus.PROCESSING))
    ).execute()
    return len(free)


# How far it is


def room(round_id: str) -> int:
    """How many more may be added to what waits; 0 while half of it waits still."""
    counts = _by_status(round_id)
    most = MOST if counts.get(JobStatus.COMPLETED) else FIRST
    waits = sum(counts.get(status, 0) for status in OPEN)
    return most - waits if waits <= most // 2 else 0


def look_again_s(round_id: str) -> float:
    """When there may be room: soon, or when what waits is due."""
    waits = (Job.round_id == round_id) & (Job.status == JobStatus.QUEUED)
    due = Job.select(fn.MIN(Job.due_at)).where(waits).scalar()
    return min(max(SOON_S, ((due or 0) - db.now_ms()) / 1000), LATE_S)


def trouble(round_id: str) -> str | None:
    """Why going on makes no sense: the last ones failed, one after the other."""
    mine = Job.round_id == round_id
    last_good = Job.select(fn.MAX(Job.ended_at)).where(mine & (Job.status == JobStatus.COMPLETED)).scalar() or 0
    bad = mine & (Job.status == JobStatus.FAILED) & (Job.ended_at > last_good) & Job.cancelled_at.is_null()
    rows = list(Job.select(Job.error).where(bad).order_by(Job.ended_at.desc()).limit(IN_A_ROW))
    if len(rows) < IN_A_ROW:
        return None
    return f"It ended by itself: {IN_A_ROW} pictures failed one after the other. {rows[0].error or ''}".strip()


def _by_status(round_id: str) -> dict[str, int]:
    rows: Any = Job.select(Job.status, fn.COUNT(Job.id)).where(Job.round_id == round_id).group_by(Job.status).tuples()
    return dict(rows)


# Stopped


def stop(actor: Actor, round_id: str) -> RoundView:
    """Nothing of it begins any more. What a model describes just now is paid, so it is kept. Raises NotFound for one that
    is not the actor's, Conflict when it has ended."""
    row = _mine(actor, round_id)
    if not seen([row], actor)[0].is_under_way or not end(row.id, STOPPED):
        raise Conflict("It has ended already, so there is nothing to stop.")
    activity.note(actor, "round.stop", round=row.id)
    return get(actor, round_id)


def end(round_id: str, said: str) -> bool:
    """Whether it had not been ended before. What waits ends with it, and its pictures are as they were."""
    with db.writing():
        mine = (AnalysisRound.id == round_id) & AnalysisRound.state.in_(sources(RoundState.STOPPED))
        if not AnalysisRound.update(state=RoundState.STOPPED, said=said[:500]).where(mine).execute():
            return False
        now = db.now_ms()
        cancelled = dict(status=JobStatus.FAILED, error=said[:500], cancelled_at=now, ended_at=now)
        waits = (Job.round_id == round_id) & (Job.status == JobStatus.QUEUED)
        rows = list(Job.update(cancelled).where(waits).returning(Job.image_id, Job.payload).execute())
        for was in {row.payload.get("was") for row in rows}:
            ids = [row.image_id for row in rows if row.payload.get("was") == was]
            for part in chunked(ids, log.PART):
                analysis.put_back(part, str(was))
        adds = (Job.dedupe_key == key(round_id)) & (Job.status == JobStatus.QUEUED)
        Job.update(cancelled).where(adds).execute()
    round_log.settle(round_id)
    return True


def key(round_id: str) -> str:
    """What the job that adds pictures is known by in the list of work."""
    return f"describe_many:{round_id}"


# Seen


def get(actor: Actor, round_id: str) -> RoundView:
    """Raises NotFound for one that is not the actor's own; an administrator sees everybody's."""
    return seen([_mine(actor, round_id)], actor)[0]


def list_page(actor: Actor, *, limit: int, after: str | None = None) -> tuple[list[RoundView], str | None]:
    """The newest first, and the id to go on from."""
    access.require(actor, "describe")
    rows = AnalysisRound.select().where(_whose(actor))
    if after:
        rows = rows.where(AnalysisRound.id < after)
    found = list(rows.order_by(AnalysisRound.id.desc()).limit(limit + 1))
    return seen(found[:limit], actor), found[limit - 1].id if len(found) > limit else None


def _mine(actor: Actor, round_id: str) -> AnalysisRound:
    access.require(actor, "describe")
    row = AnalysisRound.get_or_none((AnalysisRound.id == round_id) & _whose(actor))
    if row is None:
        raise NotFound("There is no such round.", code="ROUND_NOT_FOUND")
    return row


def _whose(actor: Actor) -> Any:
    if actor.is_admin:
        return AnalysisRound.id.is_null(False)
    mine = AnalysisRound.user_id == access.require_person(actor)
    return mine & (AnalysisRound.client_id == actor.client_id) if actor.project_id else mine


def seen(rows: list[AnalysisRound], actor: Actor) -> list[RoundView]:
    """Four queries, however many rounds."""
    ids = [row.id for row in rows]
    is_cancelled = Job.cancelled_at.is_null(False)
    told: Any = (
        Job.select(Job.round_id, Job.status, is_cancelled, fn.COUNT(Job.id), fn.MAX(Job.error), fn.MAX(Job.due_at))
        .where(Job.round_id.in_(ids))
        .group_by(Job.round_id, Job.status, is_cancelled)
        .tuples()
    )
    counts: dict[str, dict[tuple[str, bool], tuple[int, str | None, int]]] = {i: {} for i in ids}
    for round_id, status, cancelled, count, error, due in told:
        counts[round_id][status, bool(cancelled)] = count, error, due
    costs: Any = (
        Job.select(Job.round_id, fn.SUM(MachineCall.cost_micro))
        .join(MachineCall, on=(MachineCall.job_id == Job.id))
        .where(Job.round_id.in_(ids))
        .group_by(Job.round_id)
        .tuples()
    )
    paid: dict[str, Any] = dict(costs)
    names: dict[str, str] = {}
    if actor.is_admin:
        people = User.select().where(User.id.in_({row.user_id for row in rows}))
        names = {user.id: user.display_name for user in people}
    actions = {action.id: ActionStatus(action.status) for action in Action.select().where(Action.id.in_(ids))}
    return [
        _view(row, counts[row.id], paid.get(row.id), names.get(row.user_id, ""), actions.get(row.id)) for row in rows
    ]


def _view(
    row: AnalysisRound,
    counts: dict[tuple[str, bool], tuple[int, str | None, int]],
    paid: Any,
    who: str,
    action: ActionStatus | None,
) -> RoundView:
    none: tuple[int, str | None, int] = (0, None, 0)
    waiting, reason, due = counts.get((JobStatus.QUEUED, False), none)
    failed, error, _ = counts.get((JobStatus.FAILED, False), none)
    running = sum(counts.get((JobStatus.RUNNING, is_late), none)[0] for is_late in (False, True))
    is_far = due > db.now_ms() + FAR_MS
    return RoundView(
        row, waiting, running, counts.get((JobStatus.COMPLETED, False), none)[0], failed,
        counts.get((JobStatus.FAILED, True), none)[0], due if is_far else None, reason if is_far else None, error,
        None if paid is None else int(paid), who, action,
    )  # fmt: skip


def sweep() -> int:
    """Forget rounds whose jobs are forgotten, and end the actions of those that have ended; how many."""
    old = db.now_ms() - KEEP_DAYS * db.DAY_MS
    return round_log.sweep() + AnalysisRound.delete().where((AnalysisRound.created_at < old) & (AnalysisRound.state != RoundState.ADDING)).execute()
