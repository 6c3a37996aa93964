"""One picture or many at once: what their fields hold together, and one change for all of them as one action."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import Invalid, no_image
from pindeck.models import Image
from pindeck.services.actions import log
from pindeck.services.images import chosen, detail, in_use, large, ledger, moving, names, project_words, together
from pindeck.services.images.fields import FIELDS, FieldSpec, Value
from pindeck.vocabulary import HIDDEN_TAGS

MOST = 10_000  # that may be named by their ids
LOOKED = 1_000  # pictures whose values are read, newest first
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

    Where a field `adds`, what is typed joins what each picture has, leaves it or takes its place, as `how` says. Where it
    `can_clear`, nothing can be written over what differs.
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
    can_clear: bool
    how: str = together.How.ADD
    is_cleared: bool = False
    error: str = ""
    new: str = ""  # a word that nobody has used, about which the person is asked
    confirmed: str = ""  # one that the person has confirmed, and that is not written yet

    @property
    def told(self) -> str:
        """What stands there, in words: `Film 3, Commercial 2, nothing 1`."""
        parts = [f"{each.text or 'nothing'} {each.count}" for each in self.held]
        return ", ".join(parts) + (f" and {self.more} more" if self.more else "")


@dataclass(frozen=True)
class Inspected:
    """`count` pictures are meant; the values are those of `images`, the newest of them. `seen` is where the history stood
    when they were read; `refused` pictures were meant besides, which the actor may not edit."""

    images: list[Image]
    fields: list[ManyField]
    ids: list[str]
    seen: int
    refused: int = 0

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Changes:
    """What a person wrote into the fields: the text of each, what becomes of lists (`hows`), where the history stood when
    they were read (`since`), the new words they `confirmed`, and the aliases that they know to be `released`."""

    texts: Mapping[str, str]
    hows: Mapping[str, str] = field(default_factory=dict)
    since: int | None = None
    confirmed: Mapping[str, str] = field(default_factory=dict)
    released: frozenset[str] = frozenset()


def look_at(actor: Actor, ids: list[str]) -> Inspected:
    """What these pictures hold, of those that the actor may edit. Raises Invalid for none or too many, and NotFound
    when none of them is there. The number of statements grows with parts of 500, and not beyond 1,000 pictures."""
    access.require(actor, "library.bulk")
    seen, wanted = together.last_event(), checked(ids)
    mine = editable(actor, wanted)
    if not mine:
        raise no_image()
    return _looked_at(actor, mine, seen, refused=len(wanted) - len(mine))


def look_at_all(actor: Actor, ids: list[str], *, refused: int = 0) -> Inspected:
    """The same of any number of pictures that somebody found for the actor, who may edit them. Raises NotFound for none."""
    access.require(actor, "library.bulk")
    seen = together.last_event()
    if not ids:
        raise no_image()
    images = editable(actor, ids[:LOOKED])
    return replace(_looked_at(actor, images, seen, refused=refused), ids=ids)


def _looked_at(actor: Actor, images: list[Image], seen: int, *, refused: int) -> Inspected:
    read = images[:LOOKED]
    fields = [name for name in FIELDS if name != ONE_EACH]
    values: dict[str, dict[str, Value]] = {}
    for at in range(0, len(read), PART):
        values |= ledger.values_of_many(read[at : at + PART], fields)
    known = detail.known_to(actor, fields)
    held = [_field(FIELDS[name], [of[name] for of in values.values()], known.get(name)) for name in fields]
    return Inspected(read, held, [image.id for image in images], seen, refused)


def checked(ids: list[str]) -> list[str]:
    """Raises Invalid for none, or more than can be named."""
    return chosen.check_ids(ids, most=MOST)


def editable(actor: Actor, ids: list[str]) -> list[Image]:
    """Those that are there and that the actor may edit, newest first."""
    found: list[Image] = []
    for at in range(0, len(ids), PART):
        there = Image.id.in_(ids[at : at + PART]) & Image.deleted_at.is_null()
        found += [image for image in Image.select().where(there) if access.can(actor, "image.edit", image)]
    return sorted(found, key=lambda image: -image.seq)


def _field(spec: FieldSpec, values: list[Value], known: list[str] | None) -> ManyField:
    adds = spec.is_list
    if adds:
        count = Counter(word for value in values for word in value or [] if word not in HIDDEN_TAGS)
        is_mixed = any(number < len(values) for number in count.values())
    else:
        count = Counter(value if isinstance(value, str) else "" for value in values)
        is_mixed = len(count) > 1
    held = [Held(text, number) for text, number in count.most_common(SHOWN)]
    value = "" if adds or is_mixed or not count else next(iter(count))
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
        can_clear=is_mixed and not adds and not spec.if_empty,
    )


@dataclass(frozen=True)
class Meant:
    """What is to be written, of which some words are new and `confirmed`, and of what was typed the rest, with what is wrong
    beside it, by field."""

    values: dict[str, str]
    wrong: dict[str, dict[str, str]]
    confirmed: dict[str, str]

    def back_in(self, inspected: Inspected, hows: Mapping[str, str]) -> Inspected:
        """With what the person typed still standing in the fields."""
        typed = {**{name: {"value": value, "confirmed": self.confirmed.get(name, "")} for name, value in self.values.items()}, **self.wrong}
        fields = [
            replace(each, how=hows.get(each.name, each.how), is_cleared=self.values.get(each.name) == "", **typed.get(each.name, {}))  # type: ignore[arg-type]
            for each in inspected.fields
        ]
        return replace(inspected, fields=fields)


def meant(actor: Actor, changes: Changes) -> Meant:
    """What a person means by the words in the fields. A new word is written if it is the one that the person confirmed for
    that field; else the field asks."""
    found = Meant({}, {}, {})
    for name, raw in changes.texts.items():
        spec = FIELDS.get(name)
        if spec is None or name == ONE_EACH:
            continue
        try:
            how = together.how_of(changes.hows, spec) if spec.is_list else together.How.ADD
            found.values[name], is_new = in_use.meant(actor, name, raw)
            word = found.values[name]
            if is_new and word == changes.confirmed.get(name):
                found.confirmed[name] = word
            elif is_new and how != together.How.REMOVE:
                found.wrong[name] = {"value": word, "error": in_use.question(word, name), "new": word}
            spec.clean(found.values[name])
        except Invalid as error:
            found.wrong[name] = {"value": raw, "error": error.fields.get(name, error.message)}
    return found


@dataclass(frozen=True)
class Saved:
    """What became of a change. `action_id` is that of what was written, `runs_as` that of one which a job does.

    Nothing was written where `inspected` has an error at a field, or where it `asks`, because aliases would be `released`
    that the person has not been told of. In `left` pictures another person has changed the same fields since they were read.
    """

    inspected: Inspected
    labels: list[str]
    action_id: str | None = None
    runs_as: str | None = None
    left: int = 0
    released: list[str] = field(default_factory=list)
    asks: bool = False

    @property
    def has_error(self) -> bool:
        return any(each.error for each in self.inspected.fields)


def save(actor: Actor, ids: list[str], changes: Changes) -> Saved:
    """Write these fields of all the pictures, as one action.

    Raises NotFound or Forbidden, with nothing changed, when one of them may not be edited.
    """
    is_named = len(ids) <= MOST
    ids = checked(ids) if is_named else ids
    found = meant(actor, changes)
    labels = ledger.labels(found.values)
    again = look_at if is_named else look_at_all
    if found.wrong:
        return Saved(found.back_in(again(actor, ids), changes.hows), labels)
    if not found.values:
        return Saved(again(actor, ids), labels)
    lost = lost_with(actor, ids, found.values, changes.since)
    if set(lost) - changes.released:
        return Saved(found.back_in(again(actor, ids), changes.hows), labels, released=lost, asks=True)
    written = write(actor, ids, found.values, changes.hows, changes.since)
    return Saved(again(actor, ids), labels, written.action_id, written.runs_as, written.left, written.released)


def lost_with(actor: Actor, ids: list[str], values: Mapping[str, object], since: int | None) -> list[str]:
    """The aliases that all these pictures lose with these values, of those that the actor may edit and that nobody else has
    changed `since`."""
    if "project" not in values:
        return []
    named = [image_id for image_id, rows in names.held_by(ids).items() if rows]
    left = together.changed_since(actor.user_id, named, list(values), since) if since is not None and named else {}
    moved = [image for image in editable(actor, named) if image.id not in left]
    return project_words.lost_to(moved, values["project"])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Written:
    """As in `Saved`; `released` are the aliases that went, or will where it runs."""

    action_id: str | None = None
    runs_as: str | None = None
    left: int = 0
    released: list[str] = field(default_factory=list)


def write(actor: Actor, ids: list[str], values: Mapping[str, object], hows: Mapping[str, str], since: int | None) -> Written:
    """Write these values, as one action: at once for 250 pictures, by a job for more. Raises as `ledger.set_many` does."""
    lost = lost_with(actor, ids, values, since) if len(ids) > log.PART else []
    if running := large.set_fields(actor, ids, values, hows=hows, since=since):
        return Written(runs_as=running, released=lost)
    left = {} if since is None else together.changed_since(actor.user_id, ids, list(values), since)
    stay = [each for each in ids if each not in left]
    action_id = ledger.set_many(actor, stay, values, hows=hows, since=since) if stay else None
    return Written(action_id, left=len(left), released=moving.released_in(action_id) if "project" in values else [])
