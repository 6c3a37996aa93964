"""Which pictures are meant: some by their ids, all that a query of the gallery finds, or all; of each, those that lack a field."""

import re
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, Self
from urllib.parse import parse_qsl

from pindeck import access
from pindeck.access import Actor
from pindeck.errors import invalid, no_image
from pindeck.models import Image
from pindeck.search import parse
from pindeck.services.images import chosen
from pindeck.services.images.fields import FIELDS
from pindeck.services.library import filters, query
from pindeck.services.library.lacking import LACKING, check
from pindeck.services.library.query import Filter, Listing, Rows, Wanted

COUNTED = 100_000  # beyond that there are "more"
MOST = 5_000  # that are named by their ids
_ADDRESS = re.compile(r"\w+=")  # what the end of an address begins with, and no search does


@dataclass(frozen=True)
class Choice:
    """`query` is written as in the address of the gallery, `tag=rain&q=neon`, or as in its search box; `is_all` says that all
    are meant where nothing narrows them. With `ids` there is no query."""

    ids: tuple[str, ...] = ()
    query: str = ""
    lacking: str = ""
    is_all: bool = False

    def as_json(self) -> dict[str, Any]:
        given = {**asdict(self), "ids": list(self.ids)}  # as it is read again, so that two can be compared
        return {name: value for name, value in given.items() if value}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Self:
        return cls(**{**kept, "ids": tuple(kept.get("ids", ()))})

    @property
    def text(self) -> str:
        """In a few words."""
        many = f"{len(self.ids)} chosen {'picture' if len(self.ids) == 1 else 'pictures'}" if self.ids else ""
        lacks = f"without {FIELDS[self.lacking].label.lower()}" if self.lacking else ""
        words = ", ".join(filter.chip(value) for filter, value in query.given(wanted_of(self.query)))
        return ", ".join(part for part in (many, words, lacks) if part) or "All pictures"


def checked(choice: Choice) -> Choice:
    """Raises Invalid, naming the field."""
    if choice.lacking:
        check(choice.lacking)
    whole = meant_by(choice.query).get(filters.WORDS)
    if whole and (problems := parse(whole).problems):
        raise invalid("query", problems[0].says)
    if choice.ids:
        if choice.query or choice.is_all:
            raise invalid("ids", "Name pictures, or a query, not both.")
        return replace(choice, ids=tuple(chosen.check_ids(list(choice.ids), most=MOST)))
    if not (choice.query.strip() or choice.lacking or choice.is_all):
        raise invalid("ids", "Name pictures, a query or a field that they lack, or say that all are meant.")
    return choice


def wanted_of(text: str) -> Wanted:
    """The filters that a query means. Raises Invalid for a name that is none."""
    text = text.strip().lstrip("?")
    if not text:
        return {}
    if not _ADDRESS.match(text):
        return {filters.WORDS: text}
    offered = {filter.name: filter for filter in filters.OF_GALLERY}
    wanted: dict[Filter, Any] = {}
    for name, value in parse_qsl(text):
        if name not in offered:
            raise invalid("query", f"“{name[:40]}” is not a filter. Use {', '.join(offered)}.")
        wanted[offered[name]] = offered[name].read(value)
    return {filter: value for filter, value in wanted.items() if value is not None}


def meant_by(text: str) -> Wanted:
    """The same for something that is done with all that is found. A query that was given and narrows nothing would mean the
    whole library, so it is Invalid, as is a value that cannot be read."""
    wanted, text = wanted_of(text), text.strip().lstrip("?")
    if _ADDRESS.match(text):
        read = {filter.name for filter in wanted}
        if unread := [name for name, _ in parse_qsl(text, keep_blank_values=True) if name not in read]:
            raise invalid("query", f"“{unread[0][:40]}” has no value that can be looked for.")
    if (words := wanted.get(filters.WORDS)) is not None and (parsed := parse(words)).tree is None:
        raise invalid("query", parsed.problems[0].says if parsed.problems else "This search has no word to look for.")
    return wanted


def count(listing: Listing, actor: Actor, choice: Choice, *more: Filter) -> int:
    """How many there are, at most one more than COUNTED."""
    if choice.ids:
        return _named(listing, actor, choice, choice.ids, more).count()
    found = query.tally(replace(listing, columns=()), actor, _wanted(choice, more), most=COUNTED + 1)
    return int(found[0][0]) if found else 0


def part(
    listing: Listing, actor: Actor, choice: Choice, *more: Filter, edge: int | None, limit: int
) -> tuple[list[Image], int | None]:
    """The next ones from `edge` on, and where the part after them begins; None after the last one."""
    if choice.ids:
        at = edge or 0
        found = list(_named(listing, actor, choice, choice.ids[at : at + limit], more))
        return found, at + limit if at + limit < len(choice.ids) else None
    after = None if edge is None else (edge,)
    found = query.images(listing, actor, _wanted(choice, more), limit=limit, after=after)
    return found, found[-1].seq if len(found) == limit else None


def narrowed(rows: Rows, actor: Actor, choice: Choice) -> Any:
    """A query of one's own about the pictures that are meant; None where a filter finds nothing."""
    found = query.narrowed(rows, actor, _wanted(choice, ()))
    return found.query if found else None


def check_named(actor: Actor, ids: tuple[str, ...], action: str) -> None:
    """Raises NotFound when the actor does not see one of them, Forbidden when it may not do this with it."""
    images = list(Image.select().where(Image.id.in_(ids)))
    if len(images) < len(ids) or any(image.is_trashed or not access.sees(actor, image) for image in images):
        raise no_image()
    for image in images:
        access.require(actor, action, image)


def whole(wanted: Wanted) -> Wanted:
    """The same filters, which leave nothing out that cannot be told just now: they would mean more pictures."""
    return {filters.WHOLE_WORDS if filter is filters.WORDS else filter: value for filter, value in wanted.items()}


def _wanted(choice: Choice, more: tuple[Filter, ...]) -> Wanted:
    wanted = {**whole(wanted_of(choice.query)), **dict.fromkeys(more, True)}
    return {**wanted, LACKING: choice.lacking} if choice.lacking else wanted


def _named(listing: Listing, actor: Actor, choice: Choice, ids: tuple[str, ...], more: tuple[Filter, ...]) -> Any:
    shown = reduce(or_, listing.shown(actor, frozenset())).expression()
    rows = Rows(Image.select().where(shown & Image.id.in_(ids)), Image.seq, frozenset())
    for filter in more:
        rows = filter.narrow(rows, True)
    if choice.lacking:
        rows = LACKING.narrow(rows, choice.lacking)
    return rows.query.order_by(Image.seq.desc())
