"""The one undo: an action is taken back as far as nobody changed again since what it had changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from peewee import IntegrityError

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, Image
from pindeck.services.actions import log, remaining, undo_log, verbs
from pindeck.services.actions.remaining import StepKey
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.states import ActionStatus


@dataclass(frozen=True)
class Inverse:
    """How steps of a kind are taken back.

    `take_back` gets all steps of a part and sets each to what was before if it is still as it was after; it returns
    those that are not. `rule` is the action of `access` that allows it. `locks` takes what has to be locked before
    the pictures are. `in_trash` says that it is about pictures in the trash as well. `is_owed` tells of a step, among
    the others, whether it took something from its picture that has to be given back whoever sees the picture.
    """

    take_back: Callable[[Taking, list[Step]], list[Left]]
    rule: str
    locks: Callable[[list[Step]], None] | None = None
    in_trash: bool = False
    is_owed: Callable[[Actor, Step, list[Step]], bool] = lambda actor, step, steps: False


Told = Callable[[int, int], None]
Inverses = Mapping[str, Inverse]  # by kind, in the order in which they are taken back


@dataclass
class Undone:
    """`image_ids` are those of which something was taken back, `left` the steps that were not. `others` says that
    something was taken back that is about no picture."""

    action: Action
    image_ids: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    others: bool = False


def undo(
    actor: Actor, action_id: str, inverses: Inverses, *, undo_id: str | None = None, told: Told | None = None
) -> tuple[Undone, list[str]]:
    """Take back what can be; the second value are public tokens to take away now.

    Up to 250 pictures in one transaction, more in slices. What was broken off goes on when it is asked for again. `undo_id` is
    what `begin` gave, `told` hears after each part how many pictures are back, and how many the action had. Raises
    NotFound for an action that is not the actor's, or too old; Conflict for one that runs, or is undone already.
    """
    undone = Undone(find(actor, action_id))
    tokens: list[str] = []
    undo_id, after, is_open = undo_id or db.new_id(), "", True
    while is_open:
        part, after, is_open = retried(partial(_part, actor, undone.action, undo_id, after, inverses))
        undone.image_ids += part.image_ids
        undone.left += part.left
        undone.others |= part.others
        undone.notices += part.taking.notices
        tokens += part.taking.tokens
        if told:
            told(len(undone.image_ids), max(1, undone.action.total))
    return undone, tokens


def begin(actor: Actor, action_id: str) -> str:
    """Inside a transaction: an undo that runs from now on, for a job to do; its id. Raises as `undo` does."""
    db.locked(Action.select().where(Action.id == action_id)).get_or_none()
    action = find(actor, action_id)
    running = (Action.undoes_id == action.id) & (Action.status == ActionStatus.RUNNING)
    if Action.select().where(running).exists():
        raise Conflict("This is being taken back already.", code="ACTION_RUNNING")
    undo_id = db.new_id()
    undo_log.insert(
        actor, undo_id, action, db.now_ms(), None, status=ActionStatus.RUNNING, total=action.total, done=0
    )
    return undo_id


def find(actor: Actor, action_id: str) -> Action:
    """An action that the actor may take back. Raises NotFound or Conflict."""
    action = Action.get_or_none(Action.id == action_id)
    if action is None or not is_of(actor, action) or action.undoes_id or action.created_at < log.oldest():
        raise NotFound("There is nothing to take back.", code="ACTION_NOT_FOUND")
    if action.status == ActionStatus.RUNNING:
        raise Conflict("This action is still running. Take it back when it has ended.", code="ACTION_RUNNING")
    if action.status == ActionStatus.UNDONE:
        raise Conflict("This was taken back already.", code="ALREADY_UNDONE")
    return action  # type: ignore[no-any-return]


def is_of(actor: Actor, action: Action) -> bool:
    """Whether an action is the actor's own. An administrator may take back what anybody did, save what is private."""
    if actor.is_admin and action.verb not in verbs.private():
        return True
    mine = action.user_id == actor.user_id
    if actor.user_id is None or actor.project_id is not None:  # behind the wall of a project stands what its key did
        mine &= actor.client_id is not None and action.client_id == actor.client_id
    return bool(mine)


