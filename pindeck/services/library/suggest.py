"""What somebody who types into the search box may mean: fields, and values that stand at pictures, with how many. Reads only."""

import re
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from pindeck import access
from pindeck.access import Actor
from pindeck.search import FIELDS
from pindeck.search.typed import typed
from pindeck.services.boards import recent_searches, searches
from pindeck.services.library import begun
from pindeck.services.library.begun import Told
from pindeck.services.library.counts import Count

Kind = Literal["saved", "recent", "field", "value"]

SHOWN = 6
OWN = 4  # searches of the person that are offered before these
PLAIN = {"tag": SHOWN, "project": 2, "by": 2, "board": 2}  # fields of which a plain word may be a value, and how many at most


@dataclass(frozen=True)
class Suggestion:
    """`text` is the whole search with the value in it; `count` says how many pictures of the library have the value."""

    text: str
    says: str
    count: Count | None = None
    kind: Kind = "value"


def of(actor: Actor, text: str) -> list[Suggestion]:
    """Searches that the actor keeps or made, at most four, and then at most six fields or values. Raises NotSignedIn where
    the library is private."""
    access.require(actor, "library.view")
    return [*_own(actor, text), *_meant(actor, text)]


def _own(actor: Actor, text: str) -> list[Suggestion]:
    """Of what was kept, by a word of its name or by how it begins; of the last ones, by how they begin. Two statements."""
    start = text.casefold().strip()
    kept = [
        Suggestion(row.query, row.name, kind="saved")
        for row in searches.known_to(actor)
        if row.query.casefold().startswith(start) or any(row.name_key.startswith(start, at) for at in _beginnings(row.name_key))
    ]
    told = {each.text for each in kept[:OWN]}
    last = (old for old in recent_searches.known_to(actor) if old not in told and old.casefold().startswith(start))
    found = [*kept[:OWN], *(Suggestion(old, "Searched before", kind="recent") for old in last)]
    return [each for each in found if each.text.casefold() != start][:OWN]


def _beginnings(name: str) -> list[int]:
    return [found.start() for found in re.finditer(r"\S+", name)]


def _meant(actor: Actor, text: str) -> list[Suggestion]:
    last = typed(text)
    if last is None:
        return []
    if last.field is not None:
        return [_value(last.before, value) for value in begun.values(actor, last.field, last.begun, SHOWN)]
    names = [field for field in FIELDS.values() if field.name.startswith(last.begun.lower())][:3]
    kinds = [[Suggestion(f"{last.before}{field.name}:", field.says, kind="field") for field in names]]
    for name, most in PLAIN.items():
        told = begun.values(actor, FIELDS[name], last.begun, most)
        kinds.append([_value(f"{last.before}{name}:", value) for value in told])
    return _some_of_each(kinds)


def _some_of_each(kinds: list[list[Suggestion]]) -> list[Suggestion]:
    """In turn one of each as long as there is room, in the order in which they stand."""
    in_turn = [each for each in chain.from_iterable(zip_longest(*kinds)) if each is not None][:SHOWN]
    return [each for each in chain.from_iterable(kinds) if each in in_turn]


def _value(before: str, told: Told) -> Suggestion:
    value, count = told
    written = value
    if re.search(r"[\s(),\"“”„«»]", value):
        written = f"“{value}”" if '"' in value else f'"{value}"'
    return Suggestion(f"{before}{written} ", value, count)
