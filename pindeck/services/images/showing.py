"""Who sees many pictures at once: one visibility for all of them, as one action."""

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import publishing, telling, word_store
from pindeck.states import ImageStatus

SHOWN = verb("image.visibility", "Changed who sees")


def some(actor: Actor, ids: list[str], action_id: str, *, visibility: str) -> tuple[list[Step], int]:
    """Inside a transaction: those of the pictures that the actor may show or hide, and that are shown otherwise yet."""
    others = Image.id.in_(ids) & Image.deleted_at.is_null() & (Image.visibility != visibility)
    images = [image for image in db.locked(Image.select().where(others).order_by(Image.seq)) if access.can(actor, "image.visibility", image)]
    steps = [Step("visibility", image.id, image.visibility, visibility) for image in images]
    if images:
        word_store.write_columns(images, {image.id: {"visibility": visibility} for image in images})
        tokens = publishing.follow(images)
        activity.note_many(actor, SHOWN.name, [image.id for image in images], to=visibility)
        telling.published([image for image in images if image.status == ImageStatus.ACTIVE], actor)
        db.database.after_commit(lambda: publishing.remove_all_now(tokens))
    return steps, len(steps)
