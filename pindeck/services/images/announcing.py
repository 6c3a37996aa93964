"""Tell a channel in Discord what becomes of its pictures: a job written with its cause, so nothing is told that did
not happen, and nobody waits for Discord."""

from pindeck import config, queue
from pindeck.access import Actor
from pindeck.discord.status import Event
from pindeck.models import Image, User
from pindeck.services.images import lineage
from pindeck.states import ImageStatus, Visibility


def tell(event: Event, image: Image, actor: Actor) -> None:
    """Inside a transaction: ask for the message about an image of the line of Discord; of others, and of what is not
    meant for the library, nothing is told."""
    if not config.current().discord_status_webhook_url or image.visibility != Visibility.LIBRARY:
        return
    if not lineage.is_of_discord(image):
        return
    facts = {
        "id": image.id,
        "title": image.title,
        "parent_id": image.parent_id,
        "sref": image.sref,
        "source": image.source_url,
        "user": _name(actor),
        "picture": image.external_url,
    }
    payload = {"event": event, "facts": {name: value for name, value in facts.items() if value}}
    queue.enqueue(queue.TELL_DISCORD, user_id=actor.user_id, client_id=actor.client_id, payload=payload)


def tell_rejected(images: list[Image], actor: Actor) -> None:
    """Inside a transaction: the same for images that are taken away before they were part of the library."""
    for image in images:
        if image.status in (ImageStatus.PENDING, ImageStatus.DRAFT) and not image.is_trashed:
            tell(Event.REJECTED, image, actor)


def _name(actor: Actor) -> str:
    """Who did it: whoever pressed the button in Discord, else the person."""
    if actor.asked_by:
        return actor.asked_by.name or actor.asked_by.id
    user = User.get_or_none(User.id == actor.user_id) if actor.user_id else None
    return user.display_name if user else ""
