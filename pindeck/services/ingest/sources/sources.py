"""Sources as things: added, changed, paused and deleted by who keeps them."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, invalid
from pindeck.models import ImportBatch, Source, User
from pindeck.services import activity
from pindeck.services.images import projects
from pindeck.services.images.fields import FIELDS, clean_tags
from pindeck.services.ingest.sources import kinds
from pindeck.states import SourceKind
from pindeck.text import clean_text

MAX_NAME = 120
LEAST_MINUTES, MOST_MINUTES = 15, 30 * 24 * 60
MINUTE_MS = 60_000
UNTAGGED = "reference"  # the tag of pins whose keeper named none


@dataclass(frozen=True)
class SourceView:
    """A source with who keeps it, the name of its project, and its last run."""

    source: Source
    owner: str
    project: str | None
    run: ImportBatch | None


def create(actor: Actor, kind: str, **given: Any) -> SourceView:
    """A new source of the actor's. `given` is what `update` takes, with `url`, `links` or `path` by its kind.

    Its pictures wait for a person unless `moderated` is False. Raises Invalid naming each field at fault.
    """
    access.require(actor, "source.edit")
    person = access.require_person(actor)
    given = {"name": "", kinds.of(actor, kind).place: None, **given}
    if actor.project_id is not None:  # whatever it says
        given["project"] = projects.name_of(actor.project_id)
    if kind == SourceKind.PINTEREST and not given.get("tags"):
        given["tags"] = [UNTAGGED]
    columns = _checked(kind, given)
    now = db.now_ms()
    every = columns.get("every_minutes")
    with db.writing():
        columns |= _project(columns)
        made = Source.create(
            id=db.new_id(), kind=kind, user=person, created_at=now, updated_at=now,
            next_run_at=now + every * MINUTE_MS if every else None, **columns,
        )  # fmt: skip
        activity.note(actor, "source.add", source=made.id, kind=kind)
    return _views([made])[0]


def get(actor: Actor, source_id: str) -> SourceView:
    """Raises NotFound for one that does not exist for the actor."""
    return _views([find(actor, "source.view", source_id)])[0]


def find(actor: Actor, action: str, source_id: str) -> Source:
    """A source to act on. Raises NotFound."""
    access.require(actor, action)
    source = Source.get_or_none((Source.id == source_id) & access.sources_of(actor))
    if source is None:
        raise NotFound("There is no such source.", code="SOURCE_NOT_FOUND")
    return source


def list_page(actor: Actor, *, limit: int, after: str | None = None) -> tuple[list[SourceView], str | None]:
    """Sources, newest first, and the id to go on from."""
    access.require(actor, "source.view")
    wanted = access.sources_of(actor)
    if after is not None:
        wanted &= Source.id < after
    found = list(Source.select().where(wanted).order_by(Source.id.desc()).limit(limit + 1))
    return _views(found[:limit]), found[limit - 1].id if len(found) > limit else None


def update(actor: Actor, source_id: str, *, versions: frozenset[int] | None = None, **given: Any) -> SourceView:
    """Change `name`, `url`, `links` or `path`, `project` (a name), `tags`, `moderated`, `every_minutes` or `paused`; None empties.

    Raises Invalid naming each field at fault, and Conflict when the source has none of the `versions` any more.
    """
    source = find(actor, "source.edit", source_id)
    about = kinds.KINDS[SourceKind(source.kind)]
    if about.refused and about.place in given:
        kinds.of(actor, source.kind)
    if actor.project_id is not None:
        given.pop("project", None)
    columns = _checked(source.kind, given, source)
    with db.writing():
        fresh = db.locked(Source.select().where(Source.id == source.id)).get_or_none()
        if fresh is None:
            raise NotFound("There is no such source.", code="SOURCE_NOT_FOUND")
        if versions is not None and fresh.version not in versions:
            raise Conflict("The source has changed since you read it. Read it again.", code="PRECONDITION_FAILED", status=412)
        columns |= _project(columns) | _plan(fresh, columns)
        if columns.get("url", fresh.url) != fresh.url:
            columns |= {"etag": None, "last_modified": None}
        Source.change(**columns).where(Source.id == fresh.id).execute()
        activity.note(actor, "source.change", source=fresh.id, fields=sorted(given))
    return _views([Source.get_by_id(source.id)])[0]


def _plan(source: Source, columns: dict[str, Any]) -> dict[str, Any]:
    """When it is read next, where the schedule or the pause changes."""
    now, every = db.now_ms(), columns.get("every_minutes", source.every_minutes)
    if "every_minutes" in columns and every != source.every_minutes:
        return {"next_run_at": now + every * MINUTE_MS if every else None}
    resumes = source.is_paused and "paused_at" in columns and columns["paused_at"] is None
    return {"next_run_at": now} if resumes and every else {}


def delete(actor: Actor, source_id: str) -> None:
    """Forget a source and what was found at it. Its pictures stay, and so do the records of its runs."""
    source = find(actor, "source.edit", source_id)
    with db.writing():
        if Source.delete().where(Source.id == source.id).execute():
            activity.note(actor, "source.delete", source=source.id, name=source.name)


def _checked(kind: str, given: dict[str, Any], source: Source | None = None) -> dict[str, Any]:
    """What was given as columns; a project stays a name. Raises Invalid naming each field at fault."""
    words = {field: value for field, value in given.items() if field not in kinds.PLACES}
    found, faults = errors.gathered(words, lambda field, value: _CHECKS[field](value))
    try:
        columns = kinds.check_place(kind, given)
    except Invalid as error:
        faults = error.fields | faults
    if faults:
        raise errors.at_fault(faults)
    for told in found.values():
        columns |= told
    if "name" in columns and not columns["name"]:
        columns["name"] = _name_for({**{place: source and getattr(source, place) for place in kinds.PLACES}, **columns})
    return columns


def _name_for(columns: dict[str, Any]) -> str:
    """What a source is called that nobody named: where it, or the first of it, lies."""
    place = columns["path"] or columns["url"] or columns["links"][0]
    return str(place.split("://")[-1].rstrip("/")[:MAX_NAME])


def _every(value: Any) -> dict[str, Any]:
    if value is None:
        return {"every_minutes": None}
    if not isinstance(value, int) or not LEAST_MINUTES <= value <= MOST_MINUTES:
        raise invalid("every_minutes", f"Give a number of minutes from {LEAST_MINUTES} to {MOST_MINUTES}.")
    return {"every_minutes": value}


_CHECKS: dict[str, Any] = {
    "name": lambda value: {"name": clean_text(value or "", field="name", max_length=MAX_NAME)},
    "project": lambda value: {"project": FIELDS["project"].clean(value or "")},
    "tags": lambda value: {"tags": clean_tags(value)},
    "moderated": lambda value: {"moderated": bool(value)},
    "every_minutes": _every,
    "paused": lambda value: {"paused_at": db.now_ms() if value else None, "pause_reason": None},
}


def _project(columns: dict[str, Any]) -> dict[str, Any]:
    """Inside a transaction: the project by its id instead of its name."""
    if "project" not in columns:
        return {}
    name = columns.pop("project")
    return {"project_id": projects.find_or_create(name).id if name else None}


def _views(sources: list[Source]) -> list[SourceView]:
    """Three queries, however many sources."""
    owners = {user.id: user for user in User.select().where(User.id.in_({source.user_id for source in sources}))}
    named = projects.names_of({source.project_id for source in sources if source.project_id})
    wanted = [source.last_run_id for source in sources if source.last_run_id]
    runs = {run.id: run for run in ImportBatch.select().where(ImportBatch.id.in_(wanted))}
    return [
        SourceView(source, owners[source.user_id].display_name, named.get(source.project_id or ""), runs.get(source.last_run_id or ""))
        for source in sources
    ]
