"""Flows: chains of generations and uploads of a project, with names of their own."""

from dataclasses import dataclass, field
from typing import Any

from peewee import SQL, Tuple, fn

from pindeck import access, db
from pindeck.access import Actor
from pindeck.cursors import Place
from pindeck.errors import Forbidden, NotFound, invalid
from pindeck.models import Alias, Flow, Generation, Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import Verb, verb
from pindeck.services.images import aliases, names, publishing, trash

NAMED = verb("flow.alias", "Changed names of a flow")
TOOK = verb("upload.alias", "Took names for an upload")
NAME = "flow_alias"  # the kind of step; its key is the flow and the name
BATCH = 50  # images that one transaction of a deletion takes


@dataclass
class FlowView:
    """A flow with what hangs on it: names as they are shown with their image ids, and counts without the trash."""

    flow: Flow
    aliases: dict[str, str] = field(default_factory=dict)
    generations: int = 0
    images: int = 0


def create(actor: Actor, project_id: str) -> FlowView:
    access.require(actor, "flow.edit")
    now = db.now_ms()
    flow = Flow.create(id=db.new_id(), project=project_id, created_at=now, updated_at=now)
    return FlowView(flow)


def find(actor: Actor, flow_id: str) -> Flow:
    """Raises NotFound for a flow that is not there or lies behind the wall of a project key."""
    flow = Flow.get_or_none(Flow.id == flow_id)
    if flow is None or actor.project_id not in (None, flow.project_id):
        raise aliases.no_flow()
    return flow


def get(actor: Actor, flow_id: str) -> FlowView:
    access.require(actor, "flow.view")
    with db.reading():
        return _views([find(actor, flow_id)])[0]


def list_flows(
    actor: Actor, project_id: str, *, limit: int, offset: int = 0, after: Place | None = None
) -> tuple[list[FlowView], int]:
    """The flows of a project, newest first, and how many there are on all pages."""
    access.require(actor, "flow.view")
    mine = Flow.select().where(Flow.project == project_id)
    shown = mine.where(Tuple(Flow.created_at, Flow.id) < Tuple(*after)) if after else mine
    with db.reading():
        rows = shown.order_by(Flow.created_at.desc(), Flow.id.desc()).limit(limit).offset(offset)
        return _views(list(rows)), mine.count()


def _views(flows: list[Flow]) -> list[FlowView]:
    """Three queries, however many flows."""
    views = {flow.id: FlowView(flow) for flow in flows}
    ids, shown = list(views), access.SHOWN.expression()
    named: Any = (
        Alias.select(Alias.flow_id, Alias.name, Alias.image_id)
        .join(Image, on=(Alias.image_id == Image.id))
        .where(Alias.flow_id.in_(ids) & shown)
        .order_by(Alias.name_key)
        .tuples()
    )
    for flow_id, name, image_id in named:
        views[flow_id].aliases[f"@{name}"] = image_id
    number = fn.COUNT(SQL("*"))
    runs: Any = Generation.select(Generation.flow_id, number).where(Generation.flow_id.in_(ids))
    for flow_id, count in runs.group_by(Generation.flow_id).tuples():
        views[flow_id].generations = count
    pictures: Any = Image.select(Image.flow_id, number).where(Image.flow_id.in_(ids) & shown)
    for flow_id, count in pictures.group_by(Image.flow_id).tuples():
        views[flow_id].images = count
    return list(views.values())


# Names


def set_aliases(actor: Actor, flow_id: str, wanted: dict[str, str]) -> FlowView:
    """Point names of a flow at images of its project; other names stay. All of them, or none.

    Raises Invalid for a name that is none or is given twice, NotFound for an image that is not in the project.
    """
    access.require(actor, "flow.edit")
    flow = find(actor, flow_id)
    given: dict[str, tuple[str, str]] = {}
    for text, image_id in wanted.items():
        name = aliases.check_new(text, field=f"aliases.{text[:70]}")
        if aliases.key_of(name) in given:
            sentence = f"@{name} is named twice: aliases that differ only in case are the same."
            raise invalid(f"aliases.{text}", sentence)
        given[aliases.key_of(name)] = (name, image_id.lower())
    if given:
        db.retried(lambda: _set_aliases(actor, flow, given))
    return get(actor, flow_id)


def _set_aliases(actor: Actor, flow: Flow, given: dict[str, tuple[str, str]]) -> None:
    aliases.lock_flow(flow.id, flow.project_id)
    ids = {image_id for _, image_id in given.values()}
    held = Image.select().where(Image.id.in_(list(ids))).order_by(Image.seq)
    found = {
        image.id: image
        for image in db.locked(held)
        if image.project_id == flow.project_id and not image.is_trashed and access.sees(actor, image)
    }
    for _, image_id in given.values():
        if image_id not in found:
            raise NotFound(f"There is no image {image_id} in this project.", code="IMAGE_NOT_FOUND")
    before = _held(flow, list(given))
    changed = {
        key: (name, image_id)
        for key, (name, image_id) in given.items()
        if key not in before or (before[key]["name"], before[key]["image_id"]) != (name, image_id)
    }
    Alias.delete().where((Alias.flow_id == flow.id) & Alias.name_key.in_(list(changed))).execute()
    for name, image_id in changed.values():
        aliases.add(actor, name, image_id, flow_id=flow.id)
    _touch(flow)
    _record(actor, NAMED, _steps(flow, before, list(changed)))
    activity.note(
        actor, "flow.alias", flow=flow.id, aliases={f"@{name}": image_id for name, image_id in given.values()}
    )


