"""The operations of sources: places that pictures come from again and again."""

from typing import Annotated, Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import JOB_STATUS, USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Int, Output, Text, check_uuid
from pindeck.services.ingest.sources import items, runs, sources, trying
from pindeck.services.ingest.sources.items import ItemView
from pindeck.services.ingest.sources.sources import SourceView
from pindeck.states import JobStatus

bp = Blueprint("api_sources", __name__, url_prefix=f"{PREFIX}/sources")

SOURCE = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "kind": "feed",
    "name": "Stills",
    "url": "https://example.org/feed.xml",
    "links": None,
    "path": None,
    "owner": "Olga",
    "project": None,
    "tags": ["reference"],
    "moderated": True,
    "paused": False,
    "pauseReason": None,
    "everyMinutes": 60,
    "nextRunAt": "2026-03-01T10:30:00.125Z",
    "lastRunId": None,
    "version": 1,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:30:00.125Z",
}
ITEM = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a12",
    "externalId": "https://example.org/alley",
    "url": "https://example.org/alley.jpg",
    "pageUrl": "https://example.org/alley",
    "title": "Alley",
    "status": "sent",
    "reason": None,
    "imageId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a13",
    "createdAt": "2026-03-01T09:30:00.125Z",
}
NOT_FOUND = Fault(404, "SOURCE_NOT_FOUND", "The caller has no such source.")
PATH = {"source_id": "The source's id"}
Kind = Literal["feed", "links", "folder", "arena", "pinterest", "discord"]


class SourceChange(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(None, description="What people read; its address without one.")
    url: Text | None = Field(
        None, description="The address of a `feed` (RSS, Atom, JSON), of an Are.na channel (`arena`), of a board, profile or pin (`pinterest`), "
        "or the link of a channel or thread (`discord`)."
    )
    links: list[Text] | None = Field(
        None, max_length=10_000, description="For `links`: up to 1,000 addresses of pictures, or of pages that name one."
    )
    path: Text | None = Field(None, description="For `folder`: its path on the server, below one that `SOURCE_FOLDERS` names.")
    project: Text | None = Field(None, description="The name of the project that its pictures go into.")
    tags: list[Text] | None = Field(None, description="What its pictures are tagged with.")
    moderated: bool | None = Field(None, description="Whether its pictures wait for a person. They do unless told otherwise.")
    paused: bool | None = Field(None, description="A paused source is read only when somebody asks for a run.")
    everyMinutes: Annotated[Int, Field(ge=sources.LEAST_MINUTES, le=sources.MOST_MINUTES)] | None = Field(
        None,
        description="How often it is read by itself: 15 to 43,200 minutes; null for never.",
    )

    def given(self) -> dict[str, Any]:
        """What the caller said, in the words of the service."""
        told = {name: getattr(self, name) for name in self.model_fields_set - {"kind", "everyMinutes"}}
        # Only these can be emptied; elsewhere null says nothing.
        told = {name: value for name, value in told.items() if value is not None or name in ("name", "project", "tags")}
        return told | ({"every_minutes": self.everyMinutes} if "everyMinutes" in self.model_fields_set else {})


class SourceInput(SourceChange):
    kind: Kind = Field(description="`pinterest` needs the setting `GALLERY_DL`; `folder` needs `SOURCE_FOLDERS`, `discord` the bot, and both an administrator.")


class Source(Output):
    id: str
    kind: Kind
    name: str
    url: str | None
    links: list[str] | None
    path: str | None
    owner: str = Field(description="Owner of its pictures.")
    project: str | None
    tags: list[str]
    moderated: bool
    paused: bool
    pauseReason: str | None = Field(description="Why it was paused, if nobody did it: a sentence for people.")
    everyMinutes: int | None
    nextRunAt: str | None = Field(description="ISO 8601, UTC.")
    lastRunId: str | None = Field(description="The import that was its last run.")
    version: int
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class Item(Output):
    id: str
    externalId: str = Field(description="What it is recognised by; no other item of the source has it.")
    url: str | None = Field(description="The picture's address; null until it was looked for on the page.")
    pageUrl: str | None
    title: str
    status: Literal["new", "sent", "skipped", "failed"]
    reason: str | None = Field(description="Why it was skipped or failed, or is still new: a sentence for people.")
    imageId: str | None
    createdAt: str = Field(description="ISO 8601, UTC.")


class ReadingBegun(Output):
    id: str
    status: Literal["queued", "running", "done", "failed"]


def _shape(view: SourceView) -> dict[str, Any]:
    source = view.source
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        "url": source.url,
        "links": source.links,
        "path": source.path,
        "owner": view.owner,
        "project": view.project,
        "tags": source.tags,
        "moderated": source.moderated,
        "paused": source.is_paused,
        "pauseReason": source.pause_reason,
        "everyMinutes": source.every_minutes,
        "nextRunAt": iso(source.next_run_at) if source.next_run_at else None,
        "lastRunId": source.last_run_id,
        "version": source.version,
        "createdAt": iso(source.created_at),
        "updatedAt": iso(source.updated_at),
    }


