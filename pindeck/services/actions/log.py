"""Write down what somebody does, in the transaction that does it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from peewee import chunked, fn

from pindeck import db
from pindeck.models import Action, ActionStep
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb
from pindeck.states import ActionStatus

PART = 250  # pictures that are changed at once, and in one statement: far from what either engine takes at most
SLICE = 100  # in one transaction of an act on more: others who write to SQLite wait for that long

DAYS = 30  # for so long an action can be taken back


def oldest() -> int:
    """The moment (ms) before which actions are forgotten."""
    return db.now_ms() - DAYS * db.DAY_MS


def slice_size(images: int | None = None) -> int:
    """How many pictures are changed in one transaction, of an act on so many: all up to 250, else a slice."""
    return PART if images is not None and images <= PART else min(SLICE, PART)


class Who(Protocol):
    """A person, the program that acts for one, or a program by itself."""

    @property
    def user_id(self) -> str | None: ...
    @property
    def client_id(self) -> str | None: ...


def record(
    who: Who, verb: Verb, steps: Sequence[Step], *, images: int, action_id: str | None = None, **detail: Any
) -> str:
    """Inside a transaction: an action that is done with it, in two statements; its id.

    `images` is how many pictures it changed. Steps of words are written by the ledger, under the same `action_id`.
    """
    now, action_id = db.now_ms(), action_id or db.new_id()
    _insert(who, verb, action_id, detail, status=ActionStatus.DONE, total=images, done=images, at=now, ended_at=now)
    keep(action_id, steps)
    return action_id


def begin(who: Who, verb: Verb, *, images: int, action_id: str | None = None, **detail: Any) -> str:
    """Inside a transaction: an action of several transactions. It runs until `end`, and cannot be undone before."""
    action_id = action_id or db.new_id()
    _insert(who, verb, action_id, detail, status=ActionStatus.RUNNING, total=images, done=0, at=db.now_ms())
    return action_id


def add(action_id: str, steps: Iterable[Step], *, images: int) -> None:
    """Inside a transaction: the next part of an action that runs."""
    Action.update(done=Action.done + images).where(Action.id == action_id).execute()
    keep(action_id, steps)


def tell(action_id: str, **detail: Any) -> None:
    """Say more of an action, which may run meanwhile, and may be gone where it changed nothing."""
    with db.writing():
        action = db.locked(Action.select().where(Action.id == action_id)).get_or_none()
        if action is not None:
            Action.update(detail={**action.detail, **detail}).where(Action.id == action_id).execute()


def go_on(action_id: str, ids: Sequence[str], work: "Work", told: Callable[[int, int], None]) -> None:
    """Do the slices that are left of an action that a job does, each in a transaction, and end it.

    May run again after a death, or twice at once: the action's row says where the next slice begins.
    """
    while (at := db.retried(partial(_following, action_id, ids, work))) is not None:
        told(at, len(ids))
    end(action_id)


def _following(action_id: str, ids: Sequence[str], work: "Work") -> int | None:
    """Inside a transaction: the next slice; where the one after it begins, or None when all are done."""
    action = db.locked(Action.select().where(_running(action_id))).get_or_none()
    if action is None:
        return None
    at = action.detail.get("at", 0)
    part = list(ids[at : at + slice_size()])
    if not part:
        return None
    steps, images = work(part, action_id)
    add(action_id, steps, images=images)
    Action.update(detail={**action.detail, "at": at + len(part)}).where(Action.id == action_id).execute()
    return at + len(part)


def job_key(action_id: str) -> str:
    """What the job of an action is known by in the list of work."""
    return f"action:{action_id}"


def _running(action_id: str) -> Any:
    return (Action.id == action_id) & (Action.status == ActionStatus.RUNNING)


def end(action_id: str, *, said: str | None = None) -> None:
    """The last part is written. An action that changed and decided nothing is forgotten, unless something is `said` of it."""
    with db.writing():
        action = db.locked(Action.select().where(_running(action_id))).get_or_none()
        if action is not None and said is not None:
            Action.update(detail={**action.detail, "said": said}).where(Action.id == action_id).execute()
        mine = _running(action_id)
        if said is None:
            kept = ActionStep.select(ActionStep.id).where(ActionStep.action_id == action_id)
            Action.delete().where(mine & (Action.done == 0) & ~fn.EXISTS(kept)).execute()
        Action.update(status=ActionStatus.DONE, total=Action.done, ended_at=db.now_ms()).where(mine).execute()


def _insert(who: Who, verb: Verb, action_id: str, detail: Any, *, at: int, **columns: Any) -> None:
    asker = getattr(who, "asked_by", None)
    if asker is not None:  # somebody in Discord made the person or program act
        detail = {**detail, "discord": asker._asdict()}
    Action.insert(
        id=action_id, verb=verb.name, user_id=who.user_id, client_id=who.client_id, detail=detail, created_at=at, **columns
    ).execute()


def keep(action_id: str, steps: Iterable[Step]) -> None:
    rows = [
        dict(
            action_id=action_id,
            image_id=step.image_id,
            kind=step.kind,
            key=step.key,
            before=step.before,
            after=step.after,
        )
        for step in steps
    ]
    db.insert_rows(ActionStep, rows)


def pass_over(action: Action) -> None:
    """It could not be taken back when it was the last one: from now on the one before it is. Its own undo is open."""
    Action.update(detail={**action.detail, "passed": True}).where(Action.id == action.id).execute()


def forget(image_id: str) -> None:
    """Inside the transaction that deletes an image for good: what the log keeps of it goes, too."""
    ActionStep.delete().where(ActionStep.image_id == image_id).execute()


Work = Callable[[list[str], str], tuple[list[Step], int]]


def in_parts(who: Who, verb: Verb, ids: Sequence[str], work: Work, **detail: Any) -> str | None:
    """Do something with many pictures: at once up to 250 of them, more in slices. The id, if anything changed.

    `work` gets the ids of a slice and the action's, inside the slice's transaction, which may begin again; it returns
    the steps, and how many pictures changed.
    """
    if len(ids) <= PART:
        return db.retried(lambda: _at_once(who, verb, list(ids), work, detail))
    with db.writing():
        action_id = begin(who, verb, images=len(ids), **detail)
    try:
        for part in chunked(ids, slice_size()):
            db.retried(partial(_next, action_id, list(part), work))
    finally:
        end(action_id)  # what was done before something failed can be taken back
    return action_id if Action.select().where(Action.id == action_id).exists() else None


def _at_once(who: Who, verb: Verb, ids: list[str], work: Work, detail: dict[str, Any]) -> str | None:
    action_id = db.new_id()
    steps, images = work(ids, action_id)
    return record(who, verb, steps, images=images, action_id=action_id, **detail) if images else None


def _next(action_id: str, ids: list[str], work: Work) -> None:
    steps, images = work(ids, action_id)
    add(action_id, steps, images=images)
