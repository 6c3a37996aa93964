"""The operations of describing many pictures again."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.choosing import Chosen
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Output, check_uuid
from pindeck.services.images import rounds
from pindeck.services.images.rounds import RoundView
from pindeck.services.library import describing
from pindeck.services.library.choices import Choice

bp = Blueprint("api_analyses", __name__, url_prefix=f"{PREFIX}/library/analyses")

PLAN = {
    "count": 214, "isMore": False, "model": "qwen/qwen3-vl-8b-instruct", "priceMicro": 213, "costMicro": 45582,
    "leftToday": 200, "leftThisMonth": None, "later": 14,
}  # fmt: skip
ROUND = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "about": "#rain, without description",
    "state": "running",
    "count": 214,
    "doneCount": 120,
    "failedCount": 1,
    "stoppedCount": 0,
    "leftCount": 93,
    "costMicro": 25560,
    "waitsUntil": None,
    "error": "The model does not want to describe this picture. Describe it by hand.",
    "createdAt": "2026-03-01T09:30:00.125Z",
}
PATH = {"round_id": "The round's id"}
NOT_FOUND = Fault(404, "ROUND_NOT_FOUND", "There is no such round of the caller's.")
OFF = Fault(409, "VISION_OFF", "No model is set up.")
NOTHING = Fault(409, "CONFLICT", "None of these images is left to be described.")
ENDED = Fault(409, "CONFLICT", "It has ended already.")


class Plan(Output):
    count: int = Field(description="How many images a model would be asked about.")
    isMore: bool = Field(description="There are more than `count`, which is not counted further.")
    model: str
    priceMicro: int | None = Field(
        description="What one description cost lately, in millionths of a dollar; null where the provider names no price."
    )
    costMicro: int | None = Field(description="The same for all of them.")
    leftToday: int | None = Field(description="Calls that DAILY_ANALYSIS_LIMIT allows yet; null without a limit.")
    leftThisMonth: int | None = Field(description="Calls that VISION_MONTHLY_LIMIT allows yet; null without a limit.")
    later: int = Field(description="How many of them wait for another day or month.")


class Round(Output):
    id: str = Field(description="Also that of its action in the history, which takes all of it back.")
    about: str = Field(description="What was chosen, in a few words for people.")
    state: Literal["running", "done", "stopped"]
    count: int = Field(description="How many images there were when it began.")
    doneCount: int
    failedCount: int
    stoppedCount: int = Field(description="Images about which no model was asked because it was stopped.")
    leftCount: int = Field(description="Images that are still to come.")
    costMicro: int | None = Field(description="What was paid so far, in millionths of a dollar, where the provider says.")
    waitsUntil: str | None = Field(description="When the rest goes on that a limit holds back: ISO 8601, UTC.")
    error: str | None = Field(description="Why it ended early, what it waits for, or why one of the failed ones failed.")
    createdAt: str = Field(description="ISO 8601, UTC.")


class AnalysisInput(Chosen):
    model_config = ConfigDict(extra="forbid")

    lacking: str | None = Field(
        None, max_length=100, description="Only images in which this field is empty and nobody has cleared it.",
        examples=["description"],
    )  # fmt: skip

    @property
    def choice(self) -> Choice:
        return Choice(tuple(self.ids or ()), self.query or "", self.lacking or "", bool(self.all))


def shape(view: RoundView) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "about": Choice.of_json(row.choice).text,
        "state": view.state,
        "count": row.total,
        "doneCount": view.done,
        "failedCount": view.failed,
        "stoppedCount": view.stopped,
        "leftCount": view.waiting + view.running + view.to_come,
        "costMicro": view.cost_micro,
        "waitsUntil": iso(view.waits_until) if view.waits_until else None,
        "error": row.said or view.reason or view.error,
        "createdAt": iso(row.created_at),
    }


@bp.post("/plan")
@operation(
    "describe",
    surface="library",
    summary="Foresee what describing again costs",
    body=JsonBody(AnalysisInput, example={"query": "tag=rain", "lacking": "description"}),
    answers=Answer(Plan, example=PLAN),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED),
)
def plan_analysis(body: AnalysisInput) -> dict[str, Any]:
    """A dry run: how many images it would be, and what that costs. Nothing is asked."""
    plan = describing.plan(g.actor, body.choice)
    return {
        "count": plan.count, "isMore": plan.is_more, "model": plan.model, "priceMicro": plan.price_micro,
        "costMicro": plan.cost_micro, "leftToday": plan.left.today, "leftThisMonth": plan.left.month,
        "later": plan.later,
    }  # fmt: skip


@bp.post("")
@operation(
    "describe",
    surface="library",
    summary="Describe images again",
    body=JsonBody(AnalysisInput, example={"query": "tag=rain", "lacking": "description"}),
    answers=Answer(Round, status=202, says="The new round; a worker does it.", example=ROUND),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED, OFF, NOTHING),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_analysis(body: AnalysisInput) -> Reply:
    """A model is asked about each image, newest first. Images of the caller, or everybody's for an administrator, which
    are stored and wait for no decision; one that is being described is left out. What a person wrote stays."""
    row = describing.begin(g.actor, body.choice)
    return Reply(shape(rounds.get(g.actor, row.id)), 202)


@bp.get("")
@operation(
    "describe",
    surface="library",
    summary="List rounds of describing again",
    query=CursorPages,
    answers=cursor_pages(Round, ROUND),
    faults=(USER_REQUIRED,),
)
def list_analyses(query: CursorPages) -> dict[str, Any]:
    """Rounds of the caller, everybody's for an administrator, newest first. They are kept for a month."""
    found, more = rounds.list_page(g.actor, limit=query.limit, after=query.after)
    cursor = cursors.write(found[-1].row.created_at, more) if more else None
    return cursor_page([shape(view) for view in found], cursor)


@bp.get("/<round_id>")
@operation(
    "describe",
    surface="library",
    summary="Get a round of describing again",
    path=PATH,
    answers=Answer(Round, example=ROUND),
    faults=(NOT_FOUND, USER_REQUIRED),
)
def get_analysis(round_id: str) -> dict[str, Any]:
    """How far it is, what it costs, and for what it waits."""
    return shape(rounds.get(g.actor, check_uuid(round_id, "round_id")))


@bp.post("/<round_id>/stop")
@operation(
    "describe",
    surface="library",
    summary="Stop a round of describing again",
    path=PATH,
    answers=Answer(Round, example={**ROUND, "state": "stopped", "stoppedCount": 93, "leftCount": 0}),
    faults=(NOT_FOUND, USER_REQUIRED, ENDED),
    bucket="write",
)
def stop_analysis(round_id: str) -> dict[str, Any]:
    """No further image is begun, and those that wait are as they were. A call that is under way is paid, so its answer is kept."""
    return shape(rounds.stop(g.actor, check_uuid(round_id, "round_id")))
