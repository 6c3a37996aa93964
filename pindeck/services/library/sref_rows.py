"""The gallery as rows of one style reference each: a number of Midjourney's, and the pictures that name it. Reads only.

A picture that names several stands in each of their rows. Those without any are the last row.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.library import counts, places, query
from pindeck.services.library.gallery import GALLERY, Seen
from pindeck.services.library.query import NOTHING, Rows, Wanted
from pindeck.services.library.srefs import NUMBER, numbers_in

NONE = ""
MOST_TEXTS = 400  # ways in which one number is written, that are looked up

_TEXTS = replace(GALLERY, columns=(Image.sref,))


@dataclass(frozen=True)
class SrefRow:
    """`number` is empty for those that name none."""

    number: str
    count: int
    shown: list[Seen]


def list_rows(
    actor: Actor, wanted: Wanted = NOTHING, *, after: str | None = None, limit: int, shown: int
) -> tuple[list[SrefRow], str | None]:
    """By number, the smallest first, then those without any; and the number that the next page goes on after.

    Under filters a row has what they leave, among the newest 10,000 of all. Three statements, and what the filters ask for.
    """
    access.require(actor, "library.view")
    texts: dict[str, list[str]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for text, number in _written(actor, wanted):
        if not text:
            count[NONE] += number
            continue
        for each in numbers_in(text):
            texts[each].append(text)
            count[each] += number
    order = sorted(texts, key=lambda each: (len(each), each))
    edge = after if after and NUMBER.fullmatch(after) else None
    left = [each for each in order if edge is None or (len(each), each) > (len(edge), edge)]
    page = left[:limit]
    if len(left) <= limit and count[NONE] > 0:
        page = [*page, NONE]
    first = places.first_of(page, lambda each: _row(actor, texts[each][:MOST_TEXTS], wanted), shown)
    rows = [SrefRow(each, count[each], first[each]) for each in page if first[each]]
    return rows, page[-1] if len(left) > limit else None


def _written(actor: Actor, wanted: Wanted) -> list[tuple]:
    """The texts that name style references, and how many pictures have each; those without one as well."""
    if wanted:
        return query.tally(_TEXTS, actor, wanted, most=places.COUNTED)
    hung = access.hung(actor)
    sql = f"SELECT sref, COUNT(*) FROM image WHERE {hung.plain.text()} AND sref IS NOT NULL GROUP BY sref"
    found = db.sql(sql, **hung.values).fetchall()
    return [*found, (None, sum(counts.each(actor, Image.project).values()) - sum(number for _, number in found))]


def _row(actor: Actor, texts: list[str], wanted: Wanted) -> Any:
    """Without texts: those that name none."""
    named = Image.sref.in_(texts) if texts else Image.sref.is_null()
    mine = Image.select(*places.COLUMNS).where(access.hung(actor).expression() & named)
    kept = query.narrowed(Rows(mine, Image.seq, frozenset(filter.name for filter in wanted)), actor, wanted)
    return kept.query.order_by(Image.seq.desc()) if kept else None
