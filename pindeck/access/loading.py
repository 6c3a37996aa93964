"""Load what an action is about. What an actor does not see does not exist for it."""

from pindeck import db
from pindeck.access.actor import Actor
from pindeck.access.images import seen
from pindeck.access.rules import has_scope, require
from pindeck.errors import no_image
from pindeck.models import Image


@db.per_engine
def _by_id() -> db.PreparedQuery:
    return db.PreparedQuery.of(Image.select().where(Image.id == db.Param("id")))


def _image(image_id: str) -> Image | None:
    row = _by_id().row(id=image_id)
    return None if row is None else Image.of_row(row)


def sees(actor: Actor, image: Image) -> bool:
    """Whether the image exists for the actor at all, whatever the scopes of its key allow."""
    return seen(actor).holds(image)


def is_seen(actor: Actor, image_id: str) -> bool:
    """Whether the actor may learn that there is such an image, be it in the trash or not."""
    image = _image(image_id)
    return image is not None and sees(actor, image)


def find_image(actor: Actor, image_id: str, *, trashed: bool = False) -> Image:
    """An image the actor may see. Raises NotFound otherwise: nobody learns whether there is one.

    A trashed image is found only where `trashed` says that it is looked for.
    """
    image = _image(image_id)
    if image is None or not sees(actor, image) or (image.is_trashed and not trashed):
        raise no_image()
    return image


def image_for(actor: Actor, action: str, image_id: str, *, trashed: bool = False) -> Image:
    """Load an image to act on. Raises NotFound for one the actor may not see, Forbidden otherwise.

    A key that lacks the scope is refused before anything is looked for.
    """
    if not has_scope(actor, action):
        require(actor, action)
    image = find_image(actor, image_id, trashed=trashed)
    require(actor, action, image)
    return image
