"""What the pictures of a selection have, facet by facet, and how many: each under all filters but its own. Reads only.

No more than the newest 2,000 pictures of a selection are read, whatever the library holds. Of a smaller one the numbers are exact
to 1,000; of a larger one a value with fewer has no number, and one that only older pictures have is not listed.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.models import Image, User
from pindeck.search import NAMED, Colour, editing
from pindeck.services.images import projects
from pindeck.services.library import counts, filters, meanings, narrowing, query
from pindeck.services.library.counts import Count
from pindeck.services.library.gallery import GALLERY
from pindeck.services.library.measures import HIGH, WIDE
from pindeck.services.library.query import Wanted
from pindeck.states import UNKNOWN_RIGHTS, Origin, Rights
from pindeck.terms import CRAFT
from pindeck.vocabulary import HIDDEN_TAGS

READ = 2_000
SHOWN = 12  # values of a facet, the most frequent first
NAMED_MOST = 40  # projects and people whose names are looked up
FAMILIES = ("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "white", "grey", "black")
SHAPES = {"2.39": 2.39, "1.85": 1.85, "16:9": 16 / 9, "3:2": 1.5, "4:3": 4 / 3, "1:1": 1.0, "4:5": 0.8, "2:3": 2 / 3, "9:16": 9 / 16}
WAYS = frozenset(Origin)
LACKS = {"project": "Without project", "words": "Without words"}

_COLUMNS = (
    Image.seq, Image.id, Image.group, Image.category, Image.genre, Image.shot, Image.style, Image.project, Image.user,
    Image.origin, Image.width, Image.height, Image.created_at, Image.description, Image.rights,
)  # fmt: skip
_SELECTED = replace(GALLERY, columns=_COLUMNS)
SEQ, ID, PROJECT, USER, ORIGIN, WIDTH, HEIGHT, CREATED, DESCRIPTION, RIGHTS = 0, 1, 7, 8, 9, 10, 11, 12, 13, 14


@dataclass(frozen=True, eq=False)
class Selected:
    """The newest pictures of a selection of the actor's; `is_whole` says that these are all."""

    actor: Actor
    rows: list[tuple[Any, ...]]
    is_whole: bool

    @cached_property
    def terms(self) -> dict[str, Counter[str]]:
        """Of the craft, by field; one statement."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for field, term, number in _beside("field, term", "image_craft", "seq", [row[SEQ] for row in self.rows]):
            found[field][term] = number
        return found

    @cached_property
    def tags(self) -> Counter[str]:
        found = _beside("tag", "image_tag", "image_id", [row[ID] for row in self.rows])
        return Counter({tag: number for tag, number in found if tag not in HIDDEN_TAGS})


@dataclass(frozen=True)
class Facet:
    """`field` is its name in the grammar. A picture may have several values where it has `many`. `count` gives how many of the
    selected have each value; `says` what people read of one. `denies` where it lists what pictures lack. Where it `is_open`, a
    value that somebody typed is listed as well."""

    field: str
    label: str
    count: Callable[[Selected], Counter[str]]
    many: bool = False
    says: Callable[[str], str] = str
    denies: bool = False
    swatch: Callable[[str], str | None] = lambda value: None
    is_open: bool = False


@dataclass(frozen=True)
class Value:
    value: str
    says: str
    count: Count | None
    is_on: bool = False
    is_denied: bool = False
    swatch: str | None = None


@dataclass(frozen=True)
class Offered:
    facet: Facet
    values: list[Value]
    more: int  # values that are not shown


def of(actor: Actor, text: str, others: Wanted) -> list[Offered]:
    """The facets in which something occurs, for the query `text` beside other filters. Raises NotSignedIn in a private library.

    The number of statements grows with the facets that are on, and not with pictures or values.
    """
    access.require(actor, "library.view")
    shown = []
    selected = _selected(actor, text, others)
    for facet in FACETS:
        on, off = editing.chosen(text, facet.field), editing.denied(text, facet.field)
        mine = facet.denies and any(value in LACKS for value in off)
        if (on or off) and not facet.denies or mine:
            found = _selected(actor, editing.without(text, facet.field), others)
        else:
            found = selected
        offered = _offered(facet, facet.count(found), found.is_whole, on, off)
        if offered.values:
            shown.append(offered)
    return shown


def _selected(actor: Actor, text: str, others: Wanted) -> Selected:
    wanted = {**others, filters.WORDS: text} if text else others
    rows = query.rows(_SELECTED, actor, wanted, limit=READ + 1)
    return Selected(actor, rows[:READ], len(rows) <= READ)


def _offered(facet: Facet, number: Counter[str], is_whole: bool, on: list[str], off: list[str]) -> Offered:
    """The most frequent values, and those that are on or denied."""
    order = sorted(number, key=lambda value: (-number[value], value.casefold()))
    asked = editing.meanings(facet.field, [*on, *off])
    chosen = [value for value in order if editing.meaning(facet.field, value) in asked] if asked else []
    kept = [*chosen, *(value for value in order[:SHOWN] if value not in chosen)]
    known = editing.meanings(facet.field, chosen)
    missing = [raw for raw in [*on, *off] if facet.is_open and editing.meaning(facet.field, raw) not in known]
    wanted, denied = editing.meanings(facet.field, on), editing.meanings(facet.field, off)
    values = []
    for value in [*kept, *missing]:
        count = Count.bounded(number[value]) if is_whole or number[value] > counts.MOST else None
        meant = editing.meaning(facet.field, value) if asked else None
        is_denied = meant in denied
        is_on = is_denied if facet.denies else meant in wanted
        says, swatch = facet.says(value), facet.swatch(value)
        values.append(Value(value, says, count, is_on, is_denied and not facet.denies, swatch))
    return Offered(facet, values, len(order) - len(kept))


# Counting


def _column(place: int) -> Callable[[Selected], Counter[str]]:
    return lambda selected: Counter(row[place] for row in selected.rows if row[place])


def _named(place: int, names_of: Callable[[set[str]], dict[str, str]]) -> Callable[[Selected], Counter[str]]:
    def count(selected: Selected) -> Counter[str]:
        number = Counter(row[place] for row in selected.rows).most_common(NAMED_MOST)
        names = names_of({each for each, _ in number})
        told: Counter[str] = Counter()
        for each, many in number:
            if each in names:
                told[names[each]] += many
        return told

    return count


def _people(ids: set[str]) -> dict[str, str]:
    return {row.id: row.display_name for row in User.select().where(User.id.in_(list(ids)))}


def _projects(ids: set[str]) -> dict[str, str]:
    return projects.names_of(ids)


def _sources(selected: Selected) -> Counter[str]:
    """The ways in which pictures came, and for those who may see sources the names of theirs. Two statements at most."""
    number = Counter(row[ORIGIN] for row in selected.rows)
    names = {source_id: name for source_id, name in narrowing.sources_known_to(selected.actor) if name.lower() not in WAYS}
    if not names:
        return number
    brought: dict[str, set[str]] = defaultdict(set)
    spelt: dict[str, str] = {}
    for source_id, image_id in _brought(selected):
        if name := names.get(source_id):
            brought[spelt.setdefault(projects.name_key(name), name)].add(image_id)
    return number + Counter({name: len(ids) for name, ids in brought.items()})


def _brought(selected: Selected) -> list[tuple[str, str]]:
    """Sources, each with a picture."""
    sql = f"SELECT source_id, image_id FROM source_item WHERE image_id IN ({spelling.each(':keys ', are_numbers=False)})"
    found: list[tuple[str, str]] = db.sql(sql, keys=json.dumps([row[ID] for row in selected.rows])).fetchall()
    return found


def _beside(columns: str, table: str, key: str, keys: list[Any]) -> list[tuple[Any, ...]]:
    """Rows of a table beside the pictures, counted by columns; one statement, whose keys are one value."""
    each = spelling.each(":keys ", are_numbers=key != "image_id")
    sql = f"SELECT {columns}, COUNT(*) FROM {table} WHERE {key} IN ({each}) GROUP BY {columns}"
    found: list[tuple[Any, ...]] = db.sql(sql, keys=json.dumps(keys)).fetchall()
    return found


def _colours(selected: Selected) -> Counter[str]:
    cell_of = _family_cells()
    keys = json.dumps([row[SEQ] for row in selected.rows])
    sql = _IN_CELLS.format(each=spelling.each(":keys ", are_numbers=True), cells=", ".join(map(str, cell_of.values())))
    number = dict(db.sql(sql, keys=keys).fetchall())
    return Counter({name: number[cell] for name, cell in cell_of.items() if number.get(cell)})


# Only the cells of the families, along the key of the table: a picture has dozens of others.
_IN_CELLS = "SELECT cell, COUNT(*) FROM image_colour WHERE cell IN ({cells}) AND seq IN ({each}) GROUP BY cell"


@cache
def _family_cells() -> dict[str, int]:
    return {name: meanings.cells_of(Colour(NAMED[name]))[0] for name in FAMILIES}


def _craft(name: str) -> Callable[[Selected], Counter[str]]:
    return lambda selected: selected.terms[name]


def _shapes(selected: Selected) -> Counter[str]:
    found: Counter[str] = Counter()
    for (width, height), number in _sizes(selected).items():
        for name, shape in SHAPES.items():
            if shape * 0.98 * height <= width <= shape * 1.02 * height:
                found[name] += number
    return found


def _orientations(selected: Selected) -> Counter[str]:
    found: Counter[str] = Counter()
    for (width, height), number in _sizes(selected).items():
        found["landscape" if width > WIDE * height else "portrait" if width < HIGH * height else "square"] += number
    return found


def _sizes(selected: Selected) -> Counter[tuple[int, int]]:
    return Counter((row[WIDTH], row[HEIGHT]) for row in selected.rows if row[WIDTH] and row[HEIGHT])


def _years(selected: Selected) -> Counter[str]:
    found: Counter[str] = Counter()
    for day, number in Counter(row[CREATED] // db.DAY_MS for row in selected.rows).items():
        found[str(datetime.fromtimestamp(day * db.DAY_MS / 1000, UTC).year)] += number
    return found


def _rights(selected: Selected) -> Counter[str]:
    """Nothing where nobody wrote any: all of them are unknown."""
    number = Counter(row[RIGHTS] for row in selected.rows)
    known = {each.word: number[each] for each in Rights if number[each]}
    return Counter({**known, UNKNOWN_RIGHTS: number[None]} if known and number[None] else known)


def _rights_said(word: str) -> str:
    found = Rights.read(word)
    return found.value if found else word.capitalize()


def _lacks(selected: Selected) -> Counter[str]:
    blank = [row[ID] for row in selected.rows if not row[DESCRIPTION]]
    tagged = {image_id for image_id, tag, _ in _beside("image_id, tag", "image_tag", "image_id", blank) if tag not in HIDDEN_TAGS}
    number = {
        "project": sum(row[PROJECT] == projects.DEFAULT_ID for row in selected.rows),
        "words": sum(image_id not in tagged for image_id in blank),
    }
    return Counter({name: many for name, many in number.items() if many})


FACETS: tuple[Facet, ...] = (
    Facet("type", "Type", _column(2), is_open=True),
    Facet("category", "Category", _column(3), is_open=True),
    Facet("genre", "Genre", _column(4), is_open=True),
    Facet("shot", "Shot", _column(5), is_open=True),
    Facet("style", "Style", _column(6), is_open=True),
    Facet("tag", "Tag", lambda selected: selected.tags, many=True, is_open=True),
    Facet("project", "Project", _named(PROJECT, _projects), is_open=True),
    Facet("by", "Person", _named(USER, _people), is_open=True),
    Facet("from", "Source", _sources, says=lambda value: value.capitalize() if value in WAYS else value),
    Facet("color", "Colour", _colours, many=True, says=str.capitalize, swatch=lambda value: NAMED.get(value)),
    *(Facet(name, field.label, _craft(name), many=field.many, is_open=True) for name, field in CRAFT.items()),
    Facet("orientation", "Orientation", _orientations, says=str.capitalize),
    Facet("ratio", "Ratio", _shapes),
    Facet("added", "Year added", _years),
    Facet("rights", "Rights", _rights, says=_rights_said),
    Facet("has", "Lacks", _lacks, says=lambda value: LACKS[value], denies=True),
)
