"""The one write path: every change of an image's words goes through `write`, which records it per field.

A person outranks a rule, a rule an import, an import a machine; that binds automatic writers only.
Nothing else updates these columns.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN, Case, IntegrityError, chunked, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, no_image
from pindeck.models import Alias, FieldEvent, Image, ImageTag, Project, StoredFile, User
from pindeck.services import colours, projects, search
from pindeck.services.fields import FIELDS, LEDGER, Kept, Value, clean_tags, kept_spec_of, spec_of
from pindeck.states import WriterKind


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


@dataclass(frozen=True)
class Written:
    """`skipped` are the fields an automatic writer may not touch; `released` the alias a move let go."""

    action_id: str
    events: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    released: str | None = None


def tags_of(image_id: str) -> list[str]:
    rows = ImageTag.select(ImageTag.tag).where(ImageTag.image_id == image_id).order_by(ImageTag.position)
    return [row.tag for row in rows]


def tags_of_many(image_ids: list[str]) -> dict[str, list[str]]:
    """By image id, in one query."""
    tags: dict[str, list[str]] = {image_id: [] for image_id in image_ids}
    rows = ImageTag.select().where(ImageTag.image_id.in_(image_ids)).order_by(ImageTag.position)
    for row in rows:
        tags[row.image_id].append(row.tag)
    return tags


def values_of(image: Image, names: list[str] | None = None) -> dict[str, Value]:
    """The present value of each field, as forms and the ledger know it."""
    return values_of_many([image], names)[image.id]


def values_of_many(images: list[Image], names: list[str] | None = None) -> dict[str, dict[str, Value]]:
    """By image id; two queries at most, however many images."""
    wanted = list(FIELDS) if names is None else names
    tags = tags_of_many([image.id for image in images]) if "tags" in wanted else {}
    project = projects.names_of({image.project_id for image in images}) if "project" in wanted else {}
    values: dict[str, dict[str, Value]] = {}
    for image in images:
        read: dict[str, Value] = {}
        for name in wanted:
            if name == "tags":
                read[name] = tags[image.id]
            elif name == "project":
                read[name] = project.get(image.project_id)
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
    """By image id and field, in one query: the id and the writer of each field's last event."""
    last = (
        FieldEvent.select(fn.MAX(FieldEvent.id))
        .where(FieldEvent.image_id.in_(image_ids))
        .group_by(FieldEvent.image_id, FieldEvent.field)
    )
    columns = (FieldEvent.id, FieldEvent.image_id, FieldEvent.field, FieldEvent.writer)
    found: dict[str, dict[str, FieldEvent]] = {image_id: {} for image_id in image_ids}
    for event in FieldEvent.select(*columns).where(FieldEvent.id.in_(last)):
        found[event.image_id][event.field] = event
    return found


def write_new(image: Image, tags: list[str], project: str | None, writer: Writer) -> None:
    """Record the first words of an image that was just inserted, inside its transaction."""
    _set_tags(image.id, tags)
    values = {name: v for name, v in values_of(image, _columns()).items() if v is not None}
    values["tags"] = tags
    if project:
        values["project"] = project
    now, action = db.now_ms(), db.new_id()
    FieldEvent.insert_many(
        [_row(image.id, name, None, value, writer, action, now) for name, value in values.items()]
    ).execute()
    search.index(image, tags, project, is_new=True)


def write(
    image_id: str,
    changes: dict[str, Any],
    writer: Writer,
    *,
    action_id: str | None = None,
    based_on: dict[str, int] | None = None,
    reverts: dict[str, int] | None = None,
) -> Written:
    """Write fields of one image and record each in the ledger, in one transaction.

    `based_on` holds, per field, the id of the last event the writer had seen; a person's newer change
    raises Conflict with both values. Raises Invalid for a value that cannot be kept, NotFound when the
    image is gone. A field that stays the same leaves no event.
    """
    cleaned = {name: kept_spec_of(name).clean(raw) for name, raw in changes.items()}
    action = action_id or db.new_id()
    try:
        with db.writing():
            image = db.locked(Image.select().where(Image.id == image_id)).get_or_none()
            if image is None:
                raise no_image()
            return _write(image, cleaned, writer, action, based_on or {}, reverts or {})
    except IntegrityError as error:
        if "unique_tag" in str(error):
            raise Conflict("Another image has this unique id already. Choose a different one.") from error
        raise


