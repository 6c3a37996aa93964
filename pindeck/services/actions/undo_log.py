"""An undo, written down: what came back, and the undo itself, which is an action that nobody takes back."""

from typing import Any

from peewee import Case

from pindeck.access import Actor
from pindeck.models import Action, ActionStep, FieldEvent
from pindeck.services import activity
from pindeck.services.actions.steps import WORD, Step, Taking
from pindeck.states import ActionStatus


def insert(actor: Actor, undo_id: str, action: Action, now: int, one: str | None, **columns: Any) -> None:
    """The row of an undo, and its line in the trail. `one` is the picture that it is about, if there is one alone."""
    Action.insert(
        id=undo_id, verb="undo", user_id=actor.user_id, client_id=actor.client_id, undoes_id=action.id,
        created_at=now, **columns,
    ).execute()  # fmt: skip
    activity.note(actor, "action.undo", one, action=action.id, verb=action.verb)


def mark(taking: Taking, action: Action, back: list[Step]) -> None:
    """Write down what was taken back."""
    words = [step.id for step in back if step.kind == WORD]
    others = [step.id for step in back if step.kind != WORD]
    if words:
        FieldEvent.update(undone_at=taking.now).where(FieldEvent.id.in_(words)).execute()
    if others:
        ActionStep.update(undone_at=taking.now).where(ActionStep.id.in_(others)).execute()
    images = len({step.image_id for step in back if step.image_id})
    if back:
        _count(taking, action, images)


def _count(taking: Taking, action: Action, images: int) -> None:
    """The undo is an action itself, written with its first part that took something back, or when its job was asked for."""
    wanted = Case(None, [(Action.status == ActionStatus.RUNNING, Action.total)], Action.total + images)
    grown = Action.update(done=Action.done + images, total=wanted)
    if not grown.where(Action.id == taking.undo_id).execute():
        ended = dict(status=ActionStatus.DONE, ended_at=taking.now, total=images, done=images)
        one = next(iter(taking.images), None) if action.total == 1 else None
        insert(taking.actor, taking.undo_id, action, taking.now, one, **ended)
