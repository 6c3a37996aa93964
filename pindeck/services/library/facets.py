"""What the filters of the library can be set to: the values that are built in or in use. Reads only."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, ImageTag
from pindeck.services.images.fields import tag_of
from pindeck.vocabulary import CATEGORIES, GROUPS


def categories(actor: Actor) -> list[str]:
    """Built in, or in use where the actor may browse; alphabetical."""
    return sorted({*CATEGORIES, *_distinct(actor, Image.category)}, key=str.casefold)


def groups(actor: Actor) -> list[str]:
    """The nine types, then others that occur where the actor may browse."""
    others = (group for group in _distinct(actor, Image.group) if group not in GROUPS)
    return [*GROUPS, *sorted(others, key=str.casefold)]


def _distinct(actor: Actor, column: Any) -> list[str]:
    """The values of an indexed column by skipping from one to the next: a handful of steps, not a scan.

    A value counts that stands at an image which the actor may browse.
    """
    name = column.column_name
    shown = access.browsed(actor)
    sql = f"""
        WITH RECURSIVE found(value) AS (
          SELECT min("{name}") FROM image WHERE "{name}" IS NOT NULL
          UNION ALL
          SELECT (SELECT min("{name}") FROM image WHERE "{name}" > found.value) FROM found
          WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL AND EXISTS (
          SELECT 1 FROM image WHERE "{name}" = found.value AND {shown.text()})
    """
    return [row[0] for row in db.sql(sql, **shown.values).fetchall()]


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
