"""The operations of runs that make pictures."""

from typing import Annotated, Any, Literal

from flask import Blueprint, g
from pydantic import AfterValidator, Field

from pindeck import cursors
from pindeck.api.images.schemas import FlowId, iso
from pindeck.api.operations import ANYBODY, Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Int, Output, Query, QueryInt, Text, Uuid, check_uuid
from pindeck.services.images import generations
from pindeck.services.images.generations import Run
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest import extensions
from pindeck.states import GenerationStatus
from pindeck.varying import modes

bp = Blueprint("api_generations", __name__, url_prefix=f"{PREFIX}/generations")

RUN: dict[str, Any] = {
    "id": "0198c5a0-6b12-7d40-8e3f-5a2c1b0d9e87",
    "projectId": "00000000-0000-7000-8000-000000000000",
    "flowId": None,
    "status": "completed",
    "prompt": "The same alley at dawn",
    "batchId": "0198c5a0-6b11-7e20-9a3b-4d5e6f708192",
    "modificationMode": "subtle-variation",
    "provider": "simulated",
    "requestId": "simulated-0198c5a0-6b12-7d40-8e3f-5a2c1b0d9e87",
    "cost": 0.0,
    "inputImageIds": ["0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"],
    "outputImageId": "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d18",
    "error": None,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:10.004Z",
}
QUEUED = {**RUN, "status": "queued", "outputImageId": None, "requestId": None, "cost": None, "updatedAt": RUN["createdAt"]}
WHOM = (
    Fault(400, "USER_ID_REQUIRED", "An operator extension must name its user in `userId`."),
    Fault(403, "USER_SCOPE_VIOLATION", "An extension of one user named another one."),
    Fault(404, "USER_NOT_FOUND", "There is no such user."),
)
NOT_FOUND = Fault(404, "GENERATION_NOT_FOUND", "There is no such run, or the caller may not see it.")


class GenerationsQuery(CursorPages):
    flowId: FlowId = Field(None, description="Only runs of this flow.")
    batchId: Uuid | None = Field(None, description="Only runs of this request.")


class Generation(Output):
    id: str
    projectId: str
    flowId: str | None
    status: str = Field(
        description="`queued`, `processing`, `completed`, `failed`, or `lost`: it was sent, and nobody can say whether it was "
        "made; it may have been charged and is never sent again."
    )
    prompt: str = Field(description="What the provider is told.")
    batchId: str | None = Field(description="The same for all that one request asked for; null for a run of before.")
    modificationMode: str | None
    provider: str | None
    requestId: str | None = Field(description="What the provider calls it, once it has taken it.")
    cost: float | None = Field(description="US dollars, where the provider told.")
    inputImageIds: list[str] = Field(description="The images it began from, as far as the caller sees them.")
    outputImageId: str | None = Field(
        description="The image it made; null when that was deleted, or the caller may not see it."
    )
    error: str | None
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


ImageId = Annotated[Uuid, AfterValidator(str.lower), Field(description="The picture to vary.")]
Mode = Annotated[
    Text | None, Field(description=f"{', '.join(f'`{name}`' for name in modes.MODES)}; another one means the first.")
]
Detail = Annotated[Text | None, Field(max_length=modes.MAX_DETAIL, description="What the pictures should show.")]
Size = Annotated[Literal["1K", "2K", "4K"] | None, Field(description="`GENERATION_RESOLUTION` if left out.")]
Whom = Annotated[Text | None, Field(description="The user that an operator extension orders for.")]
Tag = Annotated[Text | None, Field(description="Tags the new pictures, as an extension's upload does.")]
COUNT = "Below 0 counts as 0, above 12 as 12; 0 orders nothing."


class PromptsQuery(Query):
    imageId: ImageId
    variationCount: QueryInt = Field(1, description=COUNT)
    modificationMode: Mode = None
    variationDetail: Detail = None
    resolution: Size = None
    userId: Whom = None