def _write(
    image: Image,
    cleaned: dict[str, Kept],
    writer: Writer,
    action: str,
    based_on: dict[str, int],
    reverts: dict[str, int],
) -> Written:
    names = list(cleaned)
    old = values_of(image, names)
    last = latest(image.id, names)
    skipped, changed = [], {}
    for name, new in cleaned.items():
        before = last.get(name)
        if name in based_on and before and before.id > based_on[name] and before.writer == WriterKind.PERSON:
            raise Conflict(
                f"Someone else changed “{LEDGER[name].label}” while you were writing.",
                details={"field": name, "theirs": old[name], "yours": new, "based_on": before.id},
            )
        if writer.kind != WriterKind.PERSON and before and not _may_replace(writer, before, name):
            skipped.append(name)
        elif new != old[name]:
            changed[name] = new
    if not changed:
        return Written(action, skipped=skipped)
    released = _apply(image, changed)
    now = db.now_ms()
    events = {}
    for name, new in changed.items():
        row = _row(image.id, name, old[name], new, writer, action, now, reverts.get(name))
        events[name] = FieldEvent.insert(**row).execute()
    if changed.keys() & FIELDS.keys():  # nothing else can be searched for
        tags = changed["tags"] if "tags" in changed else tags_of(image.id)
        search.index(image, tags, projects.name_of(image.project_id))  # type: ignore[arg-type]
    return Written(action, events, skipped, released)


def _may_replace(writer: Writer, before: FieldEvent, name: str) -> bool:
    """Automatic writers yield to more authority; defaults written by rule are there to be replaced."""
    held = WriterKind(before.writer)
    if held == WriterKind.RULE and before.program == "default":
        return True
    return writer.kind.authority >= held.authority


def _apply(image: Image, changed: dict[str, Kept]) -> str | None:
    """Update the columns, column by column, with the version; returns the alias a move released."""
    columns: dict[str, Any] = {}
    released = None
    for name, new in changed.items():
        if name == "tags":
            _set_tags(image.id, new)  # type: ignore[arg-type]
        elif name == "project":
            project = projects.find_or_create(new)  # type: ignore[arg-type]
            if project.id != image.project_id:
                released = next(iter(_leave_projects([image])), None)
                _take_files_along([image], project.id)
                columns["project_id"] = project.id
                columns["flow_id"] = None
        else:
            columns[str(LEDGER[name].column)] = new
    for column, value in columns.items():
        setattr(image, column, value)
    image.updated_at = max(db.now_ms(), image.updated_at + 1)
    Image.change(now=image.updated_at, **columns).where(Image.seq == image.seq).execute()
    if "colors" in changed:
        colours.write(image.seq, changed["colors"])  # type: ignore[arg-type]
    return released


ROW_CHUNK = 250  # images in one statement: far from what either engine takes at most


def write_row(images: list[Image], project_name: str, places: dict[str, int], writer: Writer) -> list[str]:
    """Inside a transaction that locked the images: one project for all of them, and to each its place in the row.

    What `write` would do for each, as one action, in few statements however many there are. Only for people and
    the programs that act for them, who yield to nobody. Returns the aliases that moves released.
    """
    if not images:
        return []
    project = projects.find_or_create(kept_spec_of("project").clean(project_name))  # type: ignore[arg-type]
    action, released = db.new_id(), []
    for part in chunked(images, ROW_CHUNK):
        released += _write_part(part, project, places, writer, action)
    return released


def _write_part(
    images: list[Image], project: Project, places: dict[str, int], writer: Writer, action: str
) -> list[str]:
    moved = [image for image in images if image.project_id != project.id]
    placed = [image for image in images if image.project_order != places[image.id]]
    if not moved and not placed:
        return []
    new_name = None if project.is_default else project.name
    old_names = projects.names_of({image.project_id for image in moved})
    now = db.now_ms()
    events = [
        _row(image.id, "project", old_names.get(image.project_id), new_name, writer, action, now) for image in moved
    ]
    events += [
        _row(image.id, "project_order", image.project_order, places[image.id], writer, action, now)
        for image in placed
    ]
    FieldEvent.insert_many(events).execute()
    released = _leave_projects(moved)
    _take_files_along(moved, project.id)
    Image.update(project=project.id, flow_id=None).where(Image.seq.in_([image.seq for image in moved])).execute()
    changed = {image.seq: places[image.id] for image in (*moved, *placed)}
    Image.change(now=now, project_order=Case(Image.seq, list(changed.items()))).where(
        Image.seq.in_(list(changed))
    ).execute()
    tags = tags_of_many([image.id for image in moved])
    search.index_many([(image, tags[image.id], new_name) for image in moved])
    return released


def _leave_projects(images: list[Image]) -> list[str]:
    """Take the aliases of moved images, in the project and in its flows: a name belongs to its project.

    Returns those of the project, of which an image has one at most.
    """
    theirs = Alias.image_id.in_([image.id for image in images])
    held = Alias.select(Alias.name).where(theirs & Alias.project_id.is_null(False)).order_by(Alias.name)
    names = [alias.name for alias in held]
    Alias.delete().where(theirs).execute()
    return names


def _take_files_along(images: list[Image], project_id: str) -> None:
    """A file that is a project's goes where its image goes. One that a person brought is that person's."""
    files = [image.file_id for image in images if image.file_id]
    of_project = StoredFile.id.in_(files) & StoredFile.project.is_null(False)
    StoredFile.update(project=project_id).where(of_project).execute()


