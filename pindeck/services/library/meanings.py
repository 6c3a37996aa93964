"""What each field of the search box means: the one place where a field gets its condition.

A field is declared in `pindeck/search/fields.py`, and is a line of `MEANINGS` here. Where a condition has no answer (NULL), it does
not hold, and its opposite does.
"""

import json
from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import SQL, fn

from pindeck import access
from pindeck.access import Actor
from pindeck.db import spelling
from pindeck.imaging import similar
from pindeck.models import Alias, Board, Image, ImageColour, ImageCraft, ImageTag, Project, User
from pindeck.search import Colour
from pindeck.services.boards import boards
from pindeck.services.images import in_use, new_terms, projects
from pindeck.services.images.fields import tag_of
from pindeck.services.library import looks, measures, narrowing, sparse, srefs
from pindeck.services.library.meaning import BoundValue, Meaning, Slots, along
from pindeck.services.library.query import Rows
from pindeck.states import ImageStatus, Origin, Rights, Role
from pindeck.terms import CRAFT, FIELDS, key_of
from pindeck.vocabulary import HIDDEN_TAGS, group_of

# Columns


def _spelt(column: Any, known: Callable[[str], str | None] = lambda text: None) -> Meaning:
    """A column with words, whatever their case and hyphens; `known` gives the standard spelling of a word that has one."""

    def ask(text: str, actor: Actor) -> BoundValue | None:
        key = key_of(text)
        found = {word for word in in_use.values(column, access.hung(actor)) if key_of(word) == key}
        found |= {word} if (word := known(text)) else set()
        return BoundValue(len(found), tuple(sorted(found))) if found else None

    return Meaning(ask, lambda form, slots: column == slots[0] if form == 1 else column.in_(slots))


def _term_of(name: str) -> Callable[[str], str | None]:
    def known(text: str) -> str | None:
        term = FIELDS[name].read(text)
        return term.name if term else None

    return known


def _same(column: Any, find: Callable[[str, Actor], Any] = lambda text, _: text) -> Meaning:
    def ask(text: str, actor: Actor) -> BoundValue | None:
        found = find(text, actor)
        return None if found is None else BoundValue("", (found,))

    return Meaning(ask, lambda _, slots: column == slots[0])


def _project(name: str, _: Actor) -> str | None:
    key = projects.name_key(name)
    return Project.select(Project.id).where((Project.name_key == key) | (Project.slug == name)).scalar()  # type: ignore[no-any-return]


# Pairs


def _pairs(pairs: sparse.Pairs, find: Callable[[str, Actor], str | None]) -> Meaning:
    def ask(text: str, actor: Actor) -> BoundValue | None:
        value = find(text, actor)
        return BoundValue(few := pairs.are_few(value), (value,), few) if value else None

    return Meaning(ask, lambda is_few, slots: pairs.one_of_few(slots[0]) if is_few else pairs.has(slots[0]))


def _mine(_: str, actor: Actor) -> str | None:
    return actor.user_id


# Rows beside


def _craft(name: str) -> Meaning:
    field = CRAFT[name]

    def ask(text: str, _: Actor) -> BoundValue:
        if field.read(text) is None:
            key = key_of(text)
            text = next((word for word in new_terms.accepted().get(name, []) if key_of(word) == key), text)
        return BoundValue("", (text,))

    def condition(_: Any, slots: Slots) -> Any:
        held = ImageCraft.alias()
        mine = (held.seq == Image.seq) & (held.field == SQL(f"'{name}'")) & (held.term == slots[0])
        return fn.EXISTS(held.select(SQL("1")).where(mine))

    return Meaning(ask, condition, lambda rows, _, slots: narrowing.with_term(name)(rows, slots[0]))


def cells_of(wanted: Colour) -> list[int]:
    """The cells whose pictures have a colour like it: one where nothing is said of how far it may be off."""
    return [similar.cell_of(wanted.code)] if wanted.tolerance is None else similar.cells_within(wanted.code, wanted.tolerance)


def _colour(wanted: Colour, _: Actor) -> BoundValue:
    """Raises Upstream where it is measured and the index is away."""
    return near_colours((wanted,)) if looks.is_measured(wanted) else by_palette(wanted)


