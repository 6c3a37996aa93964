"""Aliases: one name, one image at a time, in a project or in a flow.

Names are kept without their `@` and compared without case; unique indexes see to it that a scope has one holder
of a name and an image one project alias. Every change takes its locks in one order (project, flow, images, alias
rows, counters), so that changes wait for each other instead of failing.
"""

import re
from dataclasses import dataclass

from peewee import IntegrityError

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, invalid, no_image
from pindeck.models import Alias, Flow, Image, Project
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import names
from pindeck.states import ImageStatus, Origin, Visibility

NAME = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
NAMED = verb("image.alias", "Changed the alias")
ALIAS = "alias"  # the kind of step
TECHNICAL = frozenset({"last", "first", "upload"})


# Names


def check(text: str, *, field: str = "alias") -> str:
    """The name as it is kept, without its `@`. Raises Invalid naming the field when it is no alias."""
    if NAME.fullmatch(text):
        return text[1:]
    sentence = (
        "An alias is @ and 1 to 63 letters, digits, hyphens or underscores, the first of them a letter or digit."
    )
    raise invalid(field, sentence)


def check_new(text: str, *, field: str = "alias") -> str:
    """A name that may be given to an image. Raises Invalid for a technical one, too."""
    name = check(text, field=field)
    if key_of(name) in TECHNICAL:
        sentence = f"@{name} is reserved: @last, @first and @upload are computed from a flow."
        raise invalid(field, sentence)
    return name


