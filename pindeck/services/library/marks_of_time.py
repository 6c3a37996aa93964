"""Months of the library in the order of the wall, each with places to go on from and how many pictures follow there.

Ids begin with the moment at which they were made and lie in the order of the wall, so a month begins at a place of that
index, and the pictures between two places are counted along another one.
"""

import json
from bisect import bisect_right
from datetime import UTC, datetime
from itertools import accumulate, groupby, pairwise
from typing import Any

from pindeck import db
from pindeck.db import spelling
from pindeck.services.library.gallery import PAGE

MOST_MONTHS = 240  # an older library is marked by years
PARTS = 120  # into which the whole is cut at least where there is so much, so that a jump lands near
LAST_MS = 253_402_300_799_000  # that a calendar has

Stop = tuple[int, str | None]
Months = list[tuple[str, list[Stop]]]


def of_ids(ids: list[str], is_down: bool) -> Months:
    """Of pictures that were read, the newest first."""
    ordered = ids if is_down else ids[::-1]
    before = [None, *ordered]
    months: Months = []
    place = 0
    for label, group in groupby(ordered, _month):
        count = len(list(group))
        stops = [(min(PAGE, count - n), before[place + n]) for n in range(0, count, PAGE)]
        months.append((label, stops))
        place += count
    return months


def of_library(shown: str, values: dict[str, Any], is_down: bool) -> Months:
    """Of all pictures under this condition; three statements."""
    ends = f"SELECT seq, id FROM image WHERE seq = (SELECT {{}}(seq) FROM image WHERE {shown})"
    first, last = (db.sql(ends.format(which), **values).fetchone() for which in ("MIN", "MAX"))
    if first is None:
        return []
    months = _months(_moment(first[1]), _moment(last[1]))
    places = _places([_id_at(begin) for begin, _ in months])
    edges = sorted({first[0], last[0] + 1, *(place for place in places if first[0] < place <= last[0])})
    step = max(PAGE, -(-(last[0] + 1 - first[0]) // PARTS))
    cuts = sorted({cut for low, high in pairwise(edges) for cut in range(low, high, step)} | {last[0] + 1})
    before = "seq >= cut.high ORDER BY seq" if is_down else "seq < cut.low ORDER BY seq DESC"
    sql = f"""
        SELECT cut.low, (SELECT COUNT(*) FROM image WHERE {shown} AND seq >= cut.low AND seq < cut.high),
          (SELECT id FROM image WHERE {shown} AND {before} LIMIT 1)
        FROM (SELECT value AS low, LEAD(value) OVER (ORDER BY value) AS high FROM ({spelling.each(":cuts")}) AS each_cut) AS cut
        WHERE cut.high IS NOT NULL ORDER BY cut.low {"DESC" if is_down else ""}"""
    found = [row for row in db.sql(sql, cuts=json.dumps(cuts), **values).fetchall() if row[1]]
    grouped = groupby(found, lambda row: max(0, bisect_right(places, row[0]) - 1))
    return [(months[n][1], [(count, after) for _, count, after in rows]) for n, rows in grouped]


def _places(ids: list[str]) -> list[int]:
    """Where what was made since each of these moments begins."""
    sql = f"""
        SELECT edge.value, (SELECT seq FROM image WHERE id >= edge.value ORDER BY id LIMIT 1)
        FROM ({spelling.each(":ids", are_numbers=False)}) AS edge ORDER BY edge.value"""
    found = [row[1] for row in db.sql(sql, ids=json.dumps(ids)).fetchall() if row[1] is not None]
    return list(accumulate(found, max))  # ids of two processes may lie a moment apart


def _months(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Beginnings and names of the months from the first one to the last one, or of the years where those are too many."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if count > MOST_MONTHS:
        return [(datetime(year, 1, 1, tzinfo=UTC), str(year)) for year in range(first.year, last.year + 1)]
    months = ((first.year * 12 + first.month - 1 + n) for n in range(count))
    begins = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months]
    return [(begin, f"{begin:%B %Y}") for begin in begins]


def _month(image_id: str) -> str:
    return f"{_moment(image_id):%B %Y}"


def _moment(image_id: str) -> datetime:
    """When the id was made."""
    return datetime.fromtimestamp(min(int(image_id.replace("-", "")[:12], 16), LAST_MS) / 1000, UTC)


def _id_at(moment: datetime) -> str:
    """The smallest id of this moment."""
    at = f"{int(moment.timestamp() * 1000):012x}"
    return f"{at[:8]}-{at[8:]}-7000-8000-000000000000"
