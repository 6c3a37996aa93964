"""What an undo could not take back, because somebody changed it since: both values side by side, and a choice for each."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid
from pindeck.models import Action, FieldEvent, Image
from pindeck.services.actions import log, remaining
from pindeck.services.actions import undo as engine
from pindeck.services.actions.steps import WORD, Step
from pindeck.services.images import ledger, together
from pindeck.services.images.fields import LEDGER, Kept
from pindeck.states import ActionStatus


@dataclass(frozen=True)
class Both:
    """A field of a picture: what an undo would bring back, and what stands there now, by whom. `id` names it in a form."""

    id: int
    image: Image
    label: str
    before: str
    now: str
    who: str


@dataclass(frozen=True)
class Unsettled:
    """The conflicts of an action, of 250 pictures at a time. `seen` is where the history stood when they were read."""

    action: Action
    both: list[Both]
    seen: int


def look(actor: Actor, action_id: str) -> Unsettled:
    """Raises NotFound for an action that is not the actor's, Conflict for one that runs or is taken back."""
    action, seen = engine.find(actor, action_id), together.last_event()
    both, after, more = list[Both](), "", True
    while more and not both:
        steps, ids, more = remaining.next_steps(action.id, after, log.PART)
        after = ids[-1] if ids else after
        both = _both(actor, action, [step for step in steps if step.kind == WORD])
    return Unsettled(action, both, seen)


def look_again(actor: Actor, action_id: str) -> Unsettled | None:
    """The same after a choice; None when the action is taken back by now."""
    try:
        return look(actor, action_id)
    except Conflict:
        return None


def _both(actor: Actor, action: Action, steps: list[Step]) -> list[Both]:
    found = Image.select().where(Image.id.in_([step.image_id for step in steps]) & Image.deleted_at.is_null())
    images = {image.id: image for image in found if access.can(actor, "image.edit", image)}
    steps = [step for step in steps if step.image_id in images]
    if not steps:
        return []
    current = ledger.values_of_many(list(images.values()), list(dict.fromkeys(step.key for step in steps)))
    later = remaining.changed_since(action.id, steps)
    return [
        Both(
            step.id, images[step.image_id], LEDGER[step.key].label, _text(step.before),
            _text(current[step.image_id][step.key]), later.get(step.place, "somebody"),
        )
        for step in steps
        if step.place in later or current[step.image_id][step.key] != step.after
    ]  # fmt: skip


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def put_back(actor: Actor, action_id: str, chosen: Collection[int], *, seen: int) -> str | None:
    """Write what stood there before the action over what stands there now, where the actor chose so: an action of its own,
    which can be taken back. Raises Invalid for nothing or a strange choice, Conflict when somebody wrote there meanwhile."""
    action = engine.find(actor, action_id)
    if not chosen or len(chosen) > log.PART * 4:
        raise Invalid("Choose the values to put back.", fields={"back": "Choose the values to put back."})
    mine = (FieldEvent.action_id == action.id) & FieldEvent.undone_at.is_null()

    def work() -> str | None:
        events = list(FieldEvent.select().where(mine & FieldEvent.id.in_(list(chosen))).order_by(FieldEvent.id))
        ids = list({event.image_id for event in events})
        found = db.locked(Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq))
        images = [image for image in found if access.can(actor, "image.edit", image)]
        names = list({event.field for event in events})
        if len(events) < len(set(chosen)) or len(images) < len(ids):
            raise Conflict("Some of these values have changed. Look at them again.", code="CHANGED_SINCE")
        if together.changed_since(None, ids, names, seen):
            raise Conflict("Somebody has changed these values while you were choosing. Look at them again.", code="CHANGED_SINCE")
        wanted: dict[str, dict[str, Kept]] = {}
        for event in events:
            wanted.setdefault(event.image_id, {})[event.field] = event.old
        written = ledger.write_many(images, wanted, ledger.person(actor), db.new_id())
        FieldEvent.update(undone_at=db.now_ms()).where(FieldEvent.id.in_([event.id for event in events])).execute()
        if not remaining.is_any(action.id):
            Action.update(status=ActionStatus.UNDONE).where(Action.id == action.id).execute()
        return ledger.note(actor, ledger.REVERT, written, *names).action_id if written.image_ids else None

    return db.retried(work)
