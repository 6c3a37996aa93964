"""Places of the library: its projects, each with its row of pictures in order, and the people who brought them. Reads only.

A place is shown to whoever finds a picture of it on the walls of the gallery, and its numbers count those pictures alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from peewee import SQL, Select, Tuple

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import NotFound
from pindeck.models import Board, Image, Project, User
from pindeck.services.boards import listing
from pindeck.services.images import arranging, projects
from pindeck.services.library import counts, filters, query
from pindeck.services.library.gallery import GALLERY, Seen, WallPage, liked_by
from pindeck.services.library.query import NOTHING, Listing, Rows, Wanted
from pindeck.states import ImageStatus

PAGE = 24
ROW = 50
LARGEST = 8  # in the rail
COUNTED = 10_000  # pictures of a project whose people are counted

COLUMNS = tuple(getattr(Image, name) for name in Seen._fields)
_PROJECTS = Listing(shown=GALLERY.shown, order=GALLERY.order, columns=(Image.project,))
_PEOPLE = Listing(shown=GALLERY.shown, order=GALLERY.order, columns=(Image.user,))


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    count: int


@dataclass(frozen=True)
class ShownProject:
    """A project, or with an empty slug the pictures without one. `shown` are the first pictures of its row."""

    id: str
    slug: str
    name: str
    count: int
    shown: list[Seen]

    @property
    def is_default(self) -> bool:
        return self.id == projects.DEFAULT_ID


@dataclass(frozen=True)
class Head:
    """What a project's page says above its pictures. `first` and `last` are times (ms) of its oldest and newest one,
    `boards` those of the reader that hold one of them."""

    place: ShownProject
    people: list[Person]
    first: int | None
    last: int | None
    boards: list[Board]


def largest(actor: Actor) -> tuple[list[ShownProject], int]:
    """The projects with most pictures, by name, and how many there are. Raises NotSignedIn in a private library."""
    access.require(actor, "library.view")
    many = counts.each(actor, Image.project)
    many.pop(projects.DEFAULT_ID, None)
    ids = sorted(many, key=lambda project_id: (-many[project_id], project_id))[:LARGEST]
    rows = Project.select().where(Project.id.in_(ids)).order_by(Project.name_key)
    return [ShownProject(row.id, row.slug, row.name, many[row.id], []) for row in rows], len(many)


def list_projects(
    actor: Actor, wanted: Wanted = NOTHING, *, after: str | None = None, limit: int = PAGE, shown: int = 1
) -> tuple[list[ShownProject], str | None]:
    """Projects by name, each with the first pictures of its row, and the slug that the next page goes on after.

    Pictures without a project come last. Under filters a row has what they leave, among the newest 10,000 of all. Six
    statements at most, however many projects.
    """
    access.require(actor, "library.view")
    many = dict(query.tally(_PROJECTS, actor, wanted, most=COUNTED)) if wanted else counts.each(actor, Image.project)
    rows = Project.select().where(Project.id.in_(list(many)))
    edge = Project.get_or_none(Project.slug == after) if after else None
    if edge is not None:
        here = Tuple(Project.is_default, Project.name_key)
        rows = rows.where(here > Tuple(edge.is_default, edge.name_key))
    found = list(rows.order_by(Project.is_default, Project.name_key).limit(limit + 1))
    first = first_of_rows(actor, [row.id for row in found[:limit]], shown, wanted)
    places = [_place(row, many[row.id], first[row.id]) for row in found[:limit] if first[row.id]]
    return places, found[limit - 1].slug if len(found) > limit else None


def _place(row: Project, count: int, shown: list[Seen]) -> ShownProject:
    return ShownProject(row.id, row.slug, "Without a project" if row.is_default else row.name, max(count, len(shown)), shown)


def first_of_rows(actor: Actor, project_ids: list[str], many: int, wanted: Wanted = NOTHING) -> dict[str, list[Seen]]:
    """The first pictures of each row, by project, of those that filters leave; one statement."""

    def row(project_id: str) -> Any:
        mine = Image.select(*COLUMNS).where(arranging.row_of(actor, project_id))
        kept = query.narrowed(Rows(mine, Image.seq, frozenset(filter.name for filter in wanted)), actor, wanted)
        return kept.query.order_by(*arranging.IN_ROW) if kept else None

    return first_of(project_ids, row, many)


def first_of(values: list[str], of: Callable[[str], Any], many: int) -> dict[str, list[Seen]]:
    """By value: so many of the pictures that `of` selects for it. One statement, with a part for each value."""
    parts: list[Any] = []
    for n, value in enumerate(values):
        if (selected := of(value)) is not None:
            part = selected.limit(many).alias(f"part{n}")
            parts.append(Select([part], [SQL(str(n)).alias("place"), *(part.c[each.column_name] for each in COLUMNS)]))
    found: dict[str, list[Seen]] = {value: [] for value in values}
    if parts:
        whole: Any = reduce(lambda one, other: one.union_all(other), parts)
        for place, *row in whole.bind(db.database).tuples().execute():
            found[values[place]].append(Seen._make(row))
    return found


def find(actor: Actor, slug: str) -> ShownProject:
    """A project, with its first picture. Raises NotFound where no picture of it hangs in the gallery for the actor."""
    access.require(actor, "library.view")
    row = projects.named_on_walls(actor, slug)
    shown = first_of_rows(actor, [row.id], 1)[row.id] if row else []
    if row is None or not shown:
        raise NotFound("There is no such project.", code="PROJECT_NOT_FOUND")
    return _place(row, counts.each(actor, Image.project).get(row.id, 0), shown)


def head(actor: Actor, place: ShownProject) -> Head:
    """Who brought its pictures, the most diligent first, and when, and on which boards they are. Five statements."""
    wanted = {filters.IN_PROJECT: place.id}
    number = dict(query.tally(_PEOPLE, actor, wanted, most=COUNTED))
    names = _names(set(number))
    people = [Person(i, names[i], n) for i, n in sorted(number.items(), key=lambda each: (-each[1], each[0]))]
    mine = (Image.project == place.id) & access.hung(actor).expression()
    ends = [
        Image.select(Image.created_at).where(mine).order_by(order).limit(1).scalar()
        for order in (Image.seq, Image.seq.desc())
    ]
    return Head(place, people, ends[0], ends[1], listing.holding(actor, mine))


def _names(user_ids: set[str]) -> dict[str, str]:
    return {row.id: row.display_name for row in User.select().where(User.id.in_(list(user_ids)))}


def row_page(actor: Actor, place: ShownProject, *, after: str | None = None, limit: int = ROW) -> WallPage:
    """The pictures of a project in the order of its row: by their places, then by title."""
    rows = Image.select(*COLUMNS).where(arranging.row_of(actor, place.id))
    edge = Image.select(*arranging.IN_ROW).where(Image.id == after).tuples().first() if after else None
    if edge is not None:
        rows = rows.where(Tuple(*arranging.IN_ROW) > Tuple(*edge))
    found = first_of([place.id], lambda _: rows.order_by(*arranging.IN_ROW), limit + 1)[place.id]
    page = found[:limit]
    return WallPage(page, liked_by(actor, [image.id for image in page]), {}, page[-1].id if len(found) > limit else None)


# People


def list_people(
    actor: Actor, *, after: str | None = None, limit: int = PAGE, shown: int = 3
) -> tuple[list[tuple[Person, list[Seen]]], str | None]:
    """Those of whom a picture hangs in the gallery, by name, each with the newest ones; and the id to go on after."""
    access.require(actor, "library.view")
    many = counts.each(actor, Image.user)
    names = _names(set(many))
    people = sorted((Person(i, names[i], n) for i, n in many.items()), key=lambda each: (each.name.casefold(), each.id))
    at = next((n for n, each in enumerate(people, 1) if each.id == after), 0)
    found = people[at : at + limit]
    newest = first_of([each.id for each in found], lambda i: _newest_of(actor, i), shown)
    return [(each, newest[each.id]) for each in found], found[-1].id if at + limit < len(people) else None


def _newest_of(actor: Actor, user_id: str) -> Any:
    """With the state, because the index of a person's images goes on with it."""
    mine = access.hung(actor).expression() & (Image.user == user_id) & (Image.status == SQL(f"'{ImageStatus.ACTIVE}'"))
    return Image.select(*COLUMNS).where(mine).order_by(Image.seq.desc())


def find_person(actor: Actor, user_id: str) -> Person:
    """Raises NotFound for somebody of whom no picture hangs in the gallery for the actor, whether there is one or not."""
    access.require(actor, "library.view")
    if not query.rows(GALLERY, actor, {filters.PERSON: user_id}, limit=1):
        raise NotFound("There is no such person.")
    return Person(user_id, _names({user_id})[user_id], counts.each(actor, Image.user).get(user_id, 1))
