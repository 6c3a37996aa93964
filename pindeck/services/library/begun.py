"""Values of a field that begin so, as far as the actor sees pictures that have them, with how many. Reads only.

No more rows are read than is told: of each value at most a thousand pictures.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import Board, Image, Project, User
from pindeck.search import NAMED, Field, Kind
from pindeck.search.fields import BESIDE
from pindeck.services.images import in_use, projects
from pindeck.services.images.fields import tag_of
from pindeck.services.library import counts, filters, narrowing
from pindeck.services.library.counts import Count
from pindeck.services.library.query import Filter
from pindeck.services.library.srefs import numbers_in
from pindeck.states import Origin, Role
from pindeck.terms import CRAFT, FIELDS, TermField, key_of
from pindeck.vocabulary import HIDDEN_TAGS

LOOKED_AT = 16  # values that begin so and are counted one by one, most of which the reader sees
COUNTED = 6  # by one statement
TEXTS = 400  # that name style references
AFTER = "\U0010fffd"
Told = tuple[str, Count | None]
Found = Iterator[tuple[str, Filter, Any]]  # as people read it, and what counts it

_COLUMNS: dict[str, Any] = {"category": Image.category, "type": Image.group, "genre": Image.genre, "shot": Image.shot, "style": Image.style}


def values(actor: Actor, field: Field, begun: str, most: int) -> list[Told]:
    """At most so many. The number of statements does not grow with pictures, values or people."""
    if field.kind in (Kind.WORD, Kind.COLOUR):
        words: list[Told] = [(word, None) for word in field.words or NAMED if word.startswith(begun.lower())]
        return words[:most]
    if find := _OF_PAIRS.get(field.name):
        return find(actor, begun)[:most]
    seen = ((value, counts.many(actor, {filter: given})) for value, filter, given in islice(_known(actor, field.name, begun), LOOKED_AT))
    return list(islice(((value, count) for value, count in seen if count.number), most))


# Words and names, which a filter counts


def _known(actor: Actor, name: str, begun: str) -> Found:
    if name == "project":
        rows = Project.select(Project.name).where(_begins(Project.name_key, begun)).order_by(Project.name_key).limit(LOOKED_AT)
        return ((row.name, filters.PROJECT, row.name) for row in rows)
    if name == "by":
        people = User.select(User.id, User.name).where(User.role != Role.GUEST).order_by(User.name)
        key = begun.casefold()
        named = (user for user in people if user.name.casefold().startswith(key) or _has_word(user.name, key))
        return ((user.name, filters.PERSON, user.id) for user in named)
    if name in CRAFT:
        return _terms(name, key_of(begun))
    if name in _COLUMNS:
        filter, key = filters.NAMED[str(_COLUMNS[name].name)], key_of(begun)
        known = in_use.values(_COLUMNS[name], access.hung(actor))
        return ((value, filter, value) for value in known if _means(FIELDS.get(name), value, key))
    return iter(())


def _begins(column: Any, begun: str) -> Any:
    key = projects.name_key(begun)
    return (column >= key) & (column < key + AFTER)


def _has_word(name: str, key: str) -> bool:
    return any(word.startswith(key) for word in name.casefold().split())


def _terms(name: str, key: str) -> Found:
    """Those of the field, then those of fields beside it that it does not know itself."""
    for other in (name, *BESIDE.get(name, ())):
        for term in CRAFT[other].names:
            if _means(CRAFT[other], term, key) and (other == name or CRAFT[name].read(term) is None):
                yield term, filters.NAMED[other], term


def _means(field: TermField | None, value: str, key: str) -> bool:
    """Whether the value begins so, or another word for it."""
    term = field.read(value) if field else None
    return any(key_of(word).startswith(key) for word in (value, *(term.synonyms if term else ())))


# What stands in tables beside the pictures: one statement finds the values, and one counts all of them


_BEGIN = """
WITH RECURSIVE found (tag, n) AS (
  SELECT min(tag), 1 FROM image_tag WHERE tag >= :begin AND tag < :after
  UNION ALL
  SELECT (SELECT min(tag) FROM image_tag WHERE tag > found.tag AND tag < :after), n + 1 FROM found WHERE tag IS NOT NULL AND n < :most
)
SELECT tag FROM found WHERE tag IS NOT NULL
"""


def _tags(actor: Actor, begun: str) -> list[Told]:
    """By skipping from one tag to the next along their index."""
    begin = tag_of(begun) or ""
    found = db.sql(_BEGIN, begin=begin, after=begin + AFTER, most=LOOKED_AT).fetchall()
    tags = [tag for (tag,) in found if tag not in HIDDEN_TAGS][:COUNTED]
    return _counted(actor, _OF_TAG, {tag: tag for tag in tags})


def _boards(actor: Actor, begun: str) -> list[Told]:
    """A smart board has a search of its own."""
    if not access.can(actor, "board.view"):
        return []
    mine = access.boards_of(actor) & Board.query.is_null() & _begins(Board.name_key, begun)
    rows: Any = Board.select(Board.name, Board.id).where(mine).order_by(Board.name_key, Board.id).limit(LOOKED_AT).tuples()
    return _counted(actor, _OF_BOARDS, _by_name(rows))


def _sources(actor: Actor, begun: str) -> list[Told]:
    """The ways in which pictures come, which no index counts, and the sources that the actor knows."""
    key = projects.name_key(begun)
    told: list[Told] = [(way.value, None) for way in Origin if way.value.startswith(key)]
    known = ((name, source_id) for source_id, name in narrowing.sources_known_to(actor))
    named = _by_name(each for each in known if projects.name_key(each[0]).startswith(key))
    return [*told, *_counted(actor, _OF_SOURCES, named)]


def _by_name(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The ids of those that are called the same as a JSON list, by name."""
    names: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for name, one in rows:
        found.setdefault(names.setdefault(projects.name_key(name), name), []).append(one)
    return {name: json.dumps(ids) for name, ids in islice(found.items(), COUNTED)}