def take_over(actor: Actor, image: Image, alias: str | None, flow: Flow | None, name: str | None) -> None:
    """Inside the transaction of an upload: the new image gets its alias in the project and its name in the flow. What
    another image had of them is taken from it, in one action; an upload by itself is none."""
    steps = aliases.take_over(actor, image, alias) if alias is not None else []
    if flow and name is not None:
        steps += _take_over(actor, image, flow, name)
    _record(actor, TOOK, steps)


def _take_over(actor: Actor, image: Image, flow: Flow, name: str) -> list[Step]:
    aliases.lock_flow(flow.id, flow.project_id)
    key = aliases.key_of(name)
    before = _held(flow, [key])
    Alias.delete().where((Alias.flow_id == flow.id) & (Alias.name_key == key)).execute()
    aliases.add(actor, name, image.id, flow_id=flow.id)
    _touch(flow)
    return _steps(flow, before, [key]) if before else []


def remove_alias(actor: Actor, flow_id: str, text: str) -> FlowView:
    """Raises NotFound `ALIAS_NOT_FOUND` when the flow has no such name."""
    access.require(actor, "flow.edit")
    flow = find(actor, flow_id)
    key = aliases.key_of(aliases.check(text))
    db.retried(lambda: _remove_alias(actor, flow, key))
    return get(actor, flow_id)


def _remove_alias(actor: Actor, flow: Flow, key: str) -> None:
    aliases.lock_flow(flow.id, flow.project_id)
    before = _held(flow, [key])
    if not Alias.delete().where((Alias.flow_id == flow.id) & (Alias.name_key == key)).execute():
        raise NotFound(f"This flow has no alias @{key}.", code="ALIAS_NOT_FOUND")
    _touch(flow)
    _record(actor, NAMED, _steps(flow, before, [key]))
    activity.note(actor, "flow.alias", flow=flow.id, aliases={f"@{key}": None})


def _held(flow: Flow, keys: list[str]) -> dict[str, names.Row]:
    """The names of a flow as they are, by key."""
    rows = Alias.select().where((Alias.flow_id == flow.id) & Alias.name_key.in_(keys))
    return {row.name_key: names.row_of(row) for row in rows}


def _steps(flow: Flow, before: dict[str, names.Row], keys: list[str]) -> list[Step]:
    """What became of these names: for each image that had or has one a step, whose key is the name."""
    after, steps = _held(flow, keys), []
    for key in keys:
        was, now = before.get(key), after.get(key)
        for image_id in dict.fromkeys(row["image_id"] for row in (was, now) if row):
            had, has = (row if row and row["image_id"] == image_id else None for row in (was, now))
            steps.append(Step(NAME, image_id, had, has, key=f"{flow.id}:{key}"))
    return steps


def _record(actor: Actor, what: Verb, steps: list[Step]) -> None:
    if steps:
        log.record(actor, what, steps, images=len({step.image_id for step in steps}))


def _touch(flow: Flow) -> None:
    Flow.update(updated_at=db.now_ms()).where(Flow.id == flow.id).execute()


# Deleting


def delete(actor: Actor, flow_id: str) -> None:
    """The flow goes with its generations and the images that have no project alias; those with one stay.

    Images the actor does not see stay as well. Raises Forbidden, before anything is gone, when an image would go
    that the actor may not delete. Images go in batches, a short transaction each, and the flow with the last.
    """
    access.require(actor, "flow.edit")
    flow = find(actor, flow_id)
    _check_all(actor, flow)
    is_done = False
    while not is_done:
        tokens, is_done = db.retried(lambda: _delete_batch(actor, flow))
        for token in tokens:
            publishing.remove_now(token)


def _check_all(actor: Actor, flow: Flow) -> None:
    """One query; a key without images:delete may only delete a flow that takes no image with it."""
    named = Alias.select(Alias.image_id).where(Alias.project_id == flow.project_id)
    going = Image.select().where((Image.flow_id == flow.id) & Image.id.not_in(named))
    for image in going:
        if access.sees(actor, image) and not access.can(actor, "image.purge", image):
            raise _keeps()


def _keeps() -> Forbidden:
    return Forbidden("The flow holds images that you may not delete.")


def _delete_batch(actor: Actor, flow: Flow) -> tuple[list[str | None], bool]:
    """Inside a transaction: the next images, and with the last of them the flow. Public tokens to take away, and
    whether that was all."""
    if not list(db.locked(Flow.select().where(aliases.in_project(flow.id, flow.project_id)))):
        raise aliases.no_flow()
    found = list(db.locked(Image.select().where(Image.flow_id == flow.id).order_by(Image.seq).limit(BATCH)))
    ids = [image.id for image in found]
    named: Any = Alias.select(Alias.image_id).where(Alias.image_id.in_(ids) & Alias.project_id.is_null(False))
    holders = {image_id for (image_id,) in named.tuples()}
    tokens, staying = [], []
    for image in found:
        if image.id in holders or not access.sees(actor, image):
            staying.append(image.id)
        elif not access.can(actor, "image.purge", image):
            raise _keeps()
        else:
            tokens.append(trash.remove_rows(actor, image))
    _let_go(flow, staying)
    if len(found) == BATCH:
        return tokens, False
    Generation.delete().where(Generation.flow_id == flow.id).execute()
    Flow.delete().where(Flow.id == flow.id).execute()
    activity.note(actor, "flow.delete", flow=flow.id)
    return tokens, True


def _let_go(flow: Flow, image_ids: list[str]) -> None:
    runs = Generation.select(Generation.id).where(Generation.flow_id == flow.id)
    Image.update(generation_id=None).where(Image.id.in_(image_ids) & Image.generation_id.in_(runs)).execute()
    Image.change(flow_id=None).where(Image.id.in_(image_ids)).execute()
