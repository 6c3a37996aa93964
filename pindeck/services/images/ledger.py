"""The one write path: every change of an image's words goes through `write`, which records it per field.

A person outranks a rule, a rule an import, an import a machine; that binds automatic writers only.
Nothing else updates these columns.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from peewee import IntegrityError, chunked, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, no_image
from pindeck.models import FieldEvent, Image
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb, verb
from pindeck.services.images import craft, moving, new_terms, projects, search, together, untyped, word_store
from pindeck.services.images.fields import FIELDS, LEDGER, Kept, Value, kept_spec_of, spec_of
from pindeck.services.images.tag_rules import kept as kept_tags
from pindeck.services.images.together import NOTHING, Hows
from pindeck.states import WriterKind
from pindeck.terms import CRAFT

tags_of = word_store.tags_of
tags_of_many = word_store.tags_of_many
EDIT = verb("image.edit", "Edited {field}")
SET = verb("image.set", "Set {field}")
REVERT = verb("image.revert", "Put {field} back")
AGAIN = verb("palette.again", "Read the palette again")



@dataclass(frozen=True)
class Writer:
    """Who writes. `program` names the job or import when no person does."""

    kind: WriterKind
    user_id: str | None = None
    client_id: str | None = None
    program: str | None = None


def person(actor: Actor) -> Writer:
    """A person, or the program that acts for one or by itself: what a request names is written."""
    return Writer(WriterKind.PERSON, user_id=actor.user_id, client_id=actor.client_id)


RULE = Writer(WriterKind.RULE, program="default")
MEASURED = "measured"  # the program of a person who asks for what was measured, in the place of what was written


@dataclass(frozen=True)
class EditResult:
    """`events` are the ids of the last events by field, `image_ids` the images that changed, `skipped` what an
    automatic writer may not put into a field, `released` the aliases that moves let go, `steps` what moves left behind."""

    action_id: str
    events: dict[str, int] = field(default_factory=dict)
    image_ids: list[str] = field(default_factory=list)
    skipped: dict[str, Kept] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def values_of(image: Image, names: list[str] | None = None) -> dict[str, Value]:
    """The present value of each field, as forms and the ledger know it."""
    return values_of_many([image], names)[image.id]


def values_of_many(images: list[Image], names: list[str] | None = None) -> dict[str, dict[str, Value]]:
    """By image id; three queries at most, however many images."""
    wanted = list(FIELDS) if names is None else names
    tags = tags_of_many([image.id for image in images]) if "tags" in wanted else {}
    project = projects.names_of({image.project_id for image in images}) if "project" in wanted else {}
    of_craft = craft.values_of(images) if CRAFT.keys() & set(wanted) else {}
    values: dict[str, dict[str, Value]] = {}
    for image in images:
        read: dict[str, Value] = {}
        for name in wanted:
            if name == "tags":
                read[name] = tags[image.id]
            elif name == "project":
                read[name] = project.get(image.project_id)
            elif name in CRAFT:
                read[name] = of_craft[image.id][name]
            else:
                read[name] = getattr(image, str(LEDGER[name].column))
        values[image.id] = read
    return values


def latest(image_id: str, names: list[str] | None = None) -> dict[str, FieldEvent]:
    """The last event of each field; who wrote a field is who wrote that event."""
    events = FieldEvent.select().where(FieldEvent.image_id == image_id)
    if names is not None:
        events = events.where(FieldEvent.field.in_(names))
    return {event.field: event for event in events.order_by(FieldEvent.id)}


def latest_of_many(image_ids: list[str]) -> dict[str, dict[str, FieldEvent]]:
    """By image id and field, in one query: the id, the writer, who it is, and the value of each field's last event."""
    last = (
        FieldEvent.select(fn.MAX(FieldEvent.id))
        .where(FieldEvent.image_id.in_(image_ids))
        .group_by(FieldEvent.image_id, FieldEvent.field)
    )
    told = (FieldEvent.writer, FieldEvent.program, FieldEvent.user_id, FieldEvent.new, FieldEvent.action_id)
    columns = (FieldEvent.id, FieldEvent.image_id, FieldEvent.field, *told)
    found: dict[str, dict[str, FieldEvent]] = {image_id: {} for image_id in image_ids}
    for event in FieldEvent.select(*columns).where(FieldEvent.id.in_(last)):
        found[event.image_id][event.field] = event
    return found


def write_new(image: Image, tags: list[str], project: str | None, writer: Writer) -> None:
    """Record the first words of an image that was just inserted, inside its transaction."""
    word_store.set_new(image, tags := kept_tags(tags), project)
    values = {name: v for name, v in values_of(image, _columns()).items() if v is not None}
    values["tags"] = tags
    if project:
        values["project"] = project
    now, action = db.now_ms(), db.new_id()
    insert([row(image.id, name, None, value, writer, action, now) for name, value in values.items()])
    search.index(image, tags, project, craft.write_new(image), is_new=True)


