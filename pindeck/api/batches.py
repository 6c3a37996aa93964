"""The operations of imports that belong together."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.library.inputs import Address
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Output, check_uuid
from pindeck.services.ingest import batches
from pindeck.services.ingest.batches import BatchView
from pindeck.states import Origin

bp = Blueprint("api_batches", __name__, url_prefix=f"{PREFIX}/library/batches")

BATCH = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "sourceType": "pinterest",
    "sourceUrl": "https://example.org/board",
    "status": "running",
    "sourceId": None,
    "error": None,
    "createdCount": 12,
    "skippedCount": 3,
    "failedCount": 1,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:10.004Z",
}
NOT_FOUND = Fault(404, "BATCH_NOT_FOUND", "The caller has no such import.")


class BatchInput(Input):
    model_config = ConfigDict(extra="forbid")

    sourceType: Literal["upload", "discord", "pinterest", "ai"] = "upload"
    sourceUrl: Address | None = Field(None, description="The page the pictures come from.")


class Batch(Output):
    id: str = Field(description="What imports name as `importBatchId`.")
    sourceType: Literal["upload", "discord", "pinterest", "ai"]
    sourceUrl: str | None
    status: Literal["running", "done", "failed"] = Field(
        description="`running` while one of its pictures is on its way; `failed` for the run of a source that came to nothing."
    )
    sourceId: str | None = Field(description="The source that this is a run of.")
    error: str | None = Field(description="Why the run failed: a sentence for people.")
    createdCount: int = Field(description="Imports that made a picture.")
    skippedCount: int = Field(description="Imports of what was there already.")
    failedCount: int = Field(description="Pictures that could not be brought.")
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC: the latest `updatedAt` of its pictures.")


def shape(view: BatchView) -> dict[str, Any]:
    batch = view.batch
    return {
        "id": batch.id,
        "sourceType": batch.origin,
        "sourceUrl": batch.source_url,
        "status": view.status,
        "sourceId": batch.source_id,
        "error": batch.error,
        "createdCount": batch.created_count,
        "skippedCount": batch.skipped_count,
        "failedCount": view.failed,
        "createdAt": iso(batch.created_at),
        "updatedAt": iso(view.updated_at),
    }


@bp.post("")
@operation(
    "upload",
    surface="library",
    summary="Begin an import",
    body=JsonBody(BatchInput, optional=True, example={"sourceType": "pinterest"}),
    answers=Answer(Batch, status=201, says="The new import.", example=BATCH),
    faults=(USER_REQUIRED,),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_batch(body: BatchInput | None) -> Reply:
    """An import to which pictures belong that name its id as `importBatchId`; it counts them."""
    wanted = body or BatchInput()
    made = batches.create(g.actor, origin=Origin(wanted.sourceType), source_url=wanted.sourceUrl)
    return Reply(shape(made), 201)


@bp.get("")
@operation(
    "library.own",
    surface="library",
    summary="List imports",
    query=CursorPages,
    answers=cursor_pages(Batch, BATCH),
    faults=(USER_REQUIRED,),
)
def list_batches(query: CursorPages) -> dict[str, Any]:
    """Imports of the caller, newest first; for the key of a project those that were begun with one of its keys."""
    found, more = batches.list_page(g.actor, limit=query.limit, after=query.after)
    return cursor_page([shape(view) for view in found], cursors.write(found[-1].batch.created_at, more) if more else None)


@bp.get("/<batch_id>")
@operation(
    "library.own",
    surface="library",
    summary="Get an import",
    path={"batch_id": "The import's id"},
    answers=Answer(Batch, example=BATCH),
    faults=(NOT_FOUND, USER_REQUIRED),
)
def get_batch(batch_id: str) -> dict[str, Any]:
    """What became of an import so far."""
    return shape(batches.get(g.actor, check_uuid(batch_id, "batch_id")))
