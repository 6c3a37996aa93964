"""All tags of the library with their counts, alphabetical: a page steps along the index of tags, whatever the library holds. Reads only."""

from typing import NamedTuple

from pindeck import access, db
from pindeck.access import Actor
from pindeck.services.library.counts import MOST, Count
from pindeck.vocabulary import HIDDEN_TAGS

# A question with EXISTS would become a join, which keeps no order; an order would walk through all tags for one page.
_PAGE = """
    WITH RECURSIVE each_tag (tag) AS (
      SELECT MIN(tag) FROM image_tag WHERE tag > :after
      UNION ALL
      SELECT (SELECT MIN(tag) FROM image_tag WHERE tag > each_tag.tag) FROM each_tag WHERE each_tag.tag IS NOT NULL
    )
    SELECT tag, (SELECT COUNT(*) FROM (SELECT 1 {held} LIMIT :most) AS found) FROM each_tag
    WHERE tag IS NOT NULL AND tag NOT IN ({hidden}) AND (SELECT 1 {held} LIMIT 1) = 1 LIMIT :count"""
_HELD = "FROM image_tag t JOIN image i ON i.id = t.image_id WHERE t.tag = each_tag.tag AND ({images})"


class TagCount(NamedTuple):
    tag: str
    pictures: Count


def list_tags(actor: Actor, *, after: str = "", limit: int = 50) -> tuple[list[TagCount], str | None]:
    """Tags of the pictures that hang for the actor, and the tag to go on from. One statement; counts are exact to 1,000.

    Raises NotSignedIn in a private library.
    """
    access.require(actor, "library.view")
    images = access.hung(actor)
    hidden = {f"hidden{n}": tag for n, tag in enumerate(sorted(HIDDEN_TAGS))}
    held = _HELD.format(images=images.text("i"))
    sql = _PAGE.format(held=held, hidden=", ".join(f":{name}" for name in hidden))
    rows = db.sql(sql, after=after, most=MOST + 1, count=limit + 1, **hidden, **images.values).fetchall()
    found = [TagCount(tag, Count.bounded(number)) for tag, number in rows[:limit]]
    return found, found[-1].tag if len(rows) > limit else None