def write(
    image_id: str,
    changes: dict[str, Any],
    writer: Writer,
    *,
    action_id: str | None = None,
    based_on: dict[str, int] | None = None,
    reverts: dict[str, int] | None = None,
) -> EditResult:
    """Write fields of one image and record each in the ledger, in one transaction.

    `based_on` holds, per field, the id of the last event the writer had seen; a person's newer change
    raises Conflict with both values. Raises Invalid for a value that cannot be kept, NotFound when the
    image is gone. A field that stays the same leaves no event. Who did it is not written in the log of actions:
    the caller does that with what is `written`.
    """
    cleaned = {
        name: _put_back(name, raw) if name in (reverts or {}) else kept_spec_of(name).clean(raw)
        for name, raw in changes.items()
    }
    with _told_apart(), db.writing():
        image = db.locked(Image.select().where(Image.id == image_id)).get_or_none()
        if image is None:
            raise no_image()
        action = action_id or db.new_id()
        return _write([image], {image.id: cleaned}, writer, action, based_on=based_on, reverts=reverts)


def write_many(
    images: list[Image], changes: dict[str, dict[str, Kept]], writer: Writer, action_id: str
) -> EditResult:
    """Inside a transaction that locked the images: clean values by image id and field. At most 250 images.

    The number of statements does not grow with them. Raises Conflict for a unique id that another image has.
    """
    with _told_apart():
        return _write(images, changes, writer, action_id)


def _put_back(name: str, before: Any) -> Kept:
    """A value that was kept once may come back, also where it could not be chosen any more."""
    spec = kept_spec_of(name)
    try:
        return spec.clean(before)
    except Invalid:
        return before  # type: ignore[no-any-return]


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "unique_tag" in str(error):
            raise Conflict("Another image has this unique id already. Choose a different one.") from error
        raise


def _write(
    images: list[Image],
    wanted: dict[str, dict[str, Kept]],
    writer: Writer,
    action: str,
    *,
    based_on: dict[str, int] | None = None,
    reverts: dict[str, int] | None = None,
) -> EditResult:
    names = list(dict.fromkeys(name for of_image in wanted.values() for name in of_image))
    old = values_of_many(images, names)
    wanted = new_terms.settled(wanted, old, writer.kind)
    written = EditResult(action)
    if based_on or writer.kind != WriterKind.PERSON:  # a person yields to nobody
        wanted = _allowed(images, wanted, old, writer, based_on or {}, written)
    changed = {i: {name: new for name, new in of.items() if new != old[i][name]} for i, of in wanted.items()}
    columns = _move(images, changed, written)
    changed = {i: of for i, of in changed.items() if of}
    if not changed:
        return written
    touched = [image for image in images if image.id in changed]
    written.image_ids.extend(changed)
    word_store.put(touched, changed, columns)
    now = db.now_ms()
    rows = [
        row(i, name, old[i][name], new, writer, action, now, (reverts or {}).get(name))
        for i, of in changed.items()
        for name, new in of.items()
    ]
    written.events.update(insert(rows))
    return written


