"""Tell programs what becomes of pictures, by messages that are written with their cause.

Nothing is told of pictures that are not meant for the library. A message names a picture by addresses that ask who
reads them, so whoever holds one sees no more than before.
"""

from typing import Any

from pindeck import config
from pindeck.access import Actor
from pindeck.models import Image, User
from pindeck.services.clients.webhooks import deliveries
from pindeck.services.clients.webhooks.events import Event
from pindeck.services.images import ledger, projects
from pindeck.states import ImageStatus, Visibility


def published(images: list[Image], actor: Actor) -> None:
    """Inside the transaction that made them part of the library."""
    _tell(Event.PUBLISHED, images, actor, status=ImageStatus.ACTIVE)


def brought(image: Image, actor: Actor) -> None:
    """The same for a new one, which is read again if anybody listens."""
    if deliveries.listening(Event.PUBLISHED):
        published([Image.get_by_id(image.seq)], actor)


def approved(images: list[Image], actor: Actor, status: ImageStatus | None = None) -> None:
    """Inside the transaction in which a person approved some that waited; the status that they have now, where the
    rows that were read do not say so."""
    _tell(Event.APPROVED, images, actor, status=status)


def discarded(images: list[Image], actor: Actor) -> None:
    """Inside the transaction that takes images away: of those that were not part of the library yet."""
    waited = (ImageStatus.PENDING, ImageStatus.DRAFT)
    _tell(Event.DISCARDED, [image for image in images if image.status in waited and not image.is_trashed], actor)


def described(image: Image) -> None:
    """Inside the transaction in which a machine wrote its words, which are read again."""
    if deliveries.listening(Event.DESCRIBED):
        _tell(Event.DESCRIBED, [Image.get_by_id(image.seq)], None)


def _tell(event: Event, images: list[Image], actor: Actor | None, *, status: ImageStatus | None = None) -> None:
    """The number of statements does not grow with the images, except by parts of 250."""
    meant = [image for image in images if image.visibility == Visibility.LIBRARY]
    webhooks = deliveries.listening(event) if meant else []
    if not webhooks:
        return
    tags = ledger.tags_of_many([image.id for image in meant])
    named = projects.names_of({image.project_id for image in meant})
    by = _who(actor)
    told = [
        (image.id, {"image": _facts(image, status or image.status, tags[image.id], named.get(image.project_id)), "by": by})
        for image in meant
    ]
    deliveries.write(webhooks, event, told)


def _facts(image: Image, status: str, tags: list[str], project: str | None) -> dict[str, Any]:
    site = config.current().site_url  # without it nobody knows what others call this place
    return {
        "id": image.id,
        "status": status,
        "title": image.title,
        "description": image.description or "",
        "tags": tags,
        "category": image.category,
        "group": image.group,
        "project": project,
        "sourceType": image.origin,
        "pageUrl": f"{site}/images/{image.id}" if site else None,
        "imageUrl": f"{site}/i/{image.id}?size=large" if site else None,
    }


def _who(actor: Actor | None) -> dict[str, str] | None:
    """The person, or who pressed the button in Discord; nobody where a machine did it, or a program for nobody."""
    if actor is None:
        return None
    if actor.asked_by:
        return {"id": actor.asked_by.id, "name": actor.asked_by.name}
    user = User.get_or_none(User.id == actor.user_id) if actor.user_id else None
    return {"id": user.id, "name": user.display_name} if user else None
