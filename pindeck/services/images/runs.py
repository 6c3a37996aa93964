"""A run: everything that one description of a picture wrote and suggested, taken back as one action."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Action, FieldEvent, Image
from pindeck.services.actions import log
from pindeck.services.actions.undo import Undone
from pindeck.services.actions.verbs import verb
from pindeck.services.images import proposals, undoing
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
            steps = proposals.steps_of_run(image.id, run_id)
            wrote = (FieldEvent.action_id == run_id) & (FieldEvent.image_id == image.id)
            if not steps and not FieldEvent.select().where(wrote & (FieldEvent.writer == WriterKind.MACHINE)).exists():
                raise NotFound("There is no such description.", code="ACTION_NOT_FOUND")
            log.record(actor, DESCRIBED, steps, images=1, action_id=run_id)
    return undoing.undo(actor, run_id)
