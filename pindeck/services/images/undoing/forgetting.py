"""Actions that are too old to be taken back are forgotten, with boards that they deleted; those that were broken off end."""

from pindeck import db
from pindeck.models import Action, Job
from pindeck.services.actions import log
from pindeck.services.boards import boards
from pindeck.services.boards.canvas import presence
from pindeck.services.boards.decks import decks
from pindeck.services.boards.storyboards import storyboards
from pindeck.services.images import round_log, undoing
from pindeck.states import ActionStatus, JobStatus

BROKEN_OFF_MS = db.HOUR_MS  # each part of an action takes seconds at most; one with a job waits for its turn


def sweep() -> int:
    """How many actions that were. What a process did before it died can be taken back from then on."""
    due = [row.id for row in Action.select(Action.id).where(Action.created_at < log.oldest()).limit(1000)]
    running = (Action.status == ActionStatus.RUNNING) & (Action.created_at < db.now_ms() - BROKEN_OFF_MS)
    running &= Action.verb != round_log.DESCRIBED.name  # it has many jobs, and may wait for tomorrow
    stopped = [row.id for row in Action.select(Action.id).where(running).limit(1000) if not _has_job(row.id)]
    if due:
        Action.delete().where(Action.id.in_(due)).execute()
    for action_id in stopped:
        undoing.break_off(action_id)
    boards.forget()
    storyboards.forget()
    decks.forget()
    presence.forget()
    return len(due) + len(stopped)


def _has_job(action_id: str) -> bool:
    alive = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING])
    return Job.select().where((Job.dedupe_key == log.job_key(action_id)) & alive).exists()
