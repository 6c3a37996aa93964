"""A list in the order in which the index ranks pictures; those that it does not rank follow, newest first."""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import Image
from pindeck.services.library import filters, looks, query
from pindeck.services.library.places_of_order import LAST, read, write
from pindeck.services.library.query import Filter, Listing, Wanted

KINDS = (int, str)  # of a place: a rank, or LAST among those that have none, and the id of the picture
PART = 500  # ranks that are looked up at once
Ranked = tuple[int | None, tuple[Any, ...]]  # a rank, None for those that have none, and the columns of the listing


def page(listing: Listing, actor: Actor, wanted: Wanted, *, limit: int, after: str | None) -> tuple[list[tuple[Any, ...]], str | None]:
    """The columns of `listing`, which have the id, and where the next page begins. What is no place is the beginning."""
    ranked = ranking(actor, wanted)
    place, seq = _place(after)
    if place is None or seq is None:
        found = rows(listing, actor, wanted, ranked, limit=limit + 1)
    elif place[0] < LAST:
        begin = (ranked.index(seq) if seq in ranked else max(-1, place[0])) + 1
        found = rows(listing, actor, wanted, ranked, begin=begin, limit=limit + 1)
    else:
        found = others(listing, actor, wanted, ranked, after=seq, limit=limit + 1)
    return [row for _, row in found[:limit]], _written(listing, found[limit - 1]) if len(found) > limit else None


def start_before(listing: Listing, actor: Actor, wanted: Wanted, *, limit: int, after: str) -> str | None:
    """Where the page begins whose last picture is the one of this place; None for the beginning."""
    place, seq = _place(after)
    if place is None or seq is None:
        return None
    ranked = ranking(actor, wanted)
    back: list[Ranked] = []
    end = ranked.index(seq) if seq in ranked else min(place[0], len(ranked) - 1)
    if place[0] == LAST:
        back, end = _others_before(listing, actor, wanted, ranked, seq=seq, limit=limit + 1), len(ranked) - 1
    if len(back) <= limit:
        back += reversed(known(listing, actor, wanted, ranked[: end + 1]))
    return _written(listing, back[limit]) if len(back) > limit else None


def places(listing: Listing, actor: Actor, wanted: Wanted, *, most: int) -> list[str]:
    """The place after each picture, of `most` at most."""
    return [_written(listing, each) for each in rows(listing, actor, wanted, ranking(actor, wanted), limit=most)]


def ranking(actor: Actor, wanted: Wanted) -> list[int]:
    """All that the index ranks for a search, by `seq`."""
    return looks.ranking(actor, str(wanted.get(filters.WORDS, "")))


def _place(after: str | None) -> tuple[list[Any] | None, int | None]:
    place = read(after, KINDS) if after else None
    return place, None if place is None else query.position_of(place[1])


def _written(listing: Listing, ranked: Ranked) -> str:
    rank, row = ranked
    at = next(n for n, column in enumerate(listing.columns) if column is Image.id)
    return write([LAST if rank is None else rank, row[at]])


def rows(listing: Listing, actor: Actor, wanted: Wanted, ranked: list[int], *, begin: int = 0, limit: int) -> list[Ranked]:
    """From a rank on. `ranked` are all of them by `seq`. One statement for each part, and one for the others."""
    found = known(listing, actor, wanted, ranked, begin=begin, limit=limit)
    if len(found) >= limit:
        return found[:limit]
    return found + others(listing, actor, wanted, ranked, limit=limit - len(found))


def known(
    listing: Listing, actor: Actor, wanted: Wanted, ranked: list[int], *, begin: int = 0, limit: int | None = None
) -> list[Ranked]:
    """Those with a rank, until there are enough."""
    found: list[Ranked] = []
    whole = _with_seq(listing)
    for at in range(begin, len(ranked), PART):
        part = ranked[at : at + PART]
        here = {row[0]: row[1:] for row in query.rows(whole, actor, {**wanted, AMONG: part}, limit=PART)}
        found += [(at + n, here[seq]) for n, seq in enumerate(part) if seq in here]
        if limit is not None and len(found) >= limit:
            break
    return found


def others(
    listing: Listing, actor: Actor, wanted: Wanted, ranked: list[int], *, after: int | None = None, limit: int
) -> list[Ranked]:
    """Those without a rank, after the picture with the `seq`."""
    edge = None if after is None else (after,)
    return [(None, row) for row in query.rows(listing, actor, _without(wanted, ranked), limit=limit, after=edge)]


def _others_before(listing: Listing, actor: Actor, wanted: Wanted, ranked: list[int], *, seq: int, limit: int) -> list[Ranked]:
    """From the picture with this `seq` back: itself, and those before it."""
    turned = _turned(listing)
    step = -1 if turned.ascending else 1
    return [(None, row) for row in query.rows(turned, actor, _without(wanted, ranked), limit=limit, after=(seq + step,))]


@db.per_engine
def _turned(listing: Listing) -> Listing:
    return replace(listing, ascending=not listing.ascending)


def _without(wanted: Wanted, ranked: list[int]) -> Wanted:
    return {**wanted, NOT_AMONG: ranked} if ranked else wanted


@lru_cache(maxsize=16)
def _with_seq(listing: Listing) -> Listing:
    return replace(listing, columns=(Image.seq, *listing.columns))


def _told(seqs: list[int], _: Actor) -> str:
    return json.dumps(seqs)


AMONG = Filter("among", "Only these.", lambda rows, seqs: rows.where(Image.seq.in_(spelling.each_of(seqs))), fill=_told)
NOT_AMONG = Filter("besides", "None of these.", lambda rows, seqs: rows.where(Image.seq.not_in(spelling.each_of(seqs))), fill=_told)
