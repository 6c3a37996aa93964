"""Actions as people read them: the list of what can be taken back, and what an undo says."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Action, Image, User
from pindeck.services.actions import log, remaining, things, undo, verbs
from pindeck.services.actions.steps import TOLD, WORD, Left
from pindeck.services.actions.undo import Undone
from pindeck.states import ActionStatus

PAGE, FEW = 50, 4
ROWS = 24  # of an action that are looked at for its pictures; each of them may have several

# A piece for each action, because each of them stops early: an action may have thousands of rows. The index gives the
# rows of steps in this order; those of words have none, and any few of them serve.
_PIECES = (
    f"SELECT action_id, image_id FROM action_step WHERE action_id = :a%d AND image_id > '' ORDER BY image_id LIMIT {ROWS}",
    f"SELECT action_id, image_id FROM field_event WHERE action_id = :a%d LIMIT {ROWS}",
)
_ROWS = " UNION ALL ".join(
    f"SELECT * FROM ({piece % number}) AS p{number}" for number in range(PAGE) for piece in _PIECES
)


@dataclass(frozen=True)
class ActionView:
    """`images` counts its pictures, `pictures` are the first few of them that the actor may see."""

    id: str
    row: Action
    what: str
    who: str
    when: int
    images: int
    pictures: list[Image]
    is_undone: bool
    can_undo: bool
    is_running: bool = False
    reason: str = ""  # in the words of the person
    can_redo: bool = False
    thing: str = ""  # the board or the projects that it was about, by name

    @property
    def about(self) -> str | None:
        """The title of the one picture that it is about, if the actor may see it."""
        return self.pictures[0].title if self.images == 1 and self.pictures else None

    @property
    def more(self) -> int:
        """How many pictures there are besides those that are shown."""
        return self.images - len(self.pictures) if self.pictures else 0


def what_of(action: Action) -> str:
    """What an action did, as a few words."""
    fields = action.detail.get("fields") or ["the fields"]
    return verbs.words_of(action.verb).format(field=", ".join(fields))


def list_actions(
    actor: Actor, *, after: str | None = None, limit: int = PAGE, is_own: bool = False
) -> tuple[list[ActionView], str | None]:
    """What the actor did in the last 30 days, newest first, and the id to go on from; for administrators everybody's, unless
    only the own are asked for.

    At most 50 at a time, in four statements, three more where any is about a board, and one where any is about a project. Raises NotSignedIn or Forbidden.
    """
    access.require(actor, "action.view")
    recent = Action.undoes_id.is_null() & (Action.created_at >= log.oldest())
    rows = _rows(actor, is_own).where(recent).order_by(Action.id.desc()).limit(limit + 1)
    if after:
        rows = rows.where(Action.id < after)
    found = list(rows.objects())
    shown, more = found[:limit], len(found) > limit
    return _views(actor, shown), shown[-1].id if more else None


def get(actor: Actor, action_id: str) -> ActionView:
    """One of these, or an undo of one. Raises NotFound, also for one that changed nothing."""
    access.require(actor, "action.view")
    found = list(_rows(actor, False).where(Action.id == action_id).objects())
    if not found:
        raise _none()
    return _views(actor, found)[0]


def _none() -> NotFound:
    return NotFound("There is no such action.", code="ACTION_NOT_FOUND")


def _rows(actor: Actor, is_own: bool) -> Any:
    rows = Action.select(Action, User.name.alias("person"), User.email.alias("email"), User.role.alias("role"))
    own = undo.own(actor)
    return rows.join(User, JOIN.LEFT_OUTER, on=(Action.user_id == User.id)).where(
        own | Action.verb.not_in(verbs.private()) if actor.is_admin and not is_own else own
    )


def _views(actor: Actor, shown: list[Any]) -> list[ActionView]:
    pictures = _pictures(actor, [row.id for row in shown])
    redoable = _redoable(actor, [row.id for row in shown if row.status == ActionStatus.UNDONE])
    named = things.of_actions(actor, shown)
    return [_view(row, pictures[row.id], row.id in redoable, named.get(row.id, "")) for row in shown]


def _redoable(actor: Actor, ids: list[str]) -> set[str]:
    """Those that were taken back and not done again since."""
    undos = Action.select(Action.undoes_id, Action.detail).where(
        Action.undoes_id.in_(ids) & (Action.status == ActionStatus.DONE) & undo.own(actor)
    )
    return {str(row.undoes_id) for row in undos.order_by(Action.id) if not row.detail.get("redone")}


def _view(row: Any, pictures: list[Image], can_redo: bool, thing: str) -> ActionView:
    return ActionView(
        id=row.id,
        row=row,
        what=_named(row),
        who=_who(row),
        when=row.created_at,
        images=row.total,
        pictures=pictures,
        is_undone=row.status == ActionStatus.UNDONE,
        can_undo=row.status == ActionStatus.DONE and row.undoes_id is None,
        is_running=row.status == ActionStatus.RUNNING,
        reason=str(row.detail.get("reason", "")),
        can_redo=can_redo,
        thing=thing,
    )


def _who(row: Any) -> str:
    """The person, and who in Discord pressed for them."""
    person, asker = remaining.name_of(row.person, row.email, row.role), row.detail.get("discord") or {}
    return f"{person}, by {asker.get('name') or asker.get('id')} in Discord" if asker else person


def _pictures(actor: Actor, action_ids: list[str]) -> dict[str, list[Image]]:
    """By action: the first few of its pictures that the actor sees. Two statements, however many there are."""
    slots = {f"a{number}": action_id for number, action_id in enumerate(action_ids)}
    named: dict[str, set[str]] = {action_id: set() for action_id in action_ids}
    if not named:
        return {}
    for action_id, image_id in db.sql(_ROWS, **{f"a{number}": "" for number in range(PAGE)} | slots).fetchall():
        named[action_id].add(image_id)
    wanted = {image_id for ids in named.values() for image_id in ids}
    seen = Image.select().where(Image.id.in_(wanted) & access.seen(actor).expression())
    images = {image.id: image for image in seen}
    return {
        action_id: [images[image_id] for image_id in sorted(ids) if image_id in images][:FEW]
        for action_id, ids in named.items()
    }


@dataclass(frozen=True)
class Progress:
    """`told` says how far an action is that a job does, and in the end what it did."""

    verb: str
    told: str
    is_running: bool
    can_undo: bool


def progress(actor: Actor, action_id: str) -> Progress:
    """Of an action of the actor's, or of an undo. Raises NotFound, also for one that changed nothing."""
    action = Action.get_or_none(Action.id == action_id)
    if action is None or not undo.is_of(actor, action):
        raise _none()
    is_done = action.status == ActionStatus.DONE and action.undoes_id is None
    return Progress(action.verb, _told(action), action.status == ActionStatus.RUNNING, is_done)