def _set_tags(image_id: str, tags: list[str]) -> None:
    ImageTag.delete().where(ImageTag.image_id == image_id).execute()
    if tags:
        ImageTag.insert_many(
            [{"image_id": image_id, "tag": tag, "position": n} for n, tag in enumerate(tags)]
        ).execute()


def _columns() -> list[str]:
    return [name for name, spec in FIELDS.items() if spec.column]


def _row(
    image_id: str,
    name: str,
    old: Kept,
    new: Kept,
    writer: Writer,
    action: str,
    now: int,
    reverts: int | None = None,
) -> dict[str, Any]:
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


# What people do with the ledger


def edit(actor: Actor, image_id: str, name: str, raw: object, *, based_on: int | None = None) -> Written:
    """A person corrects one field. Raises NotFound, Forbidden, Invalid or Conflict."""
    access.image_for(actor, "image.edit", image_id)
    spec_of(name)
    basis = None if based_on is None else {name: based_on}
    return write(image_id, {name: raw}, person(actor), based_on=basis)


def edit_many(actor: Actor, image_ids: list[str], name: str, raw: object) -> Written:
    """The same value for several images, as one action that one undo takes back. Tags are added to those there are."""
    spec_of(name).clean(raw)
    action = db.new_id()
    for image_id in image_ids:
        access.image_for(actor, "image.edit", image_id)
    with db.writing():
        for image_id in sorted(image_ids):  # one order for all, so that two edits at once cannot deadlock
            value = [*tags_of(image_id), *clean_tags(raw)] if name == "tags" else raw
            write(image_id, {name: value}, person(actor), action_id=action)
    return Written(action)


@dataclass(frozen=True)
class EventView:
    id: int
    field: str
    label: str
    old: str
    new: str
    who: str
    when: int
    writer: str
    can_revert: bool


def history(actor: Actor, image_id: str, *, limit: int = 100) -> list[EventView]:
    """The last changes of an image, newest first."""
    image = access.image_for(actor, "image.history", image_id)
    rows: Any = (
        FieldEvent.select(FieldEvent, User.name.alias("person"), User.email.alias("email"))
        .join(User, JOIN.LEFT_OUTER, on=(FieldEvent.user_id == User.id))
        .where(FieldEvent.image_id == image.id)
        .order_by(FieldEvent.id.desc())
        .limit(limit)
        .objects()
    )
    may_edit = access.can(actor, "image.edit", image)
    return [
        EventView(
            id=row.id,
            field=row.field,
            label=LEDGER[row.field].label if row.field in LEDGER else row.field,
            old=_shown(row.old),
            new=_shown(row.new),
            who=row.person or (row.email or "").split("@")[0] or _program(row),
            when=row.at,
            writer=row.writer,
            can_revert=may_edit and row.field in LEDGER,
        )
        for row in rows
    ]


def _shown(value: Kept) -> str:
    if isinstance(value, int):
        return str(value + 1)  # people count places from one
    return ", ".join(value) if isinstance(value, list) else value or ""


def _program(event: FieldEvent) -> str:
    if event.writer == WriterKind.RULE:
        return "On arrival"
    return {"offline": "Offline analysis"}.get(event.program or "", event.program or "Someone")


def revert(actor: Actor, image_id: str, event_id: int) -> Written:
    """Give a field the value it had before one event. Raises NotFound when the event is not of this image."""
    access.image_for(actor, "image.edit", image_id)
    event = FieldEvent.get_or_none((FieldEvent.id == event_id) & (FieldEvent.image_id == image_id))
    if event is None or event.field not in LEDGER:
        raise NotFound("There is no such change.")
    return write(image_id, {event.field: event.old}, person(actor), reverts={event.field: event.id})


UNDO_WITHIN_S = 24 * 3600


def undo(actor: Actor, action_id: str) -> tuple[list[str], int]:
    """Take back an action of this person: the image ids, and how many fields had been changed again since.

    Raises NotFound when there is no such action of theirs within a day.
    """
    since = int((time.time() - UNDO_WITHIN_S) * 1000)
    mine = (FieldEvent.action_id == action_id) & (FieldEvent.user_id == actor.user_id) & (FieldEvent.at > since)
    events = list(FieldEvent.select().where(mine).order_by(FieldEvent.id))
    if not events or not actor.is_signed_in:
        raise NotFound("There is nothing to take back.")
    action, left = db.new_id(), 0
    with db.writing():
        for event in events:
            last = latest(event.image_id, [event.field]).get(event.field)
            if last is None or last.id != event.id:
                left += 1
                continue
            access.image_for(actor, "image.edit", event.image_id)
            write(
                event.image_id, {event.field: event.old}, person(actor),
                action_id=action, reverts={event.field: event.id},
            )  # fmt: skip
    return list(dict.fromkeys(event.image_id for event in events)), left