def key_of(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.lower()


def shown(name: str | None) -> str | None:
    """A kept name as everybody outside knows it."""
    return None if name is None else f"@{name}"


# Looking


def of_image(image_id: str) -> str | None:
    """The project alias of an image, as it is shown."""
    held = _own(image_id)
    return shown(held.name if held else None)


def find(project_id: str, text: str) -> str | None:
    """The id of the image that holds a project alias, by any spelling; None when no image does. Who may see it is
    the caller's question."""
    held = (Alias.project_id == project_id) & (Alias.name_key == key_of(check(text)))
    return Alias.select(Alias.image_id).where(held).scalar()


def resolve(actor: Actor, text: str, project_id: str, flow_id: str | None) -> Image:
    """The image an alias means: technical names first, then the flow's, then the project's.

    Raises Invalid `FLOW_ID_REQUIRED`, or NotFound for a flow that is not of the project and for a name whose
    holder the actor may not see.
    """
    key = key_of(check(text, field="ref"))
    if key in TECHNICAL and flow_id is None:
        raise Invalid(f"@{key} needs a flowId.", fields={"flowId": f"@{key} needs it."}, code="FLOW_ID_REQUIRED")
    with db.reading():
        if flow_id is not None and not Flow.select().where(in_project(flow_id, project_id)).exists():
            raise no_flow()
        found = _technical(key, str(flow_id)) if key in TECHNICAL else _holders(key, project_id, flow_id)
        for image in found:
            if access.sees(actor, image) and not image.is_trashed:
                return image
    raise NotFound(f"No image has the alias @{key} here.", code="ALIAS_NOT_FOUND")


def _holders(key: str, project_id: str, flow_id: str | None) -> list[Image]:
    """The flow's holder, then the project's. Name and image are read by one statement, so that a name which
    moves is never seen without an image."""
    named = Image.select(Image).join(Alias, on=(Alias.image_id == Image.id)).where(Alias.name_key == key)
    found = list(named.where(Alias.flow_id == flow_id)) if flow_id else []
    return [*found, *named.where(Alias.project_id == project_id)]


def _technical(key: str, flow_id: str) -> list[Image]:
    origin = Image.origin != Origin.AI if key == "upload" else Image.origin == Origin.AI
    in_flow = Image.select().where((Image.flow_id == flow_id) & origin & access.SHOWN.expression())
    newest = (Image.created_at.desc(), Image.id.desc())
    return list(in_flow.order_by(*((Image.created_at, Image.id) if key == "first" else newest)).limit(1))


def in_project(flow_id: str, project_id: str):  # type: ignore[no-untyped-def]
    """The condition of a flow that belongs to a project."""
    return (Flow.id == flow_id) & (Flow.project_id == project_id)


def no_flow() -> NotFound:
    return NotFound("There is no such flow in this project.", code="FLOW_NOT_FOUND")


# Changing


@dataclass(frozen=True)
class _Statements:
    """What every change of a name asks and says, spelt once: a scope's changes wait for each other meanwhile."""

    live: db.PreparedQuery
    holder: db.PreparedQuery
    own: db.PreparedQuery
    point: db.PreparedQuery


@db.per_engine
def _statements() -> _Statements:
    image, name = db.Param("image"), db.Param("name")
    own = (Alias.image_id == image) & Alias.project_id.is_null(False)
    held = (Alias.project_id == db.Param("project")) & (Alias.name_key == db.Param("key"))
    pointed = Alias.update(
        name=name, name_key=db.Param("key"), image_id=image, set_by=db.Param("by"), updated_at=db.Param("now")
    )
    return _Statements(
        live=db.PreparedQuery.of(db.locked(Image.select().where(Image.seq == db.Param("seq")))),
        holder=db.PreparedQuery.of(Alias.select().where(held)),
        own=db.PreparedQuery.of(Alias.select().where(own)),
        point=db.PreparedQuery.of(pointed.where(Alias.id == db.Param("alias"))),
    )


def assign(
    actor: Actor, image_id: str, text: str | None, *, override: bool = True, may_hide: bool = False
) -> tuple[Image, str | None]:
    """Give an image a project alias, or none; the image, and who held the name before if that was another one.

    The image's own alias, if it has a different one, is let go. Raises NotFound, Forbidden, Invalid, or Conflict
    `ALIAS_CONFLICT` when somebody holds the name and `override` is off, or, unless it `may_hide`, when the name
    leads everybody to a picture and this one is not shown to everybody.
    """
    image = access.image_for(actor, "image.alias", image_id)
    name = None if text is None else check_new(text)
    before = db.retried(lambda: _assign(actor, image, name, override, may_hide))
    return access.find_image(actor, image.id), before


def _assign(actor: Actor, image: Image, name: str | None, override: bool, may_hide: bool) -> str | None:
    lock_project(image.project_id)
    holder = None if name is None else _holder(image.project_id, name)
    ids = list({image.id, *([holder.image_id] if holder else [])})
    _lock_images(set(ids))
    held = _project_rows(ids)
    if name is None:
        before = None
        _release(actor, image)
    else:
        if holder and not may_hide:
            _check_still_shown(holder.image_id, image.id, name)
        before = take(actor, image, name, override=override)
    steps = _steps(held, ids)
    if steps:
        log.record(actor, NAMED, steps, images=1)
    return before


def take_over(actor: Actor, image: Image, name: str) -> list[Step]:
    """Inside the transaction of an upload: the name goes to the new image. Returns the steps of what it took from another
    one: an upload is no action, and what it took from somebody can be given back."""
    lock_project(image.project_id)
    holder = _holder(image.project_id, name)
    ids = [image.id, *([holder.image_id] if holder else [])]
    _lock_images(set(ids))
    held = _project_rows(ids)
    take(actor, image, name)
    return _steps(held, ids) if holder else []


def _steps(held: dict[str, names.Row], ids: list[str]) -> list[Step]:
    """For each of these images whose alias is another one than it `held`."""
    after = _project_rows(ids)
    return [Step(ALIAS, i, held.get(i), after.get(i)) for i in ids if held.get(i) != after.get(i)]


def _check_still_shown(holder_id: str, image_id: str, name: str) -> None:
    """A page that names the picture must not be empty because a draft took the name. Raises NotFound for an image that
    went to the trash, or for good, meanwhile."""
    now = {image.id: image for image in Image.select().where(Image.id.in_([holder_id, image_id]))}
    if image_id not in now or now[image_id].is_trashed:
        raise no_image()
    if holder_id in now and _is_shown(now[holder_id]) and not _is_shown(now[image_id]):
        sentence = f"Visitors see a picture at @{name}, and would no longer see one: publish this one first, or send mayHide."
        raise Conflict(sentence, details={"alias": sentence}, code="ALIAS_CONFLICT")


def _is_shown(image: Image) -> bool:
    """Whether visitors of a public library see it at its name."""
    return not image.is_trashed and image.status == ImageStatus.ACTIVE and image.visibility != Visibility.PRIVATE


def _project_rows(image_ids: list[str]) -> dict[str, names.Row]:
    """The aliases of images in their project, as steps keep them, by image id."""
    held = names.held_by(image_ids)
    return {i: row for i, rows in held.items() for row in rows if row["project_id"]}


def take(actor: Actor, image: Image, name: str, *, override: bool = True) -> str | None:
    """Inside a transaction: the name goes to this image. Returns the image that had it, if the actor may know.

    Tried again when a restored image took its name back in the same moment, which the unique index tells.
    """
    lock_project(image.project_id)
    for attempt in range(1, db.ATTEMPTS + 1):
        try:
            with db.database.atomic():
                return _take(actor, image, name, override)
        except IntegrityError:
            if attempt == db.ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _take(actor: Actor, image: Image, name: str, override: bool) -> str | None:
    holder = _holder(image.project_id, name)
    _lock_images({image.id, *([holder.image_id] if holder else [])})
    target = _live(image)
    holder = _holder(target.project_id, name)  # who was trashed or moved meanwhile has let go
    own = _own(target.id)
    if own and own.name == name:
        return None
    taken = holder is not None and holder.image_id != target.id
    known = _if_seen(actor, holder.image_id) if holder and taken else None
    if taken and not override:
        details: dict[str, object] = {"alias": f"Another image has @{name}.", "heldBy": known}
        raise Conflict(f"Another image has @{name} already.", details=details, code="ALIAS_CONFLICT")
    if holder and taken:
        if own:
            own.delete_instance()
        _point(actor, holder, name, target.id)
        touch([holder.image_id, target.id])
    elif own:
        _point(actor, own, name, target.id)
        touch([target.id])
    else:
        add(actor, name, target.id, project_id=target.project_id)
        touch([target.id])
    activity.note(
        actor, "image.alias", target.id, alias=f"@{name}", previous=holder.image_id if holder and taken else None
    )
    return known


def _release(actor: Actor, image: Image) -> None:
    """Inside a transaction: the image lets go of its alias, if it has one."""
    lock_project(image.project_id)
    target = _live(image)
    if Alias.delete().where((Alias.image_id == target.id) & Alias.project_id.is_null(False)).execute():
        touch([target.id])
        activity.note(actor, "image.alias", target.id, alias=None)


def give_back(actor: Actor, images: list[Image]) -> None:
    """Inside a transaction that locked the projects and the images, which come out of the trash: their former
    aliases, as far as nobody holds them. Of two that had one name the later deleted gets it."""
    now, latest = db.now_ms(), sorted(images, key=lambda image: image.deleted_at or 0, reverse=True)
    rows: list[names.Row] = [
        dict(
            id=db.new_id(), project_id=image.project_id, flow_id=None, name=image.last_alias,
            name_key=key_of(image.last_alias), image_id=image.id, set_by=set_by(actor), created_at=now, updated_at=now,
        )
        for image in latest
        if image.last_alias
    ]  # fmt: skip
    names.put_back(rows)


def add(actor: Actor, name: str, image_id: str, *, project_id: str | None = None, flow_id: str | None = None) -> None:
    now = db.now_ms()
    Alias.create(
        id=db.new_id(),
        project_id=project_id,
        flow_id=flow_id,
        name=name,
        name_key=key_of(name),
        image_id=image_id,
        set_by=set_by(actor),
        created_at=now,
        updated_at=now,
    )


def _point(actor: Actor, alias: Alias, name: str, image_id: str) -> None:
    _statements().point.run(
        alias=alias.id, name=name, key=key_of(name), image=image_id, by=set_by(actor), now=db.now_ms()
    )


def set_by(actor: Actor) -> str:
    """The client or person that is recorded for a name."""
    return actor.client_id or actor.user_id or ""


def lock_project(project_id: str) -> None:
    """The scope's lock. Uploads refer to the row as well, and this kind of lock lets them pass."""
    db.lock_rows(Project.select(Project.id).where(Project.id == project_id), "FOR NO KEY UPDATE")


def lock_flow(flow_id: str, project_id: str) -> Flow:
    """Raises NotFound when the flow is not of this project, or not any more."""
    flow = db.locked(Flow.select().where(in_project(flow_id, project_id)), "FOR NO KEY UPDATE").get_or_none()
    if flow is None:
        raise no_flow()
    return flow


def lock_holder(project_id: str, name: str) -> None:
    """The image that holds a name, if there is one."""
    holder = _holder(project_id, name)
    if holder:
        _lock_images({holder.image_id})


def _lock_images(image_ids: set[str]) -> None:
    db.lock_rows(Image.select(Image.seq).where(Image.id.in_(list(image_ids))).order_by(Image.seq))


def _live(image: Image) -> Image:
    """The image as it is now, locked. Raises NotFound when it went to the trash, away, or to another project."""
    row = _statements().live.row(seq=image.seq)
    found = None if row is None else Image.of_row(row)
    if found is None or found.is_trashed or found.project_id != image.project_id:
        raise no_image()
    return found


def _holder(project_id: str, name: str) -> Alias | None:
    row = _statements().holder.row(project=project_id, key=key_of(name))
    return None if row is None else Alias.of_row(row)


def _own(image_id: str) -> Alias | None:
    row = _statements().own.row(image=image_id)
    return None if row is None else Alias.of_row(row)


def _if_seen(actor: Actor, image_id: str) -> str | None:
    """An id that may be told. A private picture's holder loses the name like any other, but is not named."""
    return image_id if access.is_seen(actor, image_id) else None


def touch(image_ids: list[str]) -> None:
    """A name of these images moved, which their records show."""
    known = {f"image{n}": image_id for n, image_id in enumerate(image_ids)}
    _touched(len(image_ids)).run(now=db.now_ms(), **known)


@db.per_engine
def _touched(count: int) -> db.PreparedQuery:
    ids = [db.Param(f"image{n}") for n in range(count)]
    changed = Image.change(now=db.Param("now"))
    return db.PreparedQuery.of(changed.where(Image.id.in_(ids)))
