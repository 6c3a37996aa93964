"""What the filters of the library can be set to: the values that stand at pictures of it. Reads only."""

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image, ImageTag
from pindeck.services.images import in_use
from pindeck.services.images.fields import tag_of
from pindeck.vocabulary import GROUPS


def categories(actor: Actor) -> list[str]:
    """Those in use where the actor may browse; alphabetical."""
    return sorted(in_use.values(Image.category, access.hung(actor)), key=str.casefold)


def groups(actor: Actor) -> list[str]:
    """Those in use where the actor may browse: of the nine types in their order, then others."""
    found = in_use.values(Image.group, access.hung(actor))
    others = (group for group in found if group not in GROUPS)
    return [*(group for group in GROUPS if group in found), *sorted(others, key=str.casefold)]


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
