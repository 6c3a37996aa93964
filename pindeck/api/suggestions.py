"""The operations of suggestions for one field of many pictures."""

from typing import Any

from flask import Blueprint, g
from pydantic import Field

from pindeck.api.choosing import Chosen
from pindeck.api.library.inputs import NAMES
from pindeck.api.library.schemas import ID
from pindeck.api.operations import Answer, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.proposals import OUTSIDE
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED
from pindeck.api.types import Output
from pindeck.services.library import suggestions
from pindeck.services.library.choices import Choice
from pindeck.states import ProposalState

bp = Blueprint("api_suggestions", __name__, url_prefix=f"{PREFIX}/library/proposals")

FOUND = {"data": [{"field": "title", "count": 42}, {"field": "tags", "count": 17}]}


class Wanted(Chosen):
    @property
    def choice(self) -> Choice:
        return Choice(tuple(self.ids or ()), self.query or "", is_all=bool(self.all))


class WantedField(Wanted):
    field: str = Field(max_length=100, description="As `PATCH` of an image names it.")


class OfField(Output):
    field: str = Field(description="As `PATCH` of an image names it.")
    count: int = Field(description="In how many images something is suggested for it.")


class Counts(Output):
    data: list[OfField]


class DecidedMany(Output):
    actionId: str | None = Field(description="What the log of actions calls it; null where nothing waited.")
    count: int = Field(description="How many images it is about.")
    isRunning: bool = Field(description="A worker does it, because there are more than 250.")
    released: list[str] = Field(description="Aliases that were released because images moved to another project, or will be where it runs.")


def _decides(summary: str) -> Any:
    """An operation that decides what is suggested for one field of many images."""
    return operation(
        "library.change",
        surface="library",
        summary=summary,
        body=JsonBody(WantedField, example={"field": "title", "query": "tag=rain"}),
        answers=Answer(DecidedMany, example={"actionId": ID, "count": 42, "isRunning": False, "released": []}),
        faults=(IMAGE_NOT_FOUND, USER_REQUIRED),
        bucket="write",
    )


def _decided(body: WantedField, state: ProposalState) -> dict[str, Any]:
    done = suggestions.decide(g.actor, body.choice, NAMES.get(body.field, body.field), state, confirmed=True)
    return {"actionId": done.action_id, "count": done.count, "isRunning": done.is_running, "released": done.released}


@bp.post("/count")
@operation(
    "library.change",
    surface="library",
    summary="Count suggestions by field",
    body=JsonBody(Wanted, example={"query": "tag=rain"}),
    answers=Answer(Counts, example=FOUND),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED),
)
def count_proposals(body: Wanted) -> dict[str, Any]:
    """For how many images that the caller may correct a machine suggests something, field by field."""
    found = suggestions.by_field(g.actor, body.choice)
    return {"data": [{"field": OUTSIDE.get(each.name, each.name), "count": each.count} for each in found]}


@bp.post("/accept")
@_decides("Accept suggestions of many images")
def accept_many(body: WantedField) -> dict[str, Any]:
    """Writes what is suggested for one field of all images that are meant, in the caller's name. One action of the log,
    which can be undone."""
    return _decided(body, ProposalState.ACCEPTED)


@bp.post("/refuse")
@_decides("Refuse suggestions of many images")
def refuse_many(body: WantedField) -> dict[str, Any]:
    """They do not come back from the same model with the same prompt. One action of the log, which can be undone."""
    return _decided(body, ProposalState.REFUSED)
