"""Images back in the project that they came from, with their flow, their file and their names there."""

from typing import Any

from pindeck import db
from pindeck.models import ActionStep, Flow, Image, Project
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import moving, names, word_store


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    held = names.held_by([step.image_id for step in steps])
    there = _kept(Project, {step.before["project"] for step in steps})
    back, left = [], []
    for step in steps:
        if taking.images[step.image_id].project_id != step.after["project"]:
            left.append(Left(step, "has been changed since"))
        elif held[step.image_id]:
            left.append(Left(step, "has an alias in its project now"))
        elif step.before["project"] not in there:
            left.append(Left(step, "was in a project that is gone"))
        else:
            back.append(step)
    if back:
        _write(taking, back)
    return left


def _kept(table: type[Project] | type[Flow], ids: set[Any]) -> set[str]:
    """Those that there are, and stay until the transaction ends."""
    wanted = [i for i in ids if i]
    named: Any = table.select(table.id).where(table.id.in_(wanted)).order_by(table.id)
    return {row.id for row in db.locked(named, "FOR KEY SHARE")} if wanted else set()


def _write(taking: Taking, steps: list[Step]) -> None:
    images: list[Image] = [taking.images[step.image_id] for step in steps]
    before = {step.image_id: step.before for step in steps}
    flows = _kept(Flow, {step.before["flow"] for step in steps})
    columns = {
        image_id: {"project_id": state["project"], "flow_id": state["flow"] if state["flow"] in flows else None}
        for image_id, state in before.items()
    }
    word_store.write_columns(images, columns)
    moving.return_files(images, before)
    rows = [row for state in before.values() for row in state["names"]]
    taking.notices += names.told_lost(names.put_back(rows))
    word_store.index(images)
    _remove_left({step.after["project"] for step in steps})


def _remove_left(project_ids: set[str]) -> None:
    """Projects go whose making was taken back while they still held something."""
    unmade = ActionStep.select(ActionStep.key).where(
        (ActionStep.kind == moving.PROJECT)
        & ActionStep.key.in_(list(project_ids))
        & ActionStep.undone_at.is_null(False)
    )
    moving.remove_empty([row.key for row in unmade])


def remove_made(taking: Taking, steps: list[Step]) -> list[Left]:
    """A project that the action made goes if nothing is in it; what others put there keeps it."""
    moving.remove_empty([step.key for step in steps])
    return []
