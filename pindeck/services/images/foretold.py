"""What a change of many pictures would do, before it is made: how many change, which are left, and why."""

from dataclasses import dataclass

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import inspector, ledger, together
from pindeck.services.images.fields import FIELDS, FieldSpec, Kept, Value
from pindeck.services.images.inspector import Changes, Inspected
from pindeck.services.images.together import How
from pindeck.vocabulary import HIDDEN_TAGS

EXAMPLES = 3
DOES = {How.ADD: "add “{}”", How.REMOVE: "remove “{}”", How.REPLACE: "becomes “{}”"}


@dataclass(frozen=True)
class Example:
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class OfField:
    """In `changes` pictures the field becomes another; in `same` ones it is so already."""

    label: str
    does: str
    changes: int
    same: int
    examples: list[Example]


@dataclass(frozen=True)
class Left:
    """A picture that is left because somebody has written in one of the fields since it was read."""

    image: Image
    field: str
    who: str


@dataclass(frozen=True)
class Foretold:
    """Of `looked` pictures, the newest of all `count`. `full` are those whose list would become too long, `released` the
    aliases of all that do not go along to another project."""

    fields: list[OfField]
    left: list[Left]
    full: int
    released: list[str]
    refused: int
    looked: int
    count: int

    @property
    def changes(self) -> bool:
        return any(each.changes for each in self.fields)


def foretell(actor: Actor, inspected: Inspected, values: dict[str, str], changes: Changes) -> Foretold:
    """A dry run with clean values. The number of statements grows with parts of 500."""
    images = inspected.images
    clean = {name: FIELDS[name].clean(value) for name, value in values.items()}
    names, since = list(clean), changes.since if changes.since is not None else inspected.seen
    kept: dict[str, dict[str, Value]] = {}
    others: dict[str, tuple[str, str]] = {}
    for at in range(0, len(images), inspector.PART):
        part = images[at : at + inspector.PART]
        kept |= ledger.values_of_many(part, names)
        others |= together.changed_since(actor.user_id, [image.id for image in part], names, since)
    left = [Left(image, FIELDS[others[image.id][0]].label, others[image.id][1]) for image in images if image.id in others]
    after = {
        image.id: together.wanted(FIELDS, clean, kept[image.id], changes.hows, is_strict=False)
        for image in images
        if image.id not in others
    }
    full = sum(1 for fields in after.values() if not fields)
    titles = {image.id: image.title for image in images}
    fields = [_of_field(FIELDS[name], changes, clean[name], titles, kept, after) for name in names]
    released = inspector.lost_with(actor, inspected.ids, values, since)
    return Foretold(fields, left, full, released, inspected.refused, len(images), inspected.count)


def _of_field(
    spec: FieldSpec,
    changes: Changes,
    value: Kept,
    titles: dict[str, str],
    kept: dict[str, dict[str, Value]],
    after: dict[str, dict[str, Kept]],
) -> OfField:
    how = together.how_of(changes.hows, spec) if spec.is_list else How.REPLACE
    does = DOES[how].format(_text(value)) if value else "becomes empty"
    moved = [i for i, fields in after.items() if fields and _differs(spec, kept[i][spec.name], fields[spec.name])]
    same = sum(1 for fields in after.values() if fields) - len(moved)
    examples = [Example(titles[i], _text(kept[i][spec.name]), _text(after[i][spec.name])) for i in moved[:EXAMPLES]]
    return OfField(spec.label, does, len(moved), same, examples)


def _differs(spec: FieldSpec, before: Value, after: Kept) -> bool:
    if spec.name == "project":  # a project is the same however its name is spelt
        return str(before or "").casefold() != str(after or "").casefold()
    return before != after


def _text(value: Kept) -> str:
    return ", ".join(each for each in value if each not in HIDDEN_TAGS) if isinstance(value, list) else str(value or "")
