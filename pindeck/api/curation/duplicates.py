"""The operations on copies: groups of images that are the same, merged into the best one or told apart."""

from typing import Any

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck.api.curation.schemas import ACTED, COPY_ID, IMAGE_ID, Acted, Places, acted
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, cursor_page, cursor_pages
from pindeck.api.types import Input, Output, Uuid, check_uuid
from pindeck.services.images import parting, uniting
from pindeck.services.library import duplicates
from pindeck.services.library.duplicates import Group

bp = Blueprint("api_duplicates", __name__, url_prefix=f"{PREFIX}/library")

COPY = {"id": IMAGE_ID, "title": "Alley", "width": 1920, "height": 804, "bytes": 482113, "likes": 3, "mayStay": True, "mayGo": True}
GROUP = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6d11",
    "images": [COPY, {**COPY, "id": COPY_ID, "width": 960, "height": 402, "bytes": 90211, "likes": 0}],
    "best": IMAGE_ID,
    "exact": False,
}


class Copy(Output):
    id: str
    title: str
    width: int | None
    height: int | None
    bytes: int | None
    likes: int
    mayStay: bool = Field(description="Whether the caller may merge others into it.")
    mayGo: bool = Field(description="Whether the caller may merge it into another one.")


class CopyGroup(Output):
    id: str
    images: list[Copy] = Field(description="Those that the caller sees, the best first.")
    best: str = Field(description="The one that is proposed to stay: the largest.")
    exact: bool = Field(description="Whether all have the same bytes.")


class MergeInput(Input):
    model_config = ConfigDict(extra="forbid")

    keep: Uuid = Field(description="The image that stays.")
    ids: list[Uuid] = Field(min_length=1, max_length=uniting.MOST, description="The copies, which go to the trash.")


class PartInput(Input):
    model_config = ConfigDict(extra="forbid")

    ids: list[Uuid] = Field(min_length=1, max_length=uniting.MOST, description="Images of the group that show another picture.")


def _shape(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "images": [
            {
                "id": copy.image.id, "title": copy.image.title, "width": copy.image.width, "height": copy.image.height,
                "bytes": copy.image.size, "likes": copy.image.likes, "mayStay": copy.may_stay, "mayGo": copy.may_go,
            }
            for copy in group.copies
        ],
        "best": group.best_id,
        "exact": group.is_exact,
    }  # fmt: skip


@bp.get("/duplicates")
@operation(
    "twins.view",
    surface="curation",
    summary="List copies",
    query=Places,
    answers=cursor_pages(CopyGroup, GROUP),
)
def list_duplicates(query: Places) -> dict[str, Any]:
    """Groups of images that show the same picture, the latest first: equal bytes, other sizes, crops, grades. A group is as large
    as what the caller sees of it, and has two at least."""
    groups, more = duplicates.list_groups(g.actor, limit=query.limit, after=query.cursor)
    return cursor_page([_shape(group) for group in groups], more)


@bp.post("/merge")
@operation(
    "library.change",
    surface="curation",
    summary="Merge copies",
    body=JsonBody(MergeInput, example={"keep": IMAGE_ID, "ids": [COPY_ID]}),
    answers=Answer(Acted, example=ACTED),
    faults=(IMAGE_NOT_FOUND, Fault(409, "CONFLICT", "One of them is in the trash, or is still being stored.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def merge_copies(body: MergeInput) -> dict[str, Any]:
    """One action. The one that stays gets what the others have: likes, boards, variations, history, free aliases, words that it
    lacks, and the largest file."""
    merged = uniting.merge(g.actor, body.keep.lower(), [each.lower() for each in body.ids])
    return acted(merged.action_id, released=merged.lost)


@bp.post("/duplicates/<group_id>/part")
@operation(
    "twins.part",
    surface="curation",
    summary="Mark images as different",
    path={"group_id": "The group's id"},
    body=JsonBody(PartInput, example={"ids": [COPY_ID]}),
    answers=Answer(Acted, example=ACTED),
    faults=(Fault(404, "NOT_FOUND", "The caller sees no such group."), Fault(409, "CONFLICT", "The images are marked as different already.")),
    bucket="write",
)
def part_copies(group_id: str, body: PartInput) -> dict[str, Any]:
    """These are not the picture that the others of the group are, nor one another. It is remembered."""
    return acted(parting.part(g.actor, check_uuid(group_id, "group_id"), [each.lower() for each in body.ids]))
