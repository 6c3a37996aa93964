"""What is left of an action: what was not taken back yet, and who changed that again since."""

from typing import Any

from peewee import JOIN, SQL, Select, fn

from pindeck.models import Action, ActionStep, FieldEvent, Image, User
from pindeck.services.actions.steps import RUN, WORD, Step

StepKey = tuple[str, str, str]  # of a step


def next_steps(action_id: str, after: str, count: int) -> tuple[list[Step], list[str], bool]:
    """The steps of the next `count` pictures that are not taken back yet, their ids, and whether there are more.

    What is about no picture comes with the last part. Of a run come its words, as far as they are not taken back.
    """
    mine = (ActionStep.action_id == action_id) & ActionStep.undone_at.is_null() & _is_open()
    words = (FieldEvent.action_id == action_id) & FieldEvent.undone_at.is_null()
    of_steps = ActionStep.select(ActionStep.image_id).where(mine & (ActionStep.image_id > after))
    of_words = FieldEvent.select(FieldEvent.image_id).where(words & (FieldEvent.image_id > after))
    ends = [_first(of_steps, ActionStep.image_id, "steps", count), _first(of_words, FieldEvent.image_id, "words", count)]
    both = (ends[0] | ends[1]).alias("pending")  # a union, so each picture once
    rows: Any = Image.select(both.c.image_id).from_(both).order_by(both.c.image_id).limit(count + 1).tuples()
    ids = [row[0] for row in rows]
    ids, more = ids[: count], len(ids) > count
    wanted = ids if more else [*ids, ""]
    kept = list(ActionStep.select().where(mine & ActionStep.image_id.in_(wanted)).order_by(ActionStep.id))
    runs = [row.key for row in kept if row.kind == RUN]
    steps = [Step(row.kind, row.image_id, row.before, row.after, row.key, row.id) for row in kept if row.kind != RUN]
    words = FieldEvent.action_id.in_([action_id, *runs]) & FieldEvent.undone_at.is_null()
    steps += [
        Step(WORD, row.image_id, row.old, row.new, row.field, row.id)
        for row in FieldEvent.select().where(words & FieldEvent.image_id.in_(ids)).order_by(FieldEvent.id)
    ]
    return steps, ids, more


def undone_steps(action_id: str, after: str, count: int) -> tuple[list[Step], list[str], bool]:
    """The steps of the next `count` pictures that were taken back, their ids, and whether there are more; what is about no picture
    comes first. A model's words are not among them: it is asked again."""
    mine = (ActionStep.action_id == action_id) & ActionStep.undone_at.is_null(False)
    words = (FieldEvent.action_id == action_id) & FieldEvent.undone_at.is_null(False)
    of_steps = ActionStep.select(ActionStep.image_id).where(mine & (ActionStep.image_id > after))
    of_words = FieldEvent.select(FieldEvent.image_id).where(words & (FieldEvent.image_id > after))
    both = (of_steps | of_words).alias("done")
    rows: Any = Image.select(both.c.image_id).from_(both).order_by(both.c.image_id).limit(count + 1).tuples()
    ids = [row[0] for row in rows]
    ids, more = ids[: count], len(ids) > count
    kept = ActionStep.select().where(mine & ActionStep.image_id.in_(ids if after else ["", *ids])).order_by(ActionStep.id)
    events = FieldEvent.select().where(words & FieldEvent.image_id.in_(ids)).order_by(FieldEvent.id)
    steps = [Step(row.kind, row.image_id, row.before, row.after, row.key, row.id) for row in kept]
    return [*steps, *(Step(WORD, row.image_id, row.old, row.new, row.field, row.id) for row in events)], ids, more


def _first(rows: Any, image_id: Any, name: str, count: int) -> Any:
    """As many as a part may have, and one more: along an index no more than these are read."""
    end = rows.distinct().order_by(image_id).limit(count + 1).alias(name)
    return Select([end], [end.c.image_id])


def _is_open() -> Any:
    """Of a run nothing is left when all its words are taken back."""
    words = FieldEvent.select(SQL("1")).where((FieldEvent.action_id == ActionStep.key) & FieldEvent.undone_at.is_null())
    return (ActionStep.kind != RUN) | fn.EXISTS(words)


def is_any(action_id: str) -> bool:
    """Whether something of a picture is not taken back."""
    steps = ActionStep.select(fn.COUNT(ActionStep.id)).where(
        (ActionStep.action_id == action_id) & ActionStep.undone_at.is_null() & (ActionStep.image_id != "") & _is_open()
    )
    words = FieldEvent.select(fn.COUNT(FieldEvent.id)).where(
        (FieldEvent.action_id == action_id) & FieldEvent.undone_at.is_null()
    )
    return bool(steps.scalar() or words.scalar())


def changed_since(action_id: str, steps: list[Step]) -> dict[StepKey, str]:
    """Who changed again what these steps changed, by place: the name of the last one. Two statements."""
    ids = list({step.image_id for step in steps})
    of = {step.place: step.id for step in steps}
    person = (User.name, User.email, User.role)
    found: dict[StepKey, str] = {}
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
