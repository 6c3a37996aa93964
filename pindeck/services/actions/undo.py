"""The one undo: an action is taken back as far as nobody changed again since what it had changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from peewee import JOIN, Case, IntegrityError, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, ActionStep, FieldEvent, Image, User
from pindeck.services import activity
from pindeck.services.actions import log, verbs
from pindeck.services.actions.steps import WORD, Left, Step, Taking
from pindeck.states import ActionStatus


@dataclass(frozen=True)
class Inverse:
    """How steps of a kind are taken back.

    `take_back` gets all steps of a part and sets each to what was before if it is still as it was after; it returns
    those that are not. `rule` is the action of `access` that allows it. `locks` takes what has to be locked before
    the pictures are. `in_trash` says that it is about pictures in the trash as well.
    """

    take_back: Callable[[Taking, list[Step]], list[Left]]
    rule: str
    locks: Callable[[list[Step]], None] | None = None
    in_trash: bool = False


Told = Callable[[int, int], None]
Inverses = Mapping[str, Inverse]  # by kind, in the order in which they are taken back


@dataclass
class Undone:
    """`image_ids` are those of which something was taken back, `left` the steps that were not."""

    action: Action
    image_ids: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def undo(
    actor: Actor, action_id: str, inverses: Inverses, *, undo_id: str | None = None, told: Told | None = None
) -> tuple[Undone, list[str]]:
    """Take back what can be; the second value are public tokens to take away now.

    In parts of 250 pictures, each a transaction. What was broken off goes on when it is asked for again. `undo_id` is
    what `begin` gave, `told` hears after each part how many pictures are back, and how many the action had. Raises
    NotFound for an action that is not the actor's, or too old; Conflict for one that runs, or is undone already.
    """
    undone = Undone(find(actor, action_id))
    tokens: list[str] = []
    undo_id, after, is_open = undo_id or db.new_id(), "", True
    while is_open:
        part, after, is_open = _retried(partial(_part, actor, undone.action, undo_id, after, inverses))
        undone.image_ids += part.image_ids
        undone.left += part.left
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
    _insert(actor, undo_id, action, db.now_ms(), None, status=ActionStatus.RUNNING, total=action.total, done=0)
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
    if actor.user_id is not None:
        return bool(action.user_id == actor.user_id)
    return actor.client_id is not None and action.client_id == actor.client_id and action.user_id is None


@dataclass
class _Part:
    taking: Taking
    image_ids: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def _retried(work: Callable[[], Any]) -> Any:
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
    steps, ids, more = _pending(action.id, after)
    for kind, of_kind in _by_kind(steps, inverses):
        lock = inverses[kind].locks
        if lock:
            lock(of_kind)
    found = list(db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq)))
    taking = Taking(actor, undo_id, {image.id: image for image in found}, db.now_ms())
    part, later = _Part(taking), _later(action.id, steps)
    back: list[Step] = []
    pictured = [step for step in steps if step.image_id]
    for kind, of_kind in _by_kind(pictured, inverses):
        open_steps, left = _open(taking, inverses[kind], of_kind, later)
        left += inverses[kind].take_back(taking, open_steps) if open_steps else []
        kept = {one.step.place for one in left}
        back += [step for step in open_steps if step.place not in kept]
        part.left += left
    part.image_ids = sorted({step.image_id for step in back if step.image_id})
    _mark(taking, action, back)
    if not more and not _is_pending(action.id):
        _finish(taking, action, [step for step in steps if not step.image_id], inverses)
    return part, ids[-1] if ids else "", more


def _by_kind(steps: list[Step], inverses: Inverses) -> list[tuple[str, list[Step]]]:
    """In the order in which the kinds are declared. Raises KeyError for a kind that nobody takes back: a mistake."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.kind, []).append(step)
    order = list(inverses)
    return sorted(found.items(), key=lambda each: order.index(each[0]))


def _pending(action_id: str, after: str) -> tuple[list[Step], list[str], bool]:
    """The steps of the next pictures that are not taken back yet, their ids, and whether there are more.

    What is about no picture comes with the last part.
    """
    mine = (ActionStep.action_id == action_id) & ActionStep.undone_at.is_null()
    words = (FieldEvent.action_id == action_id) & FieldEvent.undone_at.is_null()
    of_steps = ActionStep.select(ActionStep.image_id).where(mine & (ActionStep.image_id > after))
    of_words = FieldEvent.select(FieldEvent.image_id).where(words & (FieldEvent.image_id > after))
    both = (of_steps | of_words).alias("pending")  # a union, so each picture once
    rows: Any = Image.select(both.c.image_id).from_(both).order_by(both.c.image_id).limit(log.PART + 1).tuples()
    ids = [row[0] for row in rows]
    ids, more = ids[: log.PART], len(ids) > log.PART
    wanted = ids if more else [*ids, ""]
    steps = [
        Step(row.kind, row.image_id, row.before, row.after, row.key, row.id)
        for row in ActionStep.select().where(mine & ActionStep.image_id.in_(wanted)).order_by(ActionStep.id)
    ]
    steps += [
        Step(WORD, row.image_id, row.old, row.new, row.field, row.id)
        for row in FieldEvent.select().where(words & FieldEvent.image_id.in_(ids)).order_by(FieldEvent.id)
    ]
    return steps, ids, more