def by_palette(wanted: Colour) -> BoundValue:
    """As the database knows it: by the cells of the main colours."""
    cells = cells_of(wanted)
    if len(cells) == 1:
        return BoundValue("one", (cells[0],))
    return BoundValue("some", (json.dumps(cells),))


def near_colours(wanted: tuple[Colour, ...]) -> BoundValue:
    """Pictures that have all of these, as the index measures them; where it does not know all that do, those of their palettes
    as well. Raises Upstream when it is away."""
    found = looks.near(wanted)
    if len(found) < looks.MOST:
        return BoundValue("near", (json.dumps(found),))
    return BoundValue("near or", (json.dumps(found), *(json.dumps(cells_of(one)) for one in wanted)))


def _has_colour(form: str, slots: Slots) -> Any:
    if form in ("near", "near or"):
        near = Image.seq.in_(spelling.each_of(slots[0]))
        return near | reduce(and_, [_has_colour("some", [slot]) for slot in slots[1:]]) if form == "near or" else near
    held = ImageColour.alias()
    cell = held.cell == slots[0] if form == "one" else held.cell.in_(spelling.each_of(slots[0]))
    return fn.EXISTS(held.select(SQL("1")).where((held.seq == Image.seq) & cell))


def _lead_colour(rows: Rows, form: str, slots: Slots) -> Rows:
    return narrowing.with_colour(rows, slots[0]) if form == "one" else rows.where(_has_colour(form, slots))


def _sref(text: str, _: Actor) -> BoundValue | None:
    texts = srefs.texts_for(text)
    return BoundValue(("texts",), (texts,)) if texts else None


# People and sources


def _people(text: str, actor: Actor) -> BoundValue | None:
    """By the whole name or a word of it, `me`, or an id. Guests add nothing."""
    if text.lower() == "me":
        return BoundValue(1, (actor.user_id,)) if actor.user_id else None
    key = " ".join(text.casefold().split())
    rows: Any = User.select(User.id, User.name).where(User.role != Role.GUEST).tuples()
    found = [user_id for user_id, name in rows if user_id == text or _is_called(name, key)]
    return BoundValue(len(found), tuple(found)) if found else None


def _is_called(name: str, key: str) -> bool:
    words = name.casefold().split()
    return key in words or key == " ".join(words)


def _by(form: int, slots: Slots) -> Any:
    return Image.user == slots[0] if form == 1 else Image.user.in_(slots)


def _lead_by(rows: Rows, form: int, slots: Slots) -> Rows:
    return narrowing.by_person(rows, slots[0]) if form == 1 else rows.where(_by(form, slots))


def _from(text: str, actor: Actor) -> BoundValue | None:
    """A source that the actor knows, by name or id, or a way that pictures come in."""
    if text.lower() in set(Origin):
        return BoundValue(("origin", text.lower()))
    key = " ".join(text.casefold().split())
    found = [source_id for source_id, name in narrowing.sources_known_to(actor) if source_id == text or " ".join(name.casefold().split()) == key]
    return _any_of(narrowing.FOUND, found)


def _came_from(form: Any, slots: Slots) -> Any:
    return Image.origin == SQL(f"'{form[1]}'") if form[0] == "origin" else _has_any(narrowing.FOUND, form, slots)


def _board(text: str, actor: Actor) -> BoundValue | None:
    """The boards of this name, or the one of this id, that the actor knows of. A smart board has a search of its own."""
    if not access.can(actor, "board.view"):
        return None
    named = (Board.name_key == boards.key_of(text)) | (Board.id == text)
    rows: Any = Board.select(Board.id).where(access.boards_of(actor) & named & Board.query.is_null()).tuples()
    return _any_of(narrowing.PINNED, [board_id for (board_id,) in rows])


def _any_of(pairs: sparse.Pairs, found: list[str]) -> BoundValue | None:
    few = all(map(pairs.are_few, found))
    return BoundValue(("few" if few else "many", len(found)), tuple(found), few) if found else None


