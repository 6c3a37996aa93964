"""Pages of a list: by offset, and by cursor beside it."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import Field

from pindeck import cursors
from pindeck.api.operations import Reply
from pindeck.api.schemas import page
from pindeck.api.types import Query, QueryInt, Text
from pindeck.cursors import Place
from pindeck.errors import invalid
from pindeck.http import urls

T = TypeVar("T")

Offset = Annotated[
    QueryInt,
    Field(
        ge=0,
        description="How many to pass over. While pictures arrive or go, a page by offset may repeat some of the page before or "
        "leave some out; pages by `cursor` do not.",
    ),
]


class Cursored(Query):
    """A list whose answers name the next page."""

    cursor: Text | None = Field(
        None,
        description="Where to go on: the header `Link` of the page before has the whole address. Not together with `offset`.",
    )

    @property
    def after(self) -> Place | None:
        """Raises Invalid for a cursor that no list gave, and for one beside an offset."""
        if self.cursor is None:
            return None
        if getattr(self, "offset", 0):
            raise invalid("cursor", "Give a cursor or an offset, not both.", named=True)
        return cursors.read(self.cursor)


def asked(pages: Any) -> dict[str, Any]:
    """What a service is asked for: one more than a page by cursor has, which tells whether there is another."""
    after = pages.after
    return {"limit": pages.limit + (after is not None), "offset": pages.offset, "after": after}


def paged(
    pages: Any, found: tuple[list[T], int], shape: Callable[[list[T]], list[Any]], place: Callable[[T], Place]
) -> Reply:
    """The answer with its `pagination`, and the header that leads on."""
    rows, total = found
    shown, link = cut(pages, rows, pages.limit, place, total=total)
    value = page(shape(shown), total=total, limit=pages.limit, offset=pages.offset, more=bool(link))
    return Reply(value, headers=link)


def cut(
    query: Cursored, found: list[T], limit: int, place: Callable[[T], Place], *, total: int | None = None
) -> tuple[list[T], dict[str, str]]:
    """A page of `limit` things, and its header `Link` if there is another page: `found` has one more then, or fewer than
    `total` are passed by an offset."""
    shown = found[:limit]
    is_more = len(found) > limit
    if total is not None and query.cursor is None:
        is_more = getattr(query, "offset", 0) + len(shown) < total
    return shown, _link(place(shown[-1])) if is_more and shown else {}


def _link(place: Place) -> dict[str, str]:
    """The same list, from there on."""
    kept = {name: value for name, value in request.args.items() if name not in ("offset", "cursor")}
    address = urls.absolute(f"{request.path}?{urlencode({**kept, 'cursor': cursors.write(*place)})}")
    return {"Link": f'<{address}>; rel="next"'}
