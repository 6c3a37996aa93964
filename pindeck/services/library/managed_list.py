"""The images of a project as programs list them: a page, and how many there are. Reads only."""

from dataclasses import replace
from typing import Any

from peewee import JOIN, SQL, Case

from pindeck import access, db
from pindeck.access import Actor
from pindeck.cursors import Place
from pindeck.models import Alias, Image
from pindeck.services.images.managed import Record
from pindeck.services.library import filters, query
from pindeck.services.library.query import NOTHING, Listing, Wanted


def _listed(actor: Actor, names: frozenset[str]) -> tuple[access.Condition, ...]:
    """The images of a project, and with `trashed` those of its trash, which have an index of their own."""
    live = access.managed(actor)
    return (live, access.managed(actor, trashed=True)) if "trashed" in names else (live,)


# In the order of `Record`.
_COLUMNS = (
    Image.id,
    Image.project_id,
    Image.flow_id,
    Case(None, [(Image.file.is_null(), Image.external_url)]),
    Image.mime,
    Image.size,
    Image.width,
    Image.height,
    Image.origin,
    SQL("'@'").concat(Alias.name),
    Image.focal_x,
    Image.focal_y,
    Image.meta,
    Image.created_at,
    Image.updated_at,
    Image.deleted_at,
    Image.status,
    Image.visibility,
    Image.attribution,
    Image.rights,
)


def _with_alias(rows: Any) -> Any:
    return rows.join(Alias, JOIN.LEFT_OUTER, on=(Alias.image_id == Image.id) & Alias.project_id.is_null(False))


MANAGED = Listing(
    shown=_listed,
    order=(Image.created_at, Image.id),
    columns=_COLUMNS,
    join=_with_alias,
    is_deferred=True,
)
TRASH = replace(MANAGED, shown=lambda actor, _: (access.managed(actor, trashed=True),))


def list_images(
    actor: Actor, project_id: str, wanted: Wanted = NOTHING, *, limit: int, offset: int = 0, after: Place | None = None
) -> tuple[list[Record], int]:
    """A page of a project's images, newest first, and how many there are on all pages; both from one snapshot.

    The number of all comes from the counter of the project, that of a selection is counted.
    """
    access.require(actor, "image.list")
    live = {**wanted, filters.IN_PROJECT: project_id}
    trashed = live.pop(filters.TRASHED, False)
    with db.reading():
        given = {**live, filters.TRASHED: trashed}
        rows = query.rows(MANAGED, actor, given, limit=limit, offset=offset, after=after)
        total = _count(actor, live)
        if trashed:
            total += query.count(TRASH, actor, live)
    return [Record._make(row) for row in rows], total


def _count(actor: Actor, wanted: Wanted) -> int:
    """How many images there are outside the trash. Pictures a machine made are the fewer ones in most projects, so
    they are counted and the others follow."""
    names = {filter.name for filter, _ in query.given(wanted)}
    if names == {"in_project"}:
        return _counter(wanted[filters.IN_PROJECT])
    if names == {"in_project", "source"} and wanted[filters.SOURCE] != "generated":
        generated = query.count(MANAGED, actor, {**wanted, filters.SOURCE: "generated"})
        return _counter(wanted[filters.IN_PROJECT]) - generated
    return query.count(MANAGED, actor, wanted)


def _counter(project_id: str) -> int:
    kept = db.sql("SELECT n FROM project_count WHERE project_id = :project AND kind = 'listed'", project=project_id)
    row = kept.fetchone()
    return int(row[0]) if row else 0