def own(actor: Actor) -> Any:
    """The condition of the actions that are the actor's own, as `is_of` says it of one."""
    mine = Action.user_id.is_null() if actor.user_id is None else Action.user_id == actor.user_id
    if actor.user_id is None or actor.project_id is not None:
        mine &= Action.client_id == actor.client_id
    return mine


@dataclass
class _Part:
    taking: Taking
    image_ids: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    others: bool = False


def retried(work: Callable[[], Any]) -> Any:
    """Once more when a name or a unique id was taken in the same moment: then it is seen."""
    for attempt in range(1, db.ATTEMPTS + 1):
        try:
            return db.retried(work)
        except IntegrityError:
            if attempt == db.ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _part(actor: Actor, action: Action, undo_id: str, after: str, inverses: Inverses) -> tuple[_Part, str, bool]:
    """Inside a transaction: the pictures after one. What was done, the last of them, and whether more follow."""
    locked = db.locked(Action.select().where(Action.id == action.id)).get_or_none()
    if locked is None or locked.status != ActionStatus.DONE:
        raise Conflict("This was taken back already.", code="ALREADY_UNDONE")
    steps, ids, more = remaining.next_steps(action.id, after, log.slice_size(action.total))
    for kind, of_kind in _by_kind(steps, inverses):
        lock = inverses[kind].locks
        if lock:
            lock(of_kind)
    found = list(db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq)))
    taking = Taking(actor, undo_id, {image.id: image for image in found}, db.now_ms())
    part, later = _Part(taking), remaining.changed_since(action.id, steps)
    back: list[Step] = []
    pictured = [step for step in steps if step.image_id]
    for kind, of_kind in _by_kind(pictured, inverses):
        fit, left = open_steps(taking, inverses[kind], of_kind, later)
        left += inverses[kind].take_back(taking, fit) if fit else []
        kept = {one.step.place for one in left}
        back += [step for step in fit if step.place not in kept]
        part.left += [as_known_to(actor, taking.images.get(one.step.image_id), one) for one in left]
    part.image_ids = sorted({step.image_id for step in back if step.image_id})
    undo_log.mark(taking, action, back)
    if not more and not remaining.is_any(action.id):
        made = [step for step in steps if not step.image_id]
        left = _finish(taking, action, made, inverses)
        part.left += left
        part.others = len(left) < len(made)
    return part, ids[-1] if ids else "", more


def _by_kind(steps: list[Step], inverses: Inverses) -> list[tuple[str, list[Step]]]:
    """In the order in which the kinds are declared. Raises KeyError for a kind that nobody takes back: a mistake."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.kind, []).append(step)
    order = list(inverses)
    return sorted(found.items(), key=lambda each: order.index(each[0]))


def open_steps(
    taking: Taking, inverse: Inverse, steps: list[Step], later: dict[StepKey, str]
) -> tuple[list[Step], list[Left]]:
    """The steps that may be taken back, and those that may not."""
    fit, left = [], []
    for step in steps:
        image, owed = taking.images.get(step.image_id), inverse.is_owed(taking.actor, step, steps)
        if image is None or not (owed or access.sees(taking.actor, image)):
            left.append(Left(step, "is no longer there"))
        elif not (owed or access.can(taking.actor, inverse.rule, image)):
            left.append(Left(step, "can no longer be changed by you"))
        elif step.place in later:
            left.append(Left(step, "has been changed since", later[step.place]))
        elif image.is_trashed and not inverse.in_trash:
            left.append(Left(step, "is in the trash"))
        else:
            fit.append(step)
    return fit, left


def as_known_to(actor: Actor, image: Image | None, one: Left) -> Left:
    """What stands in a picture, and who put it there, is for those who see the picture."""
    return one if image is None or access.sees(actor, image) else replace(one, who=None, now=None, is_hidden=True)


def _finish(taking: Taking, action: Action, made: list[Step], inverses: Inverses) -> list[Left]:
    """All of its pictures are as they were: what the action made or decided besides goes, too, and the action is undone,
    unless some of that stays."""
    left = [one for kind, of_kind in _by_kind(made, inverses) for one in inverses[kind].take_back(taking, of_kind)]
    kept = {one.step.place for one in left}
    undo_log.mark(taking, action, [step for step in made if step.place not in kept])
    if left:
        return left
    Action.update(status=ActionStatus.UNDONE, ended_at=taking.now).where(Action.id == action.id).execute()
    return []
