"""The values that stand at images, for completion and filters. Reads only."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor, Condition
from pindeck.errors import Invalid
from pindeck.models import Image
from pindeck.services.images import new_terms
from pindeck.services.images.fields import FIELDS
from pindeck.terms import CRAFT, key_of
from pindeck.vocabulary import CATEGORIES, DEFAULT_CATEGORY


def categories(actor: Actor) -> list[str]:
    """What an image may be filed under: built in, or in use where the actor browses or at an image of its own, such as a
    draft; alphabetical."""
    known = access.browsed(actor) | (access.owned_by(actor) & access.LIVE)
    return sorted({*CATEGORIES, *values(Image.category, known)}, key=str.casefold)


@dataclass(frozen=True)
class Known:
    """What is read once for many cells: the categories, by how they are folded, and the words of the craft that are new."""

    categories: Mapping[str, str]
    new: Set[tuple[str, str]]


def known_to(actor: Actor, typed: Iterable[tuple[str, str]]) -> Known:
    """For what is typed into many fields, each with the field's name. As many statements for many as for few."""
    found = list(typed)
    words = [(name, word) for name, raw in found if name in CRAFT for word in _words(name, raw)]
    return Known(_categories(actor) if any(name == "category" for name, _ in found) else {}, new_terms.new_among(words))


def _words(name: str, raw: str) -> list[str]:
    """None of what is no value of the field: `meant` says why."""
    try:
        return new_terms.words_in(FIELDS[name].clean(raw))
    except Invalid:
        return []


def _categories(actor: Actor) -> dict[str, str]:
    return {_folded(each): each for each in (DEFAULT_CATEGORY, *categories(actor))}


def meant(actor: Actor, name: str, raw: str, *, present: str | None = None, known: Known | None = None) -> tuple[str, bool]:
    """What a person who types `raw` into the field means, and whether it is new.

    Categories are open, so a slip of the finger would become one: what differs from a known one in case and spaces alone is that one, and
    any other is new, unless it is `present` at the image already. A word of the craft is new if it is no term and nobody
    has used it. No other field has new words. `known` is what was read for many. Raises Invalid.
    """
    if name in CRAFT:
        words = new_terms.words_in(FIELDS[name].clean(raw))
        new = known.new if known else new_terms.new_among((name, word) for word in words)
        return ", ".join(words), any((name, key_of(word)) in new for word in words)
    if name != "category":
        return raw, False
    word = str(FIELDS[name].clean(raw))
    named = known.categories if known else _categories(actor)
    found = word if word == present else named.get(_folded(word))
    return found or word, found is None


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())


def question(word: str, name: str = "category") -> str:
    """What is asked before a new word is written; of several those that are no terms are named."""
    if name in CRAFT:
        known = CRAFT[name].read
        word = ", ".join(each for each in word.split(", ") if known(each) is None)
    return f"“{word}” is new. Add it?"


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
