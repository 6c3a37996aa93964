"""One picture or many at once: what their fields hold together, and one change for all of them as one action."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Invalid, no_image
from pindeck.models import Image
from pindeck.services.images import chosen, detail, in_use, large, ledger
from pindeck.services.images.fields import FIELDS, FieldSpec, Value
from pindeck.vocabulary import HIDDEN_TAGS

MOST = 5_000
SHOWN = 8  # values of a field, the most frequent first
PART = 500  # images that are read in one statement
ONE_EACH = "unique_tag"  # no two images have the same


@dataclass(frozen=True)
class Held:
    """A value, and how many of the pictures have it; of no value the text is empty."""

    text: str
    count: int


@dataclass(frozen=True)
class ManyField:
    """A field of many. `value` is what all have; where they differ it `is_mixed`, and `held` says what there is.

    Where a field `adds`, what is typed joins what each picture has.
    """

    name: str
    label: str
    kind: str
    value: str
    was: str  # what all have, where a person has typed something else
    is_mixed: bool
    held: list[Held]
    more: int
    options: list[str]
    placeholder: str
    adds: bool
    is_craft: bool
    error: str = ""
    new: str = ""  # a word that nobody has used, about which the person is asked

    @property
    def told(self) -> str:
        """What stands there, in words: `Film 3, Commercial 2, nothing 1`."""
        parts = [f"{each.text or 'nothing'} {each.count}" for each in self.held]
        return ", ".join(parts) + (f" and {self.more} more" if self.more else "")


@dataclass(frozen=True)
class Inspected:
    images: list[Image]
    fields: list[ManyField]

    @property
    def ids(self) -> list[str]:
        return [image.id for image in self.images]


def look_at(actor: Actor, ids: list[str]) -> Inspected:
    """What these pictures hold, of those that the actor may edit. Raises Invalid for none or too many, and NotFound
    when none of them is there. The number of statements grows with parts of 500."""
    access.require(actor, "account")
    images = _editable(actor, _checked(ids))
    if not images:
        raise no_image()
    names = [name for name in FIELDS if name != ONE_EACH]
    values: dict[str, dict[str, Value]] = {}
    for at in range(0, len(images), PART):
        values |= ledger.values_of_many(images[at : at + PART], names)
    known = detail.known_to(actor, names)
    fields = [_field(FIELDS[name], [of[name] for of in values.values()], known.get(name)) for name in names]
    return Inspected(images, fields)


def _checked(ids: list[str]) -> list[str]:
    if len(ids) > MOST:
        sentence = f"Choose at most {MOST:,} pictures at a time."
        raise Invalid(sentence, fields={"ids": sentence})
    return [each for at in range(0, max(1, len(ids)), chosen.MAX_IDS) for each in chosen.check_ids(ids[at : at + chosen.MAX_IDS])]


def _editable(actor: Actor, ids: list[str]) -> list[Image]:
    found: list[Image] = []
    for at in range(0, len(ids), PART):
        there = Image.id.in_(ids[at : at + PART]) & Image.deleted_at.is_null()
        found += [image for image in Image.select().where(there) if access.can(actor, "image.edit", image)]
    return sorted(found, key=lambda image: -image.seq)


def _field(spec: FieldSpec, values: list[Value], known: list[str] | None) -> ManyField:
    adds = spec.kind in ("tags", "terms")
    if adds:
        count = Counter(word for value in values for word in value or [] if word not in HIDDEN_TAGS)
        is_mixed = any(number < len(values) for number in count.values())
    else:
        count = Counter(value if isinstance(value, str) else "" for value in values)
        is_mixed = len(count) > 1
    held = [Held(text, number) for text, number in count.most_common(SHOWN)]
    value = "" if adds or is_mixed else next(iter(count))
    return ManyField(
        name=spec.name,
        label=spec.label,
        kind=spec.kind,
        value=value,
        was=value,
        is_mixed=is_mixed,
        held=held if adds or is_mixed else [],
        more=len(count) - len(held),
        options=known if known is not None else list(spec.suggestions),
        placeholder=spec.placeholder,
        adds=adds,
        is_craft=spec.is_craft,
    )


@dataclass(frozen=True)
class Saved:
    """What became of a change. `action_id` is that of what was written, `runs_as` that of one which a job does.

    Nothing was written where `inspected` has an error at a field.
    """

    inspected: Inspected
    labels: list[str]
    action_id: str | None = None
    runs_as: str | None = None

    @property
    def has_error(self) -> bool:
        return any(field.error for field in self.inspected.fields)


def save(actor: Actor, ids: list[str], changes: Mapping[str, str], *, confirmed: Mapping[str, str] | None = None) -> Saved:
    """Write these fields of all the pictures, as one action. A new word is written if it is the one that the person
    `confirmed` for that field; else the field asks.

    Raises NotFound or Forbidden, with nothing changed, when one of them may not be edited.
    """
    ids = _checked(ids)
    meant: dict[str, str] = {}
    wrong: dict[str, dict[str, str]] = {}
    for name, raw in changes.items():
        spec = FIELDS.get(name)
        if spec is None or name == ONE_EACH:
            continue
        try:
            meant[name], is_new = in_use.meant(actor, name, raw)
            if is_new and meant[name] != (confirmed or {}).get(name):
                wrong[name] = {"value": meant[name], "error": in_use.question(meant[name], name), "new": meant[name]}
            spec.clean(meant[name])
        except Invalid as error:
            wrong[name] = {"value": raw, "error": error.fields.get(name, error.message)}
    labels = ledger.labels(meant)
    if wrong:
        return Saved(_with(look_at(actor, ids), {**{n: {"value": v} for n, v in meant.items()}, **wrong}), labels)
    if not meant:
        return Saved(look_at(actor, ids), labels)
    if running := large.set_fields(actor, ids, meant):
        return Saved(look_at(actor, ids), labels, runs_as=running)
    action_id = ledger.set_many(actor, ids, meant)
    return Saved(look_at(actor, ids), labels, action_id)


def _with(inspected: Inspected, typed: Mapping[str, Mapping[str, str]]) -> Inspected:
    """With what the person typed still standing in the fields, and what is wrong beside it."""
    fields = [replace(field, **typed.get(field.name, {})) for field in inspected.fields]  # type: ignore[arg-type]
    return replace(inspected, fields=fields)