def _later(action_id: str, steps: list[Step]) -> dict[tuple[str, str, str], str]:
    """Who changed again what these steps changed, by place: the name of the last one. Two statements."""
    ids = list({step.image_id for step in steps})
    of = {step.place: step.id for step in steps}
    person = (User.name, User.email, User.role)
    found: dict[tuple[str, str, str], str] = {}
    rows: Any = (
        ActionStep.select(ActionStep.id, ActionStep.image_id, ActionStep.kind, ActionStep.key, *person)
        .join(Action, on=(ActionStep.action_id == Action.id))
        .join(User, JOIN.LEFT_OUTER, on=(Action.user_id == User.id))
        .where(ActionStep.image_id.in_(ids) & ActionStep.undone_at.is_null() & (ActionStep.action_id != action_id))
        .order_by(ActionStep.id)
        .tuples()
    )
    for step_id, image_id, kind, key, *named in rows:
        place = (image_id, kind, key)
        if place in of and step_id > of[place]:
            found[place] = name_of(*named)
    rows = (
        FieldEvent.select(FieldEvent.id, FieldEvent.image_id, FieldEvent.field, *person)
        .join(User, JOIN.LEFT_OUTER, on=(FieldEvent.user_id == User.id))
        .where(FieldEvent.image_id.in_(ids) & FieldEvent.undone_at.is_null() & (FieldEvent.action_id != action_id))
        .order_by(FieldEvent.id)
        .tuples()
    )
    for event_id, image_id, name, *named in rows:
        place = (image_id, WORD, name)
        if place in of and event_id > of[place]:
            found[place] = name_of(*named)
    return found


def name_of(name: str | None, email: str | None, role: str | None) -> str:
    """How a person is called in a sentence; a program without one is a program."""
    if role is None:
        return "a program"
    return User(name=name or "", email=email, role=role).display_name


def _open(
    taking: Taking, inverse: Inverse, steps: list[Step], later: dict[tuple[str, str, str], str]
) -> tuple[list[Step], list[Left]]:
    """The steps that may be taken back, and those that may not."""
    open_steps, left = [], []
    for step in steps:
        image = taking.images.get(step.image_id)
        if image is None or not access.sees(taking.actor, image):
            left.append(Left(step, "is not there any more"))
        elif not access.can(taking.actor, inverse.rule, image):
            left.append(Left(step, "may not be changed by you any more"))
        elif step.place in later:
            left.append(Left(step, "was changed since", later[step.place]))
        elif image.is_trashed and not inverse.in_trash:
            left.append(Left(step, "is in the trash"))
        else:
            open_steps.append(step)
    return open_steps, left


def _mark(taking: Taking, action: Action, back: list[Step]) -> None:
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


def _finish(taking: Taking, action: Action, made: list[Step], inverses: Inverses) -> None:
    """All of its pictures are as they were: what the action made goes, too, and the action is undone."""
    for kind, of_kind in _by_kind(made, inverses):
        inverses[kind].take_back(taking, of_kind)
    ActionStep.update(undone_at=taking.now).where(ActionStep.id.in_([step.id for step in made])).execute()
    Action.update(status=ActionStatus.UNDONE, ended_at=taking.now).where(Action.id == action.id).execute()


def _count(taking: Taking, action: Action, images: int) -> None:
    """The undo is an action itself, written with its first part that took something back, or when its job was asked for."""
    wanted = Case(None, [(Action.status == ActionStatus.RUNNING, Action.total)], Action.total + images)
    grown = Action.update(done=Action.done + images, total=wanted)
    if not grown.where(Action.id == taking.undo_id).execute():
        ended = dict(status=ActionStatus.DONE, ended_at=taking.now, total=images, done=images)
        one = next(iter(taking.images), None) if action.total == 1 else None
        _insert(taking.actor, taking.undo_id, action, taking.now, one, **ended)


def _insert(actor: Actor, undo_id: str, action: Action, now: int, one: str | None, **columns: Any) -> None:
    Action.insert(
        id=undo_id, verb="undo", user_id=actor.user_id, client_id=actor.client_id, undoes_id=action.id,
        created_at=now, **columns,
    ).execute()  # fmt: skip
    activity.note(actor, "action.undo", one, action=action.id, verb=action.verb)


def _is_pending(action_id: str) -> bool:
    """Whether something of a picture is not taken back."""
    steps = ActionStep.select(fn.COUNT(ActionStep.id)).where(
        (ActionStep.action_id == action_id) & ActionStep.undone_at.is_null() & (ActionStep.image_id != "")
    )
    words = FieldEvent.select(fn.COUNT(FieldEvent.id)).where(
        (FieldEvent.action_id == action_id) & FieldEvent.undone_at.is_null()
    )
    return bool(steps.scalar() or words.scalar())