def _told(view: SourceView, status: int = 200) -> Reply:
    return Reply(_shape(view), status, {"ETag": f'"{view.source.id}-v{view.source.version}"'})


def _item(view: ItemView) -> dict[str, Any]:
    item = view.item
    return {
        "id": item.id,
        "externalId": item.external_id,
        "url": item.url,
        "pageUrl": item.page_url,
        "title": item.title,
        "status": view.state,
        "reason": view.reason,
        "imageId": view.image.id if view.image else None,
        "createdAt": iso(item.created_at),
    }


@bp.post("")
@operation(
    "source.edit",
    surface="sources",
    summary="Add a source",
    body=JsonBody(SourceInput, example={"kind": "feed", "url": "https://example.org/feed.xml", "everyMinutes": 60}),
    answers=Answer(Source, status=201, says="The new source.", example=SOURCE, headers=("ETag",)),
    faults=(USER_REQUIRED,),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_source(body: SourceInput) -> Reply:
    """Nothing is read yet: ask for a test or a run, or let it be read every so many minutes."""
    return _told(sources.create(g.actor, body.kind, **body.given()), 201)


@bp.get("")
@operation(
    "source.view",
    surface="sources",
    summary="List sources",
    query=CursorPages,
    answers=cursor_pages(Source, SOURCE),
)
def list_sources(query: CursorPages) -> dict[str, Any]:
    """Sources of the caller, newest first; everybody's for an administrator, those of its project for a project's key."""
    found, more = sources.list_page(g.actor, limit=query.limit, after=query.after)
    return cursor_page([_shape(view) for view in found], cursors.write(found[-1].source.created_at, more) if more else None)


@bp.get("/<source_id>")
@operation(
    "source.view",
    surface="sources",
    summary="Get a source",
    path=PATH,
    answers=Answer(Source, example=SOURCE, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_source(source_id: str) -> Reply:
    """One source; `lastRunId` names the import that tells of its last run."""
    return _told(sources.get(g.actor, check_uuid(source_id, "source_id")))


@bp.patch("/<source_id>")
@operation(
    "source.edit",
    surface="sources",
    summary="Change a source",
    path=PATH,
    body=JsonBody(SourceChange, example={"paused": True}),
    answers=Answer(Source, example=SOURCE, headers=("ETag",)),
    faults=(NOT_FOUND, other_version("source")),
    bucket="write",
    headers=IF_MATCH,
)
def change_source(source_id: str, body: SourceChange) -> Reply:
    """What is not named stays. Pictures that are there already do not change."""
    source_id = check_uuid(source_id, "source_id")
    return _told(sources.update(g.actor, source_id, versions=versions_of(source_id), **body.given()))


@bp.delete("/<source_id>")
@operation(
    "source.edit",
    surface="sources",
    summary="Delete a source",
    path=PATH,
    answers=Answer(status=204, says="The source is deleted. Its pictures and the records of its runs stay."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def delete_source(source_id: str) -> Reply:
    """What was found there is forgotten; pictures that came from there stay."""
    sources.delete(g.actor, check_uuid(source_id, "source_id"))
    return Reply(None, 204)


@bp.post("/<source_id>/run")
@operation(
    "source.edit",
    surface="sources",
    summary="Run a source",
    path=PATH,
    answers=Answer(ReadingBegun, status=202, says="The import that this run is.", example={"id": ITEM["id"], "status": "running"}),
    faults=(NOT_FOUND,),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def run_source(source_id: str) -> Reply:
    """A worker reads it now, and tries again what failed. While a run is under way, that one is the answer."""
    batch = runs.run(g.actor, check_uuid(source_id, "source_id"))
    return Reply({"id": batch.id, "status": batch.status}, 202)


@bp.post("/<source_id>/test")
@operation(
    "source.edit",
    surface="sources",
    summary="Test a source",
    path=PATH,
    answers=Answer(ReadingBegun, status=202, says="The job that tests it.", example={"id": ITEM["id"], "status": "queued"}),
    faults=(NOT_FOUND,),
    bucket="write",
)
def test_source(source_id: str) -> Reply:
    """A worker reads it and keeps nothing. The job tells what it found, as `found`: how many, and the first three."""
    job = trying.ask(g.actor, check_uuid(source_id, "source_id"))
    return Reply({"id": job.id, "status": JOB_STATUS[JobStatus(job.status)]}, 202)


@bp.get("/<source_id>/items")
@operation(
    "source.view",
    surface="sources",
    summary="List what was found at a source",
    path=PATH,
    query=CursorPages,
    answers=cursor_pages(Item, ITEM),
    faults=(NOT_FOUND,),
)
def list_source_items(source_id: str, query: CursorPages) -> dict[str, Any]:
    """What was found last comes first."""
    found, more = items.list_page(g.actor, check_uuid(source_id, "source_id"), limit=query.limit, after=query.after)
    return cursor_page([_item(view) for view in found], cursors.write(found[-1].item.created_at, more) if more else None)
