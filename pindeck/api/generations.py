"""The operations of runs that make pictures."""

from typing import Any

from flask import Blueprint, g
from pydantic import Field

from pindeck import cursors
from pindeck.api.images.schemas import FlowId, iso
from pindeck.api.operations import Answer, Fault, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import CursorPage
from pindeck.api.types import CursorPages, Output, check_uuid
from pindeck.services.images import generations
from pindeck.services.images.generations import Run

bp = Blueprint("api_generations", __name__, url_prefix=f"{PREFIX}/generations")

RUN = {
    "id": "0198c5a0-6b12-7d40-8e3f-5a2c1b0d9e87",
    "projectId": "00000000-0000-7000-8000-000000000000",
    "flowId": None,
    "status": "completed",
    "prompt": "The same alley at dawn",
    "inputImageIds": ["0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"],
    "outputImageId": "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d18",
    "error": None,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:10.004Z",
}
NOT_FOUND = Fault(404, "GENERATION_NOT_FOUND", "There is no such run, or the caller may not see it.")


class GenerationsQuery(CursorPages):
    flowId: FlowId = Field(None, description="Only runs of this flow.")


class Generation(Output):
    id: str
    projectId: str
    flowId: str | None
    status: str = Field(description="`completed`, or how far it is.")
    prompt: str
    inputImageIds: list[str] = Field(description="The images it began from, as far as the caller sees them.")
    outputImageId: str | None = Field(
        description="The image it made; null when that was deleted, or the caller may not see it."
    )
    error: str | None
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


def shape(run: Run) -> dict[str, Any]:
    row = run.generation
    return {
        "id": row.id,
        "projectId": row.project_id,
        "flowId": row.flow_id,
        "status": row.status,
        "prompt": row.prompt,
        "inputImageIds": run.inputs,
        "outputImageId": run.output,
        "error": row.error,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


@bp.get("")
@operation(
    "images.read",
    surface="images",
    summary="List runs that made pictures",
    query=GenerationsQuery,
    answers=Answer(CursorPage[Generation], example={"data": [RUN], "nextCursor": None}),
)
def list_generations(query: GenerationsQuery) -> dict[str, Any]:
    """Newest first: a person's own, those of its project for a project key, all for administrators and master keys."""
    found, more = generations.list_page(g.actor, limit=query.limit, after=query.after, flow_id=query.flowId)
    return {"data": [shape(run) for run in found], "nextCursor": cursors.write(found[-1].generation.created_at, more) if more else None}


@bp.get("/<generation_id>")
@operation(
    "images.read",
    surface="images",
    summary="Get a run that made a picture",
    path={"generation_id": "UUID of the run."},
    answers=Answer(Generation, example=RUN),
    faults=(NOT_FOUND,),
)
def get_generation(generation_id: str) -> dict[str, Any]:
    """A run outlives its picture: `outputImageId` is null when that is deleted."""
    return shape(generations.get(g.actor, check_uuid(generation_id, "generation_id")))
