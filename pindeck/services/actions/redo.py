"""Redo: an action that was taken back is done again, as far as everything is still as the undo left it. What is done again is
an action like any other, which can be taken back."""

from collections.abc import Callable, Mapping
from functools import partial

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, Image
from pindeck.services import activity
from pindeck.services.actions import log, remaining, things, undo
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.undo import Inverses, Told, Undone
from pindeck.states import ActionStatus

# What does steps of a kind again: those that it left, and the steps of the new action.
Again = Callable[[Taking, list[Step]], tuple[list[Left], list[Step]]]
Agains = Mapping[str, Again]  # by kind, in the order in which they are done
OWN = ("fields", "reason", *things.DETAIL)  # of the detail of an action, what a new one keeps


def last(actor: Actor) -> Action | None:
    """The actor's last undo whose action was not done again; None when the actor has done something new since."""
    if actor.user_id is None:
        return None
    mine = (Action.user_id == actor.user_id) & (Action.created_at >= log.oldest())
    for action in Action.select().where(mine).order_by(Action.id.desc()).iterator():
        if action.undoes_id is None and "redoes" not in action.detail:
            return None
        if action.undoes_id and action.status == ActionStatus.DONE and not action.detail.get("redone"):
            return action  # type: ignore[no-any-return]
    return None


def undo_of(actor: Actor, action_id: str) -> str:
    """The last undo of an action. Raises NotFound."""
    undos = Action.select().where((Action.undoes_id == action_id) & undo.own(actor))
    found = undos.order_by(Action.id.desc()).first()
    if found is None:
        raise NotFound("There is nothing to do again.", code="ACTION_NOT_FOUND")
    return str(found.id)


def begin(actor: Actor, undo_id: str) -> Action:
    """Inside a transaction: the action that does again what this undo took back; it runs from now on.

    Raises NotFound for an undo that is not the actor's or too old, Conflict for one whose action was done again.
    """
    taken = db.locked(Action.select().where(Action.id == undo_id)).get_or_none()
    if taken is None or not taken.undoes_id or not undo.is_of(actor, taken) or taken.created_at < log.oldest():
        raise NotFound("There is nothing to do again.", code="ACTION_NOT_FOUND")
    first = Action.get_or_none(Action.id == taken.undoes_id)
    if first is None or not undo.is_of(actor, first):
        raise NotFound("There is nothing to do again.", code="ACTION_NOT_FOUND")
    if taken.status == ActionStatus.RUNNING:
        raise Conflict("This is still being taken back. Do it again when that has ended.", code="ACTION_RUNNING")
    if taken.detail.get("redone"):
        raise Conflict("This was done again already.", code="ALREADY_REDONE")
    detail = {name: first.detail[name] for name in OWN if name in first.detail}
    if "after" in taken.detail:  # where an attempt that was broken off stopped
        detail["after"] = taken.detail["after"]
    made = Action.create(
        id=db.new_id(), verb=first.verb, user_id=actor.user_id, client_id=actor.client_id, status=ActionStatus.RUNNING,
        total=taken.total, done=0, detail={**detail, "redoes": first.id}, created_at=db.now_ms(),
    )  # fmt: skip
    Action.update(detail={**taken.detail, "redone": made.id}).where(Action.id == taken.id).execute()
    activity.note(actor, "action.redo", action=first.id, verb=first.verb)
    return made


def reopen(action_id: str) -> None:
    """Inside a transaction: if this redo still runs it was broken off, so its undo can be done again from there. One that has
    come to its end stays done, whether or not it could do anything."""
    running = (Action.id == action_id) & (Action.status == ActionStatus.RUNNING)
    made = db.locked(Action.select().where(running)).get_or_none()
    if made is None or "redoes" not in made.detail or made.detail.get("all"):
        return
    for taken in db.locked(Action.select().where(Action.undoes_id == made.detail["redoes"])):
        if taken.detail.get("redone") == made.id:
            kept = {name: value for name, value in taken.detail.items() if name != "redone"}
            Action.update(detail={**kept, "after": made.detail.get("after", "")}).where(Action.id == taken.id).execute()


def go_on(actor: Actor, action_id: str, inverses: Inverses, agains: Agains, told: Told | None = None) -> tuple[Undone, list[str]]:
    """The parts that are left, each a transaction, and the end; what was done, and public tokens to take away.

    May run again after a death: the action's row says after which picture the next part begins.
    """
    undone, tokens = Undone(Action.get_by_id(action_id)), list[str]()
    while (part := undo.retried(partial(_part, actor, action_id, inverses, agains))) is not None:
        taking, left, image_ids, others = part
        undone.image_ids += image_ids
        undone.left += left
        undone.others |= others
        tokens += taking.tokens
        if told:
            told(len(undone.image_ids), max(1, undone.action.total))
    log.end(action_id)
    return undone, tokens


def _part(
    actor: Actor, action_id: str, inverses: Inverses, agains: Agains
) -> tuple[Taking, list[Left], list[str], bool] | None:
    """Inside a transaction."""
    running = (Action.id == action_id) & (Action.status == ActionStatus.RUNNING)
    action = db.locked(Action.select().where(running)).get_or_none()
    if action is None or action.detail.get("all"):
        return None
    after = action.detail.get("after", "")
    steps, ids, more = remaining.undone_steps(action.detail["redoes"], after, log.slice_size(action.total))
    of_kind = {kind: [step for step in steps if step.kind == kind] for kind in dict.fromkeys(step.kind for step in steps)}
    for kind, some in of_kind.items():
        if lock := inverses[kind].locks:
            lock(some)
    found = list(db.locked(Image.select().where(Image.id.in_(ids)).order_by(Image.seq)))
    taking = Taking(actor, action_id, {image.id: image for image in found}, db.now_ms(), again=True)
    left: list[Left] = []
    done: list[Step] = []
    for kind in sorted(of_kind, key=list(agains).index):
        pictured = [step for step in of_kind[kind] if step.image_id]
        fit, unfit = undo.open_steps(taking, inverses[kind], pictured, {})
        fit += [step for step in of_kind[kind] if not step.image_id]
        stay, kept = agains[kind](taking, fit) if fit else ([], [])
        places = {one.step.place for one in stay}
        done += [step for step in fit if step.place not in places]
        left += [*unfit, *stay]
        log.keep(action_id, kept)
    image_ids = sorted({step.image_id for step in done if step.image_id})
    detail = {**action.detail, "after": ids[-1] if ids else after, "all": not more}
    Action.update(done=Action.done + len(image_ids), detail=detail).where(Action.id == action_id).execute()
    named = [undo.as_known_to(actor, taking.images.get(one.step.image_id), one) for one in left]
    return taking, named, image_ids, any(not step.image_id for step in done)
