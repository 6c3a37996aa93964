"""What an extension says an image is about: a character, a chat. Here is how that is forgotten."""

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import word_store

FORGOT = verb("extension.forget", "Forgot a character or chat")
SUBJECTS = {"character": Image.subject_character, "chat": Image.subject_chat}


def forget(actor: Actor, kind: str, subject: str) -> int:
    """Clear it on all images of the user, as one action that the user can take back; how many images that were."""
    column = SUBJECTS[kind]
    tagged = (Image.user == actor.user_id) & (column == subject)
    cleared: dict[str, None] = {}

    def work(ids: list[str], _: str) -> tuple[list[Step], int]:
        images = list(db.locked(Image.select().where(tagged & Image.id.in_(ids)).order_by(Image.seq)))
        word_store.write_columns(images, {image.id: {column.name: None} for image in images})
        if images:
            activity.note(actor, "extension.forget", None, kind=kind, cleared=len(images))
        cleared.update(dict.fromkeys(image.id for image in images))
        return [Step(column.name, image.id, subject, None) for image in images], len(images)

    log.in_parts(actor, FORGOT, [image.id for image in Image.select(Image.id).where(tagged)], work)
    return len(cleared)
