"""Review narrowed to what may be a copy: the same bytes as an earlier picture, or a look like that of another one."""

from typing import Any

from peewee import SQL, Expression, chunked, fn

from pindeck.access import Actor
from pindeck.models import Image
from pindeck.services.images import alike
from pindeck.services.library import query
from pindeck.services.library.query import Filter, Rows, Wanted
from pindeck.services.library.sheet import SHEET

READ = 1_000  # of what waits, the newest: each is compared with the library
PART = 200


def _among(rows: Rows, listed: Any) -> Rows:
    place = Expression(Expression(SQL("','"), "||", Image.seq.cast("TEXT")), "||", SQL("','"))
    return rows.where(fn.REPLACE(listed, place, SQL("''")) != listed)


COPIES = Filter(
    "copies",
    "Only what may be a copy of another image, as text that `settled` makes.",
    _among,
    label="Copies",
    read=lambda text: True if text == "1" else None,
    write=lambda _: "1",
)


def settled(actor: Actor, wanted: Wanted) -> Wanted:
    """The filters with the pictures that `COPIES` means there, as the tiles show them: found once, for all that is asked of
    the sheet. Three statements for each 20 pictures that look different."""
    if wanted.get(COPIES) is not True:
        return wanted
    others = {filter: value for filter, value in wanted.items() if filter is not COPIES}
    waiting = query.images(SHEET, actor, others, limit=READ)
    twins = {image_id for part in chunked(waiting, PART) for image_id in alike.twins(actor, part)}
    return {**others, COPIES: "".join(f",{image.seq}," for image in waiting if image.id in twins) or ","}