def insert(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Inside a transaction: write events; the id of the last one of each field."""
    made = db.insert_rows(FieldEvent, rows, (FieldEvent.id, FieldEvent.field))
    return {field: event_id for event_id, field in made}


def _allowed(
    images: list[Image],
    wanted: dict[str, dict[str, Kept]],
    old: dict[str, dict[str, Value]],
    writer: Writer,
    based_on: dict[str, int],
    written: EditResult,
) -> dict[str, dict[str, Kept]]:
    """What the writer may write. Raises Conflict when a person changed a field that was read before."""
    of = {image.id: image for image in images}
    last = latest_of_many(list(of))
    allowed: dict[str, dict[str, Kept]] = {image.id: {} for image in images}
    for image_id, of_image in wanted.items():
        for name, new in of_image.items():
            before = last[image_id].get(name)
            if name in based_on and before and before.id > based_on[name] and before.writer == WriterKind.PERSON:
                raise Conflict(
                    f"Someone else changed “{LEDGER[name].label}” while you were writing.",
                    details={
                        "field": name, "theirs": old[image_id][name], "yours": new, "based_on": before.id
                    },
                )  # fmt: skip
            if writer.kind != WriterKind.PERSON and before and not _may_replace(writer, before, of[image_id]):
                written.skipped[name] = new
            else:
                allowed[image_id][name] = new
    return allowed


def _may_replace(writer: Writer, before: FieldEvent, image: Image) -> bool:
    """Automatic writers yield to more authority; defaults are there to be replaced."""
    held = WriterKind(before.writer)
    if held == WriterKind.RULE and before.program == "default":
        return True
    return writer.kind.authority >= held.authority or untyped.counts_as_nothing(image, before)


def _move(images: list[Image], changed: dict[str, dict[str, Kept]], written: EditResult) -> dict[str, dict[str, Any]]:
    """Let go of what images leave behind that change their project; the columns that change with it, by image id.

    Names become those that the projects have: one that differs in case alone is no change.
    """
    columns: dict[str, dict[str, Any]] = {}
    going: dict[Kept, list[Image]] = {}
    for image in images:
        if "project" in changed.get(image.id, {}):
            going.setdefault(changed[image.id]["project"], []).append(image)  # type: ignore[arg-type]
    for name, of_name in going.items():
        project, is_new = projects.found_or_made(name)  # type: ignore[arg-type]
        moved = [image for image in of_name if image.project_id != project.id]
        for image in of_name:
            if image in moved:
                changed[image.id]["project"] = None if project.is_default else project.name
            else:
                del changed[image.id]["project"]
        left, steps, released = moving.leave(moved, project.id)
        columns |= left
        written.steps.extend([*steps, *([moving.made(project)] if is_new else [])])
        written.released.extend(released)
    return columns


def _columns() -> list[str]:
    return [name for name, spec in FIELDS.items() if spec.column]


def row(
    image_id: str,
    name: str,
    old: Kept,
    new: Kept,
    writer: Writer,
    action: str,
    now: int,
    reverts: int | None = None,
) -> dict[str, Any]:
    """An event as its table keeps it."""
    return dict(
        image_id=image_id,
        field=name,
        old=old,
        new=new,
        writer=writer.kind,
        user_id=writer.user_id,
        client_id=writer.client_id,
        program=writer.program,
        action_id=action,
        reverts_id=reverts,
        at=now,
    )


# What people do with the ledger: each is an action that can be taken back


def note(actor: Actor, what: Verb, written: EditResult, *names: str) -> EditResult:
    """Inside the transaction that wrote: keep it in the log of actions, if anything changed."""
    if written.image_ids:
        images = len(written.image_ids)
        log.record(actor, what, written.steps, images=images, action_id=written.action_id, fields=labels(names))
    return written


def labels(names: Iterable[str]) -> list[str]:
    """What people call these fields."""
    return [LEDGER[name].label for name in names]


def edit(actor: Actor, image_id: str, name: str, raw: object, *, based_on: int | None = None) -> EditResult:
    """A person corrects one field. Raises NotFound, Forbidden, Invalid or Conflict."""
    access.image_for(actor, "image.edit", image_id)
    spec_of(name)
    basis = None if based_on is None else {name: based_on}
    with db.writing():
        return note(actor, EDIT, write(image_id, {name: raw}, person(actor), based_on=basis), name)


def set_many(actor: Actor, image_ids: list[str], changes: Mapping[str, object], *, hows: Hows = NOTHING, since: int | None = None) -> str | None:
    """The same values for several images, as one action: its id, if anything changed. `hows` says what becomes of lists. What
    another person has changed `since` that event is left. Raises NotFound or Forbidden, with nothing changed, when one of
    them may not be edited; Invalid or Conflict."""
    if not access.has_scope(actor, "image.edit"):
        access.require(actor, "image.edit")
    values = {name: spec_of(name).clean(raw) for name, raw in changes.items()}
    ids = sorted(set(image_ids))  # one order for all, so that two edits at once cannot deadlock
    for part in chunked(ids, log.PART):
        _editable(actor, list(Image.select().where(Image.id.in_(part))), part)

    def work(part: list[str], action_id: str) -> tuple[list[Step], int]:
        images = list(db.locked(Image.select().where(Image.id.in_(part)).order_by(Image.seq)))
        _editable(actor, images, part)
        left = {} if since is None else together.changed_since(actor.user_id, part, list(values), since)
        return set_on(actor, [image for image in images if image.id not in left], values, action_id, hows)

    return log.in_parts(actor, SET, ids, work, fields=labels(values))


def set_on(
    actor: Actor, images: list[Image], values: Mapping[str, Kept], action_id: str, hows: Hows = NOTHING, *, is_strict: bool = True
) -> tuple[list[Step], int]:
    """Inside a transaction that locked the images: the steps of clean values for all, and how many changed. An image whose
    list would become too long raises Invalid, or is left without `is_strict`."""
    lists = [name for name in values if LEDGER[name].is_list]
    kept = values_of_many(images, lists) if lists else {}
    fits = {i.id: of for i in images if (of := together.wanted(LEDGER, values, kept.get(i.id, {}), hows, is_strict))}
    written = write_many([i for i in images if i.id in fits], fits, person(actor), action_id)
    return written.steps, len(written.image_ids)


def _editable(actor: Actor, images: list[Image], ids: list[str]) -> None:
    """Raises NotFound when one of them is not there for the actor, Forbidden when it may not edit it."""
    if len(images) < len(ids) or any(image.is_trashed or not access.sees(actor, image) for image in images):
        raise no_image()
    for image in images:
        access.require(actor, "image.edit", image)


def revert(actor: Actor, image_id: str, event_id: int) -> EditResult:
    """Give a field the value it had before one event. Raises NotFound when the event is not of this image."""
    access.image_for(actor, "image.edit", image_id)
    event = FieldEvent.get_or_none((FieldEvent.id == event_id) & (FieldEvent.image_id == image_id))
    if event is None or event.field not in LEDGER:
        raise NotFound("There is no such change.")
    with db.writing():
        written = write(image_id, {event.field: event.old}, person(actor), reverts={event.field: event.id})
        return note(actor, REVERT, written, event.field)
