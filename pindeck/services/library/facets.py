"""What the filters of the library can be set to: the values that are built in or in use. Reads only."""

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image, ImageTag
from pindeck.services.images import in_use
from pindeck.services.images.fields import tag_of
from pindeck.vocabulary import CATEGORIES, GROUPS


def categories(actor: Actor) -> list[str]:
    """Built in, or in use where the actor may browse; alphabetical."""
    return sorted({*CATEGORIES, *in_use.values(Image.category, access.hung(actor))}, key=str.casefold)


def groups(actor: Actor) -> list[str]:
    """The nine types, then others that occur where the actor may browse."""
    others = (group for group in in_use.values(Image.group, access.hung(actor)) if group not in GROUPS)
    return [*GROUPS, *sorted(others, key=str.casefold)]


def tags_like(actor: Actor, text: str, *, limit: int = 20) -> list[str]:
    """Tags in use that begin with the text, alphabetical: completion while somebody types."""
    access.require(actor, "account")
    start = tag_of(text)
    if not start:
        return []
    inside = (ImageTag.tag >= start) & (ImageTag.tag < start + "\U0010fffd")
    found = access.found_by(actor).expression()  # words of hidden pictures stay hidden
    rows = (
        ImageTag.select(ImageTag.tag)
        .join(Image, on=(ImageTag.image_id == Image.id))
        .where(inside & found)
        .distinct()
        .order_by(ImageTag.tag)
        .limit(limit)
    )
    return [row.tag for row in rows]
