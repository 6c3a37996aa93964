"""A person keeps a picture that waits, also one whose bytes did not arrive."""

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services import jobs
from pindeck.services.images import moderation
from pindeck.states import ImageStatus


def approve(actor: Actor, image_id: str) -> Image:
    """What `moderation.approve` does; and if the copy of the picture had failed, it is tried again, then described."""

    def work() -> Image:
        image = moderation.approve(actor, image_id)
        again = image.status == ImageStatus.DRAFT and jobs.store_again(image, by=actor)
        return Image.get_by_id(image.seq) if again else image

    return db.retried(work)
