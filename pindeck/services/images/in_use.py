"""The values that stand at images, for completion and filters. Reads only."""

from typing import Any

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.models import Image
from pindeck.vocabulary import CATEGORIES


def categories(actor: Actor) -> list[str]:
    """What an image may be filed under: built in, or in use where the actor browses or at an image of its own, such as a
    draft; alphabetical."""
    known = access.browsed(actor) | (access.owned_by(actor) & access.LIVE)
    return sorted({*CATEGORIES, *values(Image.category, known)}, key=str.casefold)


def values(column: Any, images: Condition) -> list[str]:
    """The values of an indexed column by skipping from one to the next: a handful of steps, not a scan.

    A value counts that stands at one of the `images`.
    """
    name = column.column_name
    sql = f"""
        WITH RECURSIVE found(value) AS (
          SELECT min("{name}") FROM image WHERE "{name}" IS NOT NULL
          UNION ALL
          SELECT (SELECT min("{name}") FROM image WHERE "{name}" > found.value) FROM found
          WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL AND EXISTS (
          SELECT 1 FROM image WHERE "{name}" = found.value AND {images.text()})
    """
    return [row[0] for row in db.sql(sql, **images.values).fetchall()]
