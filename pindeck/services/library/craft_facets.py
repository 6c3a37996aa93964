"""The terms of one field of the craft that stand at pictures of the gallery, and at how many. Reads only.

The rail asks for a field when somebody opens it. A number is exact to 1,000: of each term no more rows are read than that,
along the table of terms, and of a selection no more pictures than the other numbers of the rail read.
"""

from dataclasses import dataclass

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.services.images import new_terms
from pindeck.services.library import counts, filters, query
from pindeck.services.library.counts import Count
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.query import Filter, Wanted
from pindeck.terms import CRAFT

MOST_TERMS = 100  # of one field, of which the files have some twenty

_AT = "SELECT 1 FROM image_craft c JOIN image i ON i.seq = c.seq WHERE c.field = :field AND c.term = {term} AND {images}"


@dataclass(frozen=True)
class TermCount:
    """A term, and how many pictures it leads to beside the other filters; None where that is not known."""

    term: str
    count: Count | None


def fields() -> list[str]:
    """The fields of the craft that are known of any picture, in their order. One statement, a look-up for each."""
    each = [f"SELECT {n} WHERE EXISTS (SELECT 1 FROM image_craft WHERE field = '{name}')" for n, name in enumerate(CRAFT)]
    known = {n for (n,) in db.sql(" UNION ALL ".join(each)).fetchall()}
    return [name for n, name in enumerate(CRAFT) if n in known]


def filter_of(name: str) -> Filter:
    """The filter of a field of the craft. Raises NotFound."""
    if name not in CRAFT:
        raise NotFound("There is no such field.")
    return filters.NAMED[name]


def of(actor: Actor, wanted: Wanted, name: str) -> list[TermCount]:
    """The terms that occur in the gallery, in the order of the vocabulary, then words that became terms.

    Beside other filters those that lead nowhere are left out, as far as that is known. Three statements at most besides
    that for accepted words, however many terms. Raises NotSignedIn where the library is private, NotFound for a field
    that is none of the craft.
    """
    filter = filter_of(name)
    access.require(actor, "library.view")
    terms = [*CRAFT[name].names, *new_terms.accepted().get(name, [])][:MOST_TERMS]
    others = {other: value for other, value in wanted.items() if other is not filter}
    in_all = _in_all(actor, name, terms)
    if not others:
        return [TermCount(term, Count.bounded(number)) for term, number in in_all.items() if number]
    found = dict(query.tally_terms(GALLERY, actor, others, name, most=counts.READ))
    whole = counts.is_at_most(actor, others, counts.READ)
    return [
        TermCount(term, _count(found.get(term, 0), whole))
        for term in terms
        if in_all[term] and (found.get(term) or not whole)
    ]


def _count(number: int, whole: bool) -> Count | None:
    return Count.bounded(number) if whole or number > counts.MOST else None


def _in_all(actor: Actor, name: str, terms: list[str]) -> dict[str, int]:
    """By term: how many pictures hang in the gallery for the actor, up to one more than is told. One statement."""
    images = access.hung(actor)
    each = [
        f"SELECT {place}, (SELECT count(*) FROM ({_AT.format(term=f':t{place}', images=images.text('i'))} LIMIT :most) AS n)"
        for place in range(len(terms))
    ]
    values = {f"t{place}": term for place, term in enumerate(terms)}
    rows = db.sql(" UNION ALL ".join(each), field=name, most=counts.MOST + 1, **values, **images.values).fetchall()
    return {terms[place]: number for place, number in rows}
