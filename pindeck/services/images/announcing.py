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
    tell_many(event, [image], actor)


def tell_rejected(images: list[Image], actor: Actor) -> None:
    """Inside a transaction: the same for images that are taken away before they were part of the library."""
    waited = (ImageStatus.PENDING, ImageStatus.DRAFT)
    tell_many(Event.REJECTED, [image for image in images if image.status in waited and not image.is_trashed], actor)


def tell_many(event: Event, images: list[Image], actor: Actor) -> None:
    """The same for many, in a number of statements that does not grow with them."""
    meant = [image for image in images if image.visibility == Visibility.LIBRARY]
    if not meant or not config.current().discord_status_webhook_url:
        return
    lines = lineage.lines_of(meant)
    told = [image for image in meant if lineage.is_of_discord(lines[image.id])]
    by = _name(actor) if told else ""
    payloads = [{"event": event, "facts": _facts(image, by)} for image in told]
    asked = {"user_id": actor.user_id, "client_id": actor.client_id}
    queue.enqueue_many(queue.TELL_DISCORD, [{**asked, "payload": payload} for payload in payloads])


def _facts(image: Image, by: str) -> dict[str, str]:
    from pindeck.services.images import card_pictures

    facts = {
        "id": image.id,
        "title": image.title,
        "parent_id": image.parent_id,
        "sref": image.sref,
        "source": image.source_url,
        "user": by,
        "picture": card_pictures.address(image),
    }
    return {name: value for name, value in facts.items() if value}


def _name(actor: Actor) -> str:
    """Who did it: whoever pressed the button in Discord, else the person."""
    if actor.asked_by:
        return actor.asked_by.name or actor.asked_by.id
    user = User.get_or_none(User.id == actor.user_id) if actor.user_id else None
    return user.display_name if user else ""
