"""What somebody who types into the search box may mean: fields, and values that stand at pictures, with how many. Reads only.

No more rows are read than is told: of each value at most a thousand pictures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Image, Project, User
from pindeck.search import FIELDS, NAMED
from pindeck.services.boards import recent_searches, searches
from pindeck.services.images import in_use, projects
from pindeck.services.images.fields import tag_of
from pindeck.services.library import counts, filters
from pindeck.services.library.counts import Count
from pindeck.services.library.query import Filter
from pindeck.states import Role
from pindeck.terms import CRAFT, key_of
from pindeck.vocabulary import HIDDEN_TAGS

Kind = Literal["saved", "recent", "field", "value"]

SHOWN = 6
OWN = 4  # searches of the person that are offered before these
LOOKED_AT = 16  # values that begin so and are counted, most of which the reader sees
AFTER = "\U0010fffd"
_TYPED = re.compile(r'(?:^|(?<=[\s(,-]))(?:([A-Za-z][A-Za-z_-]*):)?"?([^\s()",:]*)$')
_COLUMNS: dict[str, Any] = {"category": Image.category, "type": Image.group, "genre": Image.genre, "shot": Image.shot, "style": Image.style}


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
    begun = text.casefold().strip()
    kept = [
        Suggestion(row.query, row.name, kind="saved")
        for row in searches.known_to(actor)
        if row.query.casefold().startswith(begun) or any(row.name_key.startswith(begun, at) for at in _beginnings(row.name_key))
    ]
    told = {each.text for each in kept[:OWN]}
    last = (old for old in recent_searches.known_to(actor) if old not in told and old.casefold().startswith(begun))
    found = [*kept[:OWN], *(Suggestion(old, "Searched before", kind="recent") for old in last)]
    return [each for each in found if each.text.casefold() != begun][:OWN]


def _beginnings(name: str) -> list[int]:
    return [found.start() for found in re.finditer(r"\S+", name)]


def _meant(actor: Actor, text: str) -> list[Suggestion]:
    typed = _TYPED.search(text)
    if typed is None:
        return []
    name, begun, before = (typed[1] or "").lower(), typed[2], text[: typed.start()]
    if name:
        return [_value(before, name, value, count) for value, count in _values(actor, name, begun)]
    if not begun:
        return []
    fields = [field for field in FIELDS.values() if field.name.startswith(begun.lower())][:3]
    found = [Suggestion(f"{before}{field.name}:", field.says, kind="field") for field in fields]
    found += [_value(before, "tag", tag, count) for tag, count in _values(actor, "tag", begun)]
    return found[:SHOWN]


def _value(before: str, name: str, value: str, count: Count | None) -> Suggestion:
    told = value
    if re.search(r"[\s(),\"“”„«»]", value):
        told = f"“{value}”" if '"' in value else f'"{value}"'
    return Suggestion(f"{before}{name}:{told} ", value, count)


def _values(actor: Actor, name: str, begun: str) -> Sequence[tuple[str, Count | None]]:
    """Values of a field that begin so, as far as the actor sees pictures that have them."""
    if name in ("is", "has", "rights"):
        return [(word, None) for word in FIELDS[name].words if word.startswith(begun.lower())][:SHOWN]
    if name in ("color", "colour"):
        return [(colour, None) for colour in NAMED if colour.startswith(begun.lower())][:SHOWN]
    if name == "tag":
        return _counted(actor, [tag for tag in _tags(tag_of(begun) or "") if tag not in HIDDEN_TAGS][:SHOWN])
    filter, found = _beginning(actor, name, begun)
    counted = ((value, counts.many(actor, {filter: given})) for value, given in islice(found, LOOKED_AT))
    return list(islice(((value, count) for value, count in counted if count.number), SHOWN))


def _beginning(actor: Actor, name: str, begun: str) -> tuple[Filter, Iterator[tuple[str, Any]]]:
    """The filter of a field, and what it can be set to: as people read it, and as the filter has it."""
    if name == "project":
        key = projects.name_key(begun)
        inside = (Project.name_key >= key) & (Project.name_key < key + AFTER)
        rows = Project.select(Project.name).where(inside).order_by(Project.name_key).limit(LOOKED_AT)
        return filters.PROJECT, ((row.name, row.name) for row in rows)
    if name == "by":
        people = User.select(User.id, User.name).where(User.role != Role.GUEST).order_by(User.name)
        key = begun.casefold()
        named = (user for user in people if any(word.startswith(key) for word in user.name.casefold().split()))
        return filters.PERSON, ((user.name, user.id) for user in named)
    if name in CRAFT:
        return filters.NAMED[name], ((term, term) for term in CRAFT[name].names if key_of(term).startswith(key_of(begun)))
    if name in _COLUMNS:
        known = in_use.values(_COLUMNS[name], access.hung(actor))
        filter = filters.NAMED[str(_COLUMNS[name].name)]
        return filter, ((value, value) for value in known if key_of(value).startswith(key_of(begun)))
    return filters.TAG, iter(())


_BEGIN = """
WITH RECURSIVE found (tag, n) AS (
  SELECT min(tag), 1 FROM image_tag WHERE tag >= :begin AND tag < :after
  UNION ALL
  SELECT (SELECT min(tag) FROM image_tag WHERE tag > found.tag AND tag < :after), n + 1 FROM found WHERE tag IS NOT NULL AND n < :most
)
SELECT tag FROM found WHERE tag IS NOT NULL
"""


def _tags(begun: str) -> list[str]:
    """By skipping from one tag to the next along their index."""
    return [tag for (tag,) in db.sql(_BEGIN, begin=begun, after=begun + AFTER, most=LOOKED_AT).fetchall()]


_OF_TAG = "SELECT 1 FROM image_tag t JOIN image i ON i.id = t.image_id WHERE t.tag = :t{place} AND {images} LIMIT :most"


def _counted(actor: Actor, tags: list[str]) -> list[tuple[str, Count]]:
    """By their pairs, so that a tag of few costs little; those of which the actor sees a picture. One statement."""
    if not tags:
        return []
    images = access.hung(actor)
    each = [
        f"SELECT {place}, (SELECT count(*) FROM ({_OF_TAG.format(place=place, images=images.text('i'))}) AS n)"
        for place in range(len(tags))
    ]
    values = {f"t{place}": tag for place, tag in enumerate(tags)}
    rows = db.sql(" UNION ALL ".join(each), most=counts.MOST + 1, **values, **images.values).fetchall()
    return [(tags[place], Count.bounded(number)) for place, number in rows if number]
