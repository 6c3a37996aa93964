"""Pictures without a usable original leave the library until they have one: one action, which can be taken back."""

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Step
from pindeck.services.actions.verbs import verb
from pindeck.services.images import publishing, word_store
from pindeck.states import ImageStatus

HIDDEN = verb("image.quarantine", "Hid pictures without an original")


def hide(actor: Actor, ids: list[str]) -> str | None:
    """Those of the images that are in the library; the action, if there are any. The caller has asked whether the actor may."""
    tokens: list[str] = []

    def work(part: list[str], _: str) -> tuple[list[Step], int]:
        active = Image.id.in_(part) & (Image.status == ImageStatus.ACTIVE) & Image.deleted_at.is_null()
        images = list(db.locked(Image.select().where(active).order_by(Image.seq)))
        if not images:
            return [], 0
        word_store.write_columns(images, {image.id: {"status": ImageStatus.BROKEN} for image in images})
        tokens.extend(publishing.withdraw_many(images))
        activity.note_many(actor, "image.quarantine", [image.id for image in images])
        return [Step("status", image.id, ImageStatus.ACTIVE, ImageStatus.BROKEN) for image in images], len(images)

    action_id = log.in_parts(actor, HIDDEN, ids, work)
    publishing.remove_all_now(tokens)
    return action_id