_OF_TAG = "SELECT 1 FROM image_tag t JOIN image i ON i.id = t.image_id WHERE t.tag = {value} AND {images} LIMIT :most"
_OF_BOARDS = "SELECT DISTINCT i.seq FROM board_image t JOIN image i ON i.id = t.image_id WHERE t.board_id IN ({each}) AND {images} LIMIT :most"
_OF_SOURCES = "SELECT DISTINCT i.seq FROM source_item t JOIN image i ON i.id = t.image_id WHERE t.source_id IN ({each}) AND {images} LIMIT :most"


def _counted(actor: Actor, sql: str, wanted: dict[str, str]) -> list[Told]:
    """By their pairs, so that a value of few costs little; those of which the actor sees a picture. One statement."""
    if not wanted:
        return []
    images = access.hung(actor)
    parts = []
    for place in range(len(wanted)):
        slot = f":t{place} "
        some = sql.format(value=slot, each=spelling.each(slot, are_numbers=False), images=images.text("i"))
        parts.append(f"SELECT {place}, (SELECT count(*) FROM ({some}) AS n)")
    given = {f"t{place}": value for place, value in enumerate(wanted.values())}
    rows = db.sql(" UNION ALL ".join(parts), most=counts.MOST + 1, **given, **images.values).fetchall()
    names = list(wanted)
    return [(names[place], Count.bounded(number)) for place, number in rows if number]


_SREFS = "SELECT sref, COUNT(*) FROM image WHERE {images} AND sref IS NOT NULL AND sref LIKE :digits GROUP BY sref ORDER BY sref LIMIT :most"


def _srefs(actor: Actor, begun: str) -> list[Told]:
    """The numbers that most pictures name first; one statement along the index of their texts, of which so many are read."""
    hung = access.hung(actor)
    number: Counter[str] = Counter()
    texts = db.sql(_SREFS.format(images=hung.plain.text()), digits=f"%{begun}%", most=TEXTS, **hung.values).fetchall()
    for text, many in texts:
        for each in numbers_in(text):
            if each.startswith(begun):
                number[each] += many
    order = sorted(number, key=lambda each: (-number[each], len(each), each))
    is_whole = len(texts) < TEXTS
    return [(each, Count.bounded(number[each]) if is_whole else Count(min(number[each], counts.MOST), is_more=True)) for each in order]


_OF_PAIRS: dict[str, Callable[[Actor, str], list[Told]]] = {"tag": _tags, "board": _boards, "from": _sources, "sref": _srefs}
