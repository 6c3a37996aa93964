"""The operations of what a machine suggests for a picture."""

from collections.abc import Callable
from typing import Any, Literal, Self

from flask import Blueprint, g
from pydantic import ConfigDict, Field, model_validator

from pindeck.api.images.schemas import iso
from pindeck.api.library.inputs import NAMES, Id
from pindeck.api.library.schemas import ID
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import Input, Output
from pindeck.services.images import moving, proposals
from pindeck.services.images.proposals import ProposalView

bp = Blueprint("api_proposals", __name__, url_prefix=f"{PREFIX}/library/images/<image_id>/proposals")

OUTSIDE = {inside: outside for outside, inside in NAMES.items()}
PROPOSAL = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a55",
    "field": "title",
    "value": "Storm at sea",
    "current": "Storm light",
    "model": "offline",
    "promptVersion": "",
    "at": "2026-03-01T09:31:10.004Z",
}
PATH = {"image_id": "The image's id"}
BOTH = {**PATH, "proposal_id": "The proposal's id"}
NOT_FOUND = Fault(404, "PROPOSAL_NOT_FOUND", "The image has no such proposal.")
DECIDED = Fault(409, "ALREADY_DECIDED", "It was accepted, refused or withdrawn already.")
FAULTS = (IMAGE_NOT_FOUND, NOT_FOUND, DECIDED, USER_REQUIRED)


class Proposal(Output):
    id: str
    field: str = Field(description="As `PATCH` of the image names it.")
    value: str | list[str] = Field(description="What accepting writes. Of a field of several words, such as `tags` or `light`, those that it adds.")
    current: str | list[str] | None = Field(description="What stands there.")
    model: str = Field(description="The model that suggests it; `offline` for what the file itself tells.")
    promptVersion: str = Field(description="The version of the words that the model was asked with; empty without.")
    at: str = Field(description="ISO 8601, UTC.")


class Decided(Output):
    actionId: str | None = Field(description="What the log of actions calls it; null where nothing waited.")
    released: list[str] = Field(description="Aliases that were released because the image moved to another project.")


class Chosen(Input):
    """Either `ids` or `all`."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] | None = Field(None, min_length=1, max_length=100, description="Proposals of this image.")
    all: Literal[True] | None = Field(None, description="All that wait.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.all is None):
            raise ValueError('give either "ids" or "all": true')
        return self


def shape(view: ProposalView) -> dict[str, Any]:
    return {
        "id": view.id,
        "field": OUTSIDE.get(view.field, view.field),
        "value": view.value,
        "current": view.current,
        "model": view.model,
        "promptVersion": view.prompt_version,
        "at": iso(view.at),
    }


def _decides(summary: str, body: JsonBody | None = None, *, path: dict[str, str] = PATH) -> Any:
    """An operation that decides what is suggested for one image."""
    return operation(
        "library.change",
        surface="library",
        summary=summary,
        path=path,
        body=body,
        answers=Answer(Decided, example={"actionId": ID, "released": []}),
        faults=FAULTS,
        bucket="write",
    )


def _decided(decide: Callable[..., str | None], image_id: str, ids: list[str] | None) -> dict[str, Any]:
    action_id = decide(g.actor, image_id, ids, confirmed=True)
    return {"actionId": action_id, "released": moving.released_in(action_id)}


@bp.get("")
@operation(
    "library.change",
    surface="library",
    summary="What a machine suggests",
    path=PATH,
    answers=cursor_pages(Proposal, PROPOSAL),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED),
)
def list_proposals(image_id: str) -> dict[str, Any]:
    """What waits for a decision, one for a field at most and all on one page: where a person, a key or an import has
    written, a machine only suggests. For those who may correct the image."""
    return cursor_page([shape(view) for view in proposals.list_open(g.actor, image_id)], None)


@bp.post("/accept")
@_decides("Accept suggestions", JsonBody(Chosen, example={"all": True}))
def accept_proposals(image_id: str, body: Chosen) -> dict[str, Any]:
    """Writes the values in the caller's name: all of them, or none. One action of the log, which can be undone."""
    return _decided(proposals.accept, image_id, body.ids)


@bp.post("/refuse")
@_decides("Refuse suggestions", JsonBody(Chosen, example={"all": True}))
def refuse_proposals(image_id: str, body: Chosen) -> dict[str, Any]:
    """They do not come back from the same model with the same prompt. One action of the log, which can be undone."""
    return _decided(proposals.refuse, image_id, body.ids)


@bp.post("/<proposal_id>/accept")
@_decides("Accept a suggestion", path=BOTH)
def accept_proposal(image_id: str, proposal_id: str) -> dict[str, Any]:
    """The same for one."""
    return _decided(proposals.accept, image_id, [proposal_id])


@bp.post("/<proposal_id>/refuse")
@_decides("Refuse a suggestion", path=BOTH)
def refuse_proposal(image_id: str, proposal_id: str) -> dict[str, Any]:
    """The same for one."""
    return _decided(proposals.refuse, image_id, [proposal_id])
