"""Images that go to another project: what they leave behind, and how it comes back.

Names never travel: a moved image loses its aliases in the project and in its flows, and its flow. A file that is a
project's goes where its image goes; one that a person brought is that person's.
"""

from typing import Any

from peewee import Case, Table

from pindeck import db
from pindeck.models import ActionStep, Image, Project, StoredFile
from pindeck.services.actions.steps import Step
from pindeck.services.images import names

MOVE, PROJECT = "move", "project"


def leave(images: list[Image], project_id: str) -> tuple[dict[str, dict[str, Any]], list[Step], list[str]]:
    """Inside a transaction that locked the images: let go of what stays behind, and take the files along.

    Returns the columns to write, by image id; a step for each image; and the project aliases that were released.
    """
    ids = [image.id for image in images]
    if not ids:
        return {}, [], []
    held, files = names.held_by(ids), _files(images)
    names.release(ids)
    _move_files(dict.fromkeys(files, project_id))
    columns = {image.id: {"project_id": project_id, "flow_id": None} for image in images}
    steps = [Step(MOVE, image.id, _state(image, held[image.id], files), {"project": project_id}) for image in images]
    return columns, steps, sorted(name for rows in held.values() if (name := names.project_name(rows)))


def _state(image: Image, held: list[names.Row], files: dict[str, str]) -> dict[str, Any]:
    return {
        "project": image.project_id,
        "flow": image.flow_id,
        "names": held,
        "file": files.get(str(image.file_id)),
    }


def released_in(action_id: str | None) -> list[str]:
    """The project aliases that an action released, as people write them; none for None. One statement."""
    mine = (ActionStep.action_id == action_id) & (ActionStep.kind == MOVE)
    steps = ActionStep.select(ActionStep.before).where(mine) if action_id else []
    return sorted(f"@{name}" for step in steps if (name := names.project_name(step.before["names"])))


def moved(image: Image, before: str, after: str) -> Step:
    """The step of a move of which only the projects are known."""
    file = before if _files([image]) else None
    return Step(MOVE, image.id, {"project": before, "flow": None, "names": [], "file": file}, {"project": after})


def _files(images: list[Image]) -> dict[str, str]:
    """The projects of the files of images, by file id; files of people are left out."""
    ids = [image.file_id for image in images if image.file_id]
    found = StoredFile.select(StoredFile.id, StoredFile.project).where(
        StoredFile.id.in_(ids) & StoredFile.project.is_null(False)
    )
    return {file.id: str(file.project_id) for file in found}


def _move_files(projects_of: dict[str, str]) -> None:
    if not projects_of:
        return
    goes = set(projects_of.values())
    value = goes.pop() if len(goes) == 1 else Case(StoredFile.id, list(projects_of.items()))
    StoredFile.update(project=value).where(StoredFile.id.in_(list(projects_of))).execute()


def return_files(images: list[Image], before: dict[str, dict[str, Any]]) -> None:
    """Inside a transaction: the files of images are those of the projects they were of before, by image id."""
    now = _files(images)
    wanted = {str(image.file_id): before[image.id]["file"] for image in images}
    _move_files({file_id: wanted[file_id] for file_id in now if wanted.get(file_id)})


# Projects that an action made


# Whatever a project can hold. A project that is named here is in use; a test compares with the catalogue.
HOLDS = ("image", "client", "stored_file", "upload_ticket", "flow", "alias", "generation", "source", "discord_thread", "board")


def made(project: Project) -> Step:
    """The step of an action that made a project."""
    return Step(PROJECT, "", None, {"name": project.name}, key=project.id)


def remove_empty(project_ids: list[str]) -> None:
    """Inside a transaction: these projects go, as far as they hold nothing. Three statements."""
    if not project_ids:
        return
    mine = Project.id.in_(project_ids) & ~Project.is_default
    ids = [row.id for row in db.locked(Project.select(Project.id).where(mine).order_by(Project.id))]
    used: set[str] = set()
    for name in HOLDS:
        table = Table(name).bind(db.database)
        used |= {
            row["project_id"]
            for row in table.select(table.c.project_id).where(table.c.project_id.in_(ids)).distinct()
        }
    Project.delete().where(Project.id.in_(set(ids) - used)).execute()