def _told(action: Any) -> str:
    pictures = f"{action.total} {'picture' if action.total == 1 else 'pictures'}"
    if action.status == ActionStatus.RUNNING:
        at = action.done if action.undoes_id or "redoes" in action.detail else action.detail.get("at", 0)
        return f"{_named(action)}: {at} of {pictures} so far."
    return str(action.detail.get("said") or f"{_named(action)}: {pictures}.")


def _named(action: Any) -> str:
    return "Taking back" if action.undoes_id else what_of(action)


def last(actor: Actor) -> Action | None:
    """The last action of the actor that can be taken back and was not passed over."""
    if actor.user_id is None:
        return None
    mine = (Action.user_id == actor.user_id) & (Action.status == ActionStatus.DONE) & Action.undoes_id.is_null()
    recent = Action.select().where(mine & (Action.created_at >= log.oldest())).order_by(Action.id.desc())
    return next((action for action in recent.iterator() if not action.detail.get("passed")), None)


def told(undone: Undone) -> str:
    """What an undo says: what came back, and what did not and why."""
    parts = [f"Taken back: {_lower(what_of(undone.action))}."]
    if undone.left:
        parts = [f"{_lost(undone)}{'' if not undone.image_ids else ' The rest was taken back.'}"]
    return " ".join([*parts, *dict.fromkeys(undone.notices)])


def told_again(undone: Undone) -> str:
    """What a redo says: what was done again, and what was not and why."""
    if not undone.left:
        return f"Done again: {_lower(what_of(undone.action))}."
    return f"{_lost(undone, 'could not be done again')}{'' if not undone.image_ids else ' The rest was done again.'}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _lost(undone: Undone, many: str = "could not be taken back") -> str:
    """Why steps were left, in one sentence."""
    left = undone.left
    pictures = {one.step.image_id for one in left if one.step.image_id}
    reasons = list(dict.fromkeys(one.reason for one in left))
    reason = reasons[0] if len(reasons) == 1 else many
    people = list(dict.fromkeys(one.who for one in left if one.who))
    by = f" by {' and '.join(people[:3])}" if people else ""
    if not pictures:
        return f"It {reason}{by}."
    if undone.action.total == 1:
        told = next((one for one in left if one.who), left[0])
        return f"The picture {told.reason}{f' by {told.who}' if told.who else ''}.{_now(left)}"
    count = len(pictures)
    if count == 1:
        return f"One of {undone.action.total} pictures {reason}{by}."
    return f"{count} of {undone.action.total} pictures {_plural(reason)}{by}."


def _now(left: list[Left]) -> str:
    """What stands there instead, where that is a word or two."""
    for one in left:
        if isinstance(one.now, str) and one.now:
            return f" It is “{one.now[:60]}” now."
    return ""


def _plural(reason: str) -> str:
    return {"is": "are", "was": "were"}.get(reason.split()[0], reason.split()[0]) + reason[len(reason.split()[0]) :]


def details(undone: Undone) -> dict[str, object]:
    """What was left, for programs: of a word what it was before the action, and what it is now."""
    return {
        "left": [
            {
                "image": None if one.is_hidden else one.step.image_id,
                "kind": one.step.kind,
                "field": one.step.key or None,
                "reason": one.reason,
                "by": one.who,
                "before": one.step.before if one.step.kind == WORD and not one.is_hidden else None,
                "now": one.now,
            }
            for one in undone.left[:TOLD]
        ]
    }