def _has_any(pairs: sparse.Pairs, form: tuple[str, int], slots: Slots) -> Any:
    return reduce(or_, [pairs.one_of_few(slot) if form[0] == "few" else pairs.has(slot) for slot in slots])


def _fixed(name: str, on: Callable[[Any], Any]) -> Meaning:
    return along(name, lambda _, __: BoundValue(()), lambda images, _, __: on(images))


def _is_named(images: Any) -> Any:
    return images.id.in_(Alias.select(Alias.image_id).where(Alias.project_id.is_null(False)))


# What a picture is and has

IS = {
    "original": lambda: Image.parent_id.is_null(),
    "draft": lambda: Image.status == SQL(f"'{ImageStatus.DRAFT}'"),
}
HAS = {
    "palette": lambda: Image.colors != SQL("'[]'"),
    "words": lambda: (fn.COALESCE(Image.description, SQL("''")) != SQL("''"))
    | fn.EXISTS(ImageTag.select(SQL("1")).where((ImageTag.image_id == Image.id) & ImageTag.tag.not_in(list(HIDDEN_TAGS)))),
    "project": lambda: Image.project != SQL(f"'{projects.DEFAULT_ID}'"),
}


def _rights(word: str, _: Actor) -> BoundValue:
    found = Rights.read(word)
    return BoundValue("is", (found.value,)) if found else BoundValue("unknown")


def _words(fixed: dict[str, Callable[[], Any]], other: dict[str, Meaning]) -> Meaning:
    """Some words that are conditions by themselves, and some that are fields of their own."""

    def ask(word: str, actor: Actor) -> BoundValue | None:
        if word in fixed:
            return BoundValue((word,))
        asked = other[word].ask(word, actor)
        return asked and asked._replace(form=(word, asked.form))

    def condition(form: tuple[Any, ...], slots: Slots) -> Any:
        return fixed[form[0]]() if len(form) == 1 else other[form[0]].condition(form[1], slots)

    return Meaning(ask, condition)


# Likeness


def _like(text: str, actor: Actor) -> BoundValue | None:
    """Those that look like a picture which the actor sees. Raises Upstream when the index is away."""
    found = looks.like(actor, text)
    return BoundValue("", (json.dumps(found),), True) if found else None


MEANINGS: dict[str, Meaning] = {
    "tag": _pairs(narrowing.TAGGED, lambda text, _: tag_of(text) or None),
    "type": _spelt(Image.group, group_of),
    "genre": _spelt(Image.genre, _term_of("genre")),
    "shot": _spelt(Image.shot, _term_of("shot")),
    "style": _spelt(Image.style, _term_of("style")),
    "category": _spelt(Image.category),
    "project": _same(Image.project, _project),
    "board": Meaning(_board, lambda form, slots: _has_any(narrowing.PINNED, form, slots)),
    "sref": along("sref text", _sref, lambda images, form, slots: narrowing.names_sref(images, slots[0])),
    "by": Meaning(_people, _by, _lead_by),
    "from": Meaning(_from, _came_from),
    "is": _words(IS, {"variation": _fixed("variation", lambda images: images.parent_id.is_null(False)), "liked": _pairs(narrowing.LIKED, _mine), "mine": _same(Image.user, _mine), "new": measures.NEW}),
    "has": _words(HAS, {
        "memo": _pairs(narrowing.NOTED, _mine), "alias": _fixed("alias", _is_named),
        "sref": _fixed("sref", lambda images: images.sref.is_null(False) & (images.sref != SQL("''"))),
    }),
    "rights": Meaning(_rights, lambda form, slots: Image.rights == slots[0] if form == "is" else Image.rights.is_null()),
    "color": Meaning(_colour, _has_colour, _lead_colour),
    "ratio": measures.RATIO,
    "orientation": measures.ORIENTATION,
    "width": measures.number(Image.width),
    "height": measures.number(Image.height),
    "likes": measures.number(Image.likes),
    "date": measures.TAKEN,
    "added": measures.ADDED,
    "like": Meaning(_like, lambda _, slots: Image.seq.in_(spelling.each_of(slots[0]))),
    **{name: _craft(name) for name in CRAFT},
}  # fmt: skip