class OrderInput(Input):
    imageId: ImageId
    variationCount: Int = Field(1, description=COUNT)
    modificationMode: Mode = None
    variationDetail: Detail = None
    aspectRatio: Text | None = Field(
        None, description=f"{', '.join(f'`{name}`' for name in modes.ASPECTS)}; another one means the first."
    )
    resolution: Size = None
    flowId: FlowId = Field(None, description="The flow, in the picture's project, that the new pictures join.")
    characterId: Tag = None
    chatId: Tag = None
    userId: Whom = None


class Prompts(Output):
    prompts: list[str]
    cost: float | None = Field(description="US dollars for all of them; null where it is not known.")


class Ordered(Output):
    id: str = Field(description="The `batchId` of the runs.")
    status: Literal["queued", "completed"] = Field(description="`completed` where nothing was ordered.")
    generations: list[Generation]


def shape(run: Run) -> dict[str, Any]:
    row = run.generation
    return {
        "id": row.id,
        "projectId": row.project_id,
        "flowId": row.flow_id,
        "status": GenerationStatus.PROCESSING if row.status == GenerationStatus.SUBMITTING else row.status,
        "prompt": row.prompt,
        "batchId": row.batch,
        "modificationMode": row.params.get("mode"),
        "provider": row.provider,
        "requestId": row.request_id,
        "cost": row.cost,
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
    answers=cursor_pages(Generation, RUN),
)
def list_generations(query: GenerationsQuery) -> dict[str, Any]:
    """Newest first: a person's own, those of its project for a project key, all for administrators and master keys."""
    found, more = generations.list_page(g.actor, limit=query.limit, after=query.after, flow_id=query.flowId, batch=query.batchId and query.batchId.lower())
    return cursor_page([shape(run) for run in found], cursors.write(found[-1].generation.created_at, more) if more else None)


@bp.get("/prompts")
@operation(
    "generate",
    surface="images",
    summary="Preview what a provider would be told",
    query=PromptsQuery,
    answers=Answer(Prompts, example={"prompts": [RUN["prompt"]], "cost": 0.0}),
    faults=(IMAGE_NOT_FOUND, *WHOM),
    callers=ANYBODY,
)
def preview_prompts(query: PromptsQuery) -> dict[str, Any]:
    """The texts exactly as an order would send them now, one for each picture. Nothing is ordered."""
    wish = Wish(query.variationCount, query.modificationMode, query.variationDetail, resolution=query.resolution)
    actor = extensions.acting(g.actor, query.userId)
    return {
        "prompts": ordering.prompts_for(actor, query.imageId, wish),
        "cost": ordering.price_of(wish),
    }


@bp.post("")
@operation(
    "generate",
    surface="images",
    summary="Order variations of a picture",
    body=JsonBody(OrderInput, example={"imageId": RUN["inputImageIds"][0], "variationCount": 2, "modificationMode": "coverage"}),
    answers=Answer(Ordered, status=202, says="It is being made.", example={"id": RUN["batchId"], "status": "queued", "generations": [QUEUED]}),
    faults=(
        IMAGE_NOT_FOUND,
        Fault(404, "FLOW_NOT_FOUND", "There is no such flow in the picture's project."),
        Fault(409, "GENERATION_RUNNING", "A machine is at work on this picture."),
        Fault(409, "GENERATION_OFF", "Variations are switched off."),
        Fault(409, "CONFLICT", "The picture is not stored yet, or was deleted."),
        Fault(429, "RATE_LIMIT_EXCEEDED", "The order is above the daily limit of its person."),
        *WHOM,
    ),
    bucket="write",
    callers=ANYBODY,
    repeats=Repeats.WHOLE,
)
def order_variations(body: OrderInput) -> Reply:
    """Each becomes a picture of its own beside the one it began from, which is `processing` meanwhile. They are made one
    after another; `GET` with `batchId` says how far they are."""
    wish = Wish(
        body.variationCount, body.modificationMode, body.variationDetail, body.aspectRatio, body.resolution,
        body.flowId, *extensions.subjects_of(body.characterId, body.chatId),
    )  # fmt: skip
    batch, made = ordering.order(extensions.acting(g.actor, body.userId), body.imageId, wish)
    told = [shape(Run(run, run.inputs, None)) for run in made]
    return Reply({"id": batch, "status": "queued" if told else "completed", "generations": told}, 202)


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
