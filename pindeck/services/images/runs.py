"""A run: everything that one description of a picture wrote and suggested, taken back as one action."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Action, FieldEvent, Image, Project
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.undo import Undone
from pindeck.services.actions.verbs import verb
from pindeck.services.images import moving, projects, proposals, round_log, undoing
from pindeck.states import WriterKind

DESCRIBED = verb("image.describe", "Described by a machine")


def take_back(actor: Actor, image_id: str, run_id: str) -> Undone:
    """What people changed or decided since stays. Raises NotFound for a run that there is not, and as `undo` does.

    A run becomes an action when somebody first takes it back: nobody did it, and each upload would fill the log.
    """
    image = access.image_for(actor, "image.edit", image_id)
    with db.writing():
        db.locked(Image.select(Image.seq).where(Image.seq == image.seq)).get_or_none()
        if not Action.select().where(Action.id == run_id).exists():
            steps = proposals.steps_of_run(image.id, run_id) + _moved(image, run_id)
            wrote = (FieldEvent.action_id == run_id) & (FieldEvent.image_id == image.id)
            if not steps and not FieldEvent.select().where(wrote & (FieldEvent.writer == WriterKind.MACHINE)).exists():
                raise NotFound("There is no such description.", code="ACTION_NOT_FOUND")
            log.record(actor, DESCRIBED, steps, images=1, action_id=run_id)
    undone = undoing.undo(actor, run_id)
    with db.writing():
        round_log.let_go(image.id, run_id)
    return undone


def _moved(image: Image, run_id: str) -> list[Step]:
    """The move to another project, if the run made one: as its round has it, else as the history tells."""
    if kept := round_log.move_of(image.id, run_id):
        return [kept]
    mine = (FieldEvent.action_id == run_id) & (FieldEvent.image_id == image.id) & (FieldEvent.field == "project")
    event = FieldEvent.get_or_none(mine & (FieldEvent.writer == WriterKind.MACHINE))
    before = Project.get_or_none(_is_called(event.old)) if event else None
    after = Project.get_or_none(_is_called(event.new)) if event else None
    return [moving.moved(image, before.id, after.id)] if before and after else []


def _is_called(name: str | None) -> Any:
    return Project.name_key == projects.name_key(name) if name else Project.id == projects.DEFAULT_ID
