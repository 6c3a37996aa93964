"""A round as one action: all that its descriptions wrote and suggested, taken back together once it has ended.

The action has the id of its round and runs as long as that does. Its steps name the runs, whose words stay under ids of
their own: a single picture can be taken back as well, and each run has its price.
"""

from collections.abc import Sequence
from typing import Any

from peewee import Case

from pindeck import db
from pindeck.models import Action, ActionStep, AnalysisRound, Job
from pindeck.services.actions import log
from pindeck.services.actions.steps import RUN, Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images.moving import MOVE
from pindeck.states import ActionStatus, JobStatus, RoundState

DESCRIBED = verb("round.describe", "Described by a model")


def begin(row: AnalysisRound) -> None:
    """Inside the transaction that opens the round."""
    log.begin(row, DESCRIBED, images=row.total, action_id=row.id)


def keep(round_id: str, steps: Sequence[Step]) -> None:
    """Inside the transaction that wrote a description: what it did. What comes after the round was taken back, because a
    person tried a failed picture once more, can be taken back at that picture."""
    if not steps:
        return
    total = Case(None, [(Action.status == ActionStatus.RUNNING, Action.total)], Action.total + 1)
    mine = (Action.id == round_id) & (Action.status != ActionStatus.UNDONE)
    if Action.update(done=Action.done + 1, total=total).where(mine).execute():
        log.keep(round_id, steps)


def settle(round_id: str) -> None:
    """End the action if nothing of the round is left to do. Any number of times."""
    adding = (AnalysisRound.id == round_id) & (AnalysisRound.state == RoundState.ADDING)
    left = (Job.round_id == round_id) & Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    if not AnalysisRound.select().where(adding).exists() and not Job.select().where(left).exists():
        log.end(round_id)


def sweep() -> int:
    """The same for all, because a worker may die before it does so; how many ended."""
    running = (Action.verb == DESCRIBED.name) & (Action.status == ActionStatus.RUNNING)
    ids = [row.id for row in Action.select(Action.id).where(running).limit(1000)]
    for round_id in ids:
        settle(round_id)
    return len(ids) - Action.select().where(running & Action.id.in_(ids)).count()


# One picture of a round, whose run is taken back by itself


def move_of(image_id: str, run_id: str) -> Step | None:
    """The move to another project that a run of a round made."""
    row = ActionStep.get_or_none(_beside(image_id, run_id) & (ActionStep.kind == MOVE))
    return Step(MOVE, image_id, row.before, row.after) if row else None


def let_go(image_id: str, run_id: str) -> None:
    """Inside a transaction: a run was taken back at its picture, so its round has nothing left to take back there."""
    mine = _beside(image_id, run_id) & ActionStep.undone_at.is_null()
    ActionStep.update(undone_at=db.now_ms()).where(mine).execute()


def _beside(image_id: str, run_id: str) -> Any:
    """The steps of a picture in the round that one of its runs belongs to."""
    of_run = (ActionStep.image_id == image_id) & (ActionStep.kind == RUN) & (ActionStep.key == run_id)
    ids = [step.action_id for step in ActionStep.select(ActionStep.action_id).where(of_run)]
    return (ActionStep.image_id == image_id) & ActionStep.action_id.in_(ids)
