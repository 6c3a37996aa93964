"""What the filters of the library can be set to: the values that stand at pictures of it. Reads only."""

from peewee import fn

from pindeck import access
from pindeck.access import Actor
from pindeck.models import Image, ImageTag, User
from pindeck.services.images import in_use
from pindeck.services.images.fields import tag_of
from pindeck.vocabulary import GROUPS, HIDDEN_TAGS


def categories(actor: Actor) -> list[str]:
    """Those in use where the actor may browse; alphabetical."""
    return sorted(in_use.values(Image.category, access.hung(actor)), key=str.casefold)


def groups(actor: Actor) -> list[str]:
    """Those in use where the actor may browse: of the nine types in their order, then others."""
    found = in_use.values(Image.group, access.hung(actor))
    others = (group for group in found if group not in GROUPS)
    return [*(group for group in GROUPS if group in found), *sorted(others, key=str.casefold)]


def person(user_id: str) -> str:
    """The name of somebody of whom the library shows a picture; others are nobody, whoever asks."""
    shown = Image.select(Image.seq).where((Image.user == user_id) & access.LISTED.expression())
    found = User.get_or_none((User.id == user_id) & fn.EXISTS(shown))
    return found.display_name if found else "nobody here"


def tags_like(actor: Actor, text: str, *, limit: int = 20) -> list[str]:
    """Tags in use that begin with the text, alphabetical: completion while somebody types."""
    access.require(actor, "account")
    start = tag_of(text)
    if not start:
        return []
    inside = (ImageTag.tag >= start) & (ImageTag.tag < start + "\U0010fffd") & ImageTag.tag.not_in(HIDDEN_TAGS)
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
