"""Words as they were: the ledger tells what they were, and writes down that they came back."""

from dataclasses import replace

from pindeck.models import FieldEvent, Image
from pindeck.services.actions.steps import TOLD, WORD, Left, Step, Taking
from pindeck.services.images import ledger, word_store
from pindeck.services.images.fields import Kept, tags_in
from pindeck.states import ImageStatus, WriterKind


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The project came back with its move, before this: its event is only written down here."""
    images = [taking.images[image_id] for image_id in dict.fromkeys(step.image_id for step in steps)]
    current = ledger.values_of_many(images, list(dict.fromkeys(step.key for step in steps)))
    taken, staying = _taken_unique_ids(steps), set[int]() if taking.again else _staying_unique_ids(taking, steps)
    back, left = [], []
    for step in steps:
        now = current[step.image_id][step.key]
        if _plain(step.key, now) != _plain(step.key, step.before if step.key == "project" else step.after):
            left.append(Left(step, "has been changed since", now=_shown(now)))
        elif step.id in staying:
            left.append(Left(step, "has been changed since"))
        elif step.key == "unique_tag" and step.before in taken:
            left.append(Left(step, "had a unique id that another picture has now", now=step.before))
        else:
            back.append(step)
    _write(taking, images, back)
    return left


def _taken_unique_ids(steps: list[Step]) -> set[str]:
    wanted = [step.before for step in steps if step.key == "unique_tag" and step.before]
    if not wanted:
        return set()
    return {str(image.unique_tag) for image in Image.select(Image.unique_tag).where(Image.unique_tag.in_(wanted))}


def _staying_unique_ids(taking: Taking, steps: list[Step]) -> set[int]:
    """The steps that gave an id to a picture when it became part of the library, where it stays now.

    Its status was taken back before this, unless somebody changed that since.
    """
    given = [
        step.id
        for step in steps
        if step.key == "unique_tag" and taking.images[step.image_id].status in (ImageStatus.ACTIVE, ImageStatus.BROKEN)
    ]
    if not given:
        return set()
    by_rule = FieldEvent.id.in_(given) & (FieldEvent.writer == WriterKind.RULE)
    return {event.id for event in FieldEvent.select(FieldEvent.id).where(by_rule)}


def _write(taking: Taking, images: list[Image], steps: list[Step]) -> None:
    changed: dict[str, dict[str, Kept]] = {}
    for step in steps:
        if step.key != "project":
            changed.setdefault(step.image_id, {})[step.key] = _plain(step.key, step.before)
    touched = [image for image in images if image.id in changed]
    if touched:
        word_store.put(touched, changed)
    writer = ledger.person(taking.actor)
    rows = [
        ledger.row(
            step.image_id, step.key, step.after, step.before, writer, taking.undo_id, taking.now,
            None if taking.again else step.id,
        )
        for step in steps
    ]  # fmt: skip
    ledger.insert(rows if taking.again else [{**row, "undone_at": taking.now} for row in rows])


def _plain(key: str, value: Kept) -> Kept:
    """Tags as they are kept today: the history also knows older spellings of them."""
    return tags_in(value) if key == "tags" and isinstance(value, list) else value


def _shown(value: Kept) -> str | None:
    """What a sentence can quote."""
    return value if isinstance(value, str) else ", ".join(value) if isinstance(value, list) else None


def with_values(left: list[Left]) -> list[Left]:
    """The first of those that somebody has changed since, with what stands there now."""
    mute = [one for one in left[:TOLD] if one.step.kind == WORD and one.who and one.now is None]
    if not mute:
        return left
    images = list(Image.select().where(Image.id.in_([one.step.image_id for one in mute])))
    current = ledger.values_of_many(images, list(dict.fromkeys(one.step.key for one in mute)))
    return [replace(one, now=_shown(current.get(one.step.image_id, {}).get(one.step.key))) if one in mute else one for one in left]
