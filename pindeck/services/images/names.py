"""Aliases as the log of actions keeps them: whole rows, so that a name comes back as it was."""

from typing import Any

from peewee import chunked

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Alias, Flow, Project
from pindeck.services.actions.log import PART
from pindeck.services.actions.steps import Step

Row = dict[str, Any]

COLUMNS = ("id", "project_id", "flow_id", "name", "name_key", "image_id", "set_by", "created_at", "updated_at")


def row_of(alias: Alias) -> Row:
    return {name: getattr(alias, name) for name in COLUMNS}


def held_by(image_ids: list[str]) -> dict[str, list[Row]]:
    """All names of images, in their project and in flows, by image id; one statement for a thousand images."""
    held: dict[str, list[Row]] = {image_id: [] for image_id in image_ids}
    for part in chunked(image_ids, 1000):  # a project may have more than a statement takes values
        for alias in Alias.select().where(Alias.image_id.in_(list(part))).order_by(Alias.name_key, Alias.id):
            held[alias.image_id].append(row_of(alias))
    return held


def release(image_ids: list[str]) -> None:
    Alias.delete().where(Alias.image_id.in_(image_ids)).execute()


def project_name(rows: list[Row]) -> str | None:
    """The project alias among the names of one image, of which there is one at most."""
    return next((row["name"] for row in rows if row["project_id"]), None)


def same(one: list[Row], other: list[Row]) -> bool:
    """Whether an image has the same names, whoever wrote them when."""
    return {_key(row) for row in one} == {_key(row) for row in other}


def _key(row: Row) -> tuple[str | None, str | None, str]:
    return row["project_id"], row["flow_id"], row["name"]


def scope(row: Row) -> tuple[str | None, str | None, str]:
    """What no two rows share: the project or the flow, and the name."""
    return row["project_id"], row["flow_id"], row["name_key"]


def holders(rows: list[Row]) -> dict[str, tuple[str | None, str | None, str]]:
    """Who has names like these now, wherever: by the id of the row its scope and name; one statement."""
    alike = Alias.select().where(Alias.name_key.in_([row["name_key"] for row in rows]))
    return {alias.id: (alias.project_id, alias.flow_id, alias.name_key) for alias in alike}


def put_back(rows: list[Row]) -> list[Row]:
    """Inside a transaction that locked the scopes: the names as they were; those that are free no more are returned.

    A name is not free when somebody holds it, when its image has another alias, or when its flow is gone. Of two
    rows with one name the first gets it. Five statements, however many names.
    """
    if not rows:
        return []
    taken = set(holders(rows).values())
    own = Alias.image_id.in_([row["image_id"] for row in rows]) & Alias.project_id.is_null(False)
    named = {alias.image_id for alias in Alias.select(Alias.image_id).where(own)}
    wanted = [row["flow_id"] for row in rows if row["flow_id"]]
    flows = {flow.id for flow in Flow.select(Flow.id).where(Flow.id.in_(wanted))} if wanted else set()
    used = {alias.id for alias in Alias.select(Alias.id).where(Alias.id.in_([row["id"] for row in rows]))}
    free, lost = [], []
    for row in rows:
        if (
            scope(row) in taken
            or (row["project_id"] and row["image_id"] in named)
            or (row["flow_id"] and row["flow_id"] not in flows)
        ):
            lost.append(row)
        else:
            free.append({**row, "id": db.new_id()} if row["id"] in used else row)
            taken.add(scope(row))
    for part in chunked(free, PART):
        Alias.insert_many(part).execute()
    return lost


def lock_scopes(steps: list[Step]) -> None:
    """Inside a transaction, before images are locked: the projects and flows whose names these steps change."""
    states = [state for step in steps for state in (step.before, step.after) if state]
    rows = [row for state in states for row in state.get("names", [state] if "name_key" in state else [])]
    wanted = {row["project_id"] for row in rows} | {state.get("project") for state in states}
    flows = {row["flow_id"] for row in rows} | {state.get("flow") for state in states}
    _lock(Project, wanted)
    _lock(Flow, flows)


def lock_projects(project_ids: set[str]) -> None:
    """Inside a transaction, before images are locked: the projects in which images get names."""
    _lock(Project, project_ids)


def _lock(table: Any, ids: set[Any]) -> None:
    """Uploads refer to these rows as well, and this kind of lock lets them pass."""
    named: Any = table.select(table.id).where(table.id.in_([i for i in ids if i])).order_by(table.id)
    db.lock_rows(named, "FOR NO KEY UPDATE")


def was_taken(actor: Actor, step: Step, steps: list[Step]) -> bool:
    """Whether the name that an image lost by this step went to another image by one of the others."""
    if step.after or not step.before:
        return False
    name = scope(step.before)
    return any(other.after and scope(other.after) == name for other in steps if other.image_id != step.image_id)


def was_lost(actor: Actor, step: Step, steps: list[Step]) -> bool:
    """Whether this step left a flow without the name. Who works in a flow takes names from pictures they do not see;
    who does not work with flows any more gives back only what went to another picture."""
    is_lost = bool(step.before and not step.after)
    return is_lost and (access.can(actor, "flow.edit") or was_taken(actor, step, steps))


def told_lost(rows: list[Row]) -> list[str]:
    """A sentence for each name that did not come back."""
    return [f"Another picture has the alias @{row['name']} now." for row in rows]
