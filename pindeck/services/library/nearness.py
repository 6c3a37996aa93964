"""A list in the order in which the index ranks pictures; those that it does not rank follow, newest first."""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import Image
from pindeck.services.library import query
from pindeck.services.library.query import Filter, Listing, Wanted

PART = 500  # ranks that are looked up at once
Ranked = tuple[int | None, tuple[Any, ...]]  # a rank, None for those that have none, and the columns of the listing


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


def others_before(turned: Listing, actor: Actor, wanted: Wanted, ranked: list[int], *, seq: int, limit: int) -> list[Ranked]:
    """From the picture with this `seq` back: itself, and those before it."""
    step = -1 if turned.ascending else 1
    return [(None, row) for row in query.rows(turned, actor, _without(wanted, ranked), limit=limit, after=(seq + step,))]


def _without(wanted: Wanted, ranked: list[int]) -> Wanted:
    return {**wanted, NOT_AMONG: ranked} if ranked else wanted


@lru_cache(maxsize=16)
def _with_seq(listing: Listing) -> Listing:
    return replace(listing, columns=(Image.seq, *listing.columns))


def _told(seqs: list[int], _: Actor) -> str:
    return json.dumps(seqs)


AMONG = Filter("among", "Only these.", lambda rows, seqs: rows.where(Image.seq.in_(spelling.each_of(seqs))), fill=_told)
NOT_AMONG = Filter("besides", "None of these.", lambda rows, seqs: rows.where(Image.seq.not_in(spelling.each_of(seqs))), fill=_told)
