"""The operations on tags: what a worker found about them, and the rules that hold of them."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.curation.schemas import ACTED, ACTION_ID, Acted, Places, acted, runs
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import at_once_or_by_a_worker, cursor_page, cursor_pages
from pindeck.api.types import Input, Output, Text, check_uuid
from pindeck.models import TagRule
from pindeck.services.images import gardening, large, tag_findings
from pindeck.services.images.tag_findings import Finding
from pindeck.services.library import tags

bp = Blueprint("api_tags", __name__, url_prefix=f"{PREFIX}/tags")

FOUND = {"kind": "plural", "tag": "lamp", "count": 4, "other": "lamps", "otherCount": 31}
RULE = {"id": ACTION_ID, "how": "alias", "tag": "rains", "means": "rain", "says": "“rains” means “rain”", "createdAt": "2026-03-01T09:30:00.125Z"}
NO_RULE = Fault(404, "NOT_FOUND", "There is no such rule.")
How = Literal["rename", "alias", "imply", "forbid"]


class TagCount(Output):
    tag: str
    count: int = Field(description="Images of the library that the caller finds with it; exact to 1,000.")
    isMore: bool = Field(description="Whether there are more than `count`.")


class FindingQuery(Places):
    finding: Literal["new", "same", "plural", "near", "together", "single"] = Field(
        "same", description="Words that a model alone wrote; one word in two spellings; plurals; near spellings; words that come together; words used once."
    )


class TagFinding(Output):
    kind: str
    tag: str
    count: int = Field(description="Images of the library that have it.")
    other: str | None = Field(description="The word that it may be, or comes with.")
    otherCount: int | None


class Findings(Output):
    data: list[TagFinding]
    nextCursor: str | None
    counts: dict[str, int] = Field(description="By kind: how many there are to decide.")
    foundAt: str | None = Field(description="When a worker looked. ISO 8601, UTC.")


class Rule(Output):
    id: str
    how: Literal["alias", "imply", "forbid"]
    tag: str
    means: str | None
    says: str = Field(description="The same for people.")
    createdAt: str = Field(description="ISO 8601, UTC.")


class TendInput(Input):
    model_config = ConfigDict(extra="forbid")

    how: How = Field(
        description="`rename` once; `alias` also whenever the tag is written later; `imply` writes `means` beside it; `forbid` takes it away, and keeps it away."
    )
    tag: Text = Field(max_length=200)
    means: Text | None = Field(None, max_length=200, description="The other word; none where it is forbidden.")
    dryRun: bool = Field(False, description="Only count the images.")


class Tended(Acted):
    count: int = Field(description="Images that have the tag and that the caller may edit.")


def _rule(row: TagRule) -> dict[str, Any]:
    says = gardening.SAYS[row.kind].format(tag=row.tag, means=row.means)
    return {"id": row.id, "how": row.kind, "tag": row.tag, "means": row.means or None, "says": says, "createdAt": iso(row.created_at)}


@bp.get("")
@operation(
    "library.view",
    surface="curation",
    summary="List tags with their counts",
    query=Places,
    answers=cursor_pages(TagCount, {"tag": "rain", "count": 31, "isMore": False}),
)
def list_tags(query: Places) -> dict[str, Any]:
    """The tags of the images of the library that the caller sees, alphabetical."""
    found, more = tags.list_tags(g.actor, after=query.cursor or "", limit=query.limit)
    return cursor_page([{"tag": each.tag, "count": each.pictures.number, "isMore": each.pictures.is_more} for each in found], more)


@bp.get("/findings")
@operation(
    "tags.view",
    surface="curation",
    summary="List what was found about tags",
    query=FindingQuery,
    answers=Answer(
        Findings, example={"data": [FOUND], "nextCursor": None, "counts": {"plural": 1}, "foundAt": "2026-03-01T09:30:00.125Z"}
    ),
)
def list_tag_findings(query: FindingQuery) -> dict[str, Any]:
    """Pairs and lone words of the library's images that somebody may want to tidy, with their counts."""
    if query.cursor is not None and not (query.cursor.isascii() and query.cursor.isdigit() and len(query.cursor) < 19):
        raise cursors.wrong()
    counts, found_at = tag_findings.counts(g.actor)
    rows, more = tag_findings.list_page(g.actor, Finding(query.finding), after=int(query.cursor or 0), limit=query.limit)
    told = [
        {"kind": row.kind, "tag": row.tag, "count": row.tag_count, "other": row.other or None, "otherCount": row.other_count if row.other else None}
        for row in rows
    ]
    return {"data": told, "nextCursor": str(rows[-1].id) if more else None, "counts": counts, "foundAt": iso(found_at) if found_at else None}


@bp.post("/findings")
@operation(
    "tags.tend", surface="curation", summary="Have tags looked through",
    answers=Answer(status=202, says="A worker looks through the tags."), bucket="write",
)  # fmt: skip
def find_about_tags() -> Any:
    """Once at a time; what was found before gives way."""
    tag_findings.ask(g.actor)
    return Reply(None, 202)


@bp.get("/rules")
@operation(
    "tags.view",
    surface="curation",
    summary="List rules of tags",
    query=Places,
    answers=cursor_pages(Rule, RULE),
)
def list_tag_rules(query: Places) -> dict[str, Any]:
    """What becomes of a tag whenever it is written, the newest first."""
    rows, more = gardening.list_rules(g.actor, after=query.cursor, limit=query.limit)
    return cursor_page([_rule(row) for row in rows], rows[-1].id if more else None)


@bp.post("/tend")
@operation(
    "tags.tend",
    surface="curation",
    summary="Rename, merge, alias, imply or forbid a tag",
    body=JsonBody(TendInput, example={"how": "alias", "tag": "rains", "means": "rain"}),
    answers=at_once_or_by_a_worker(Tended, {**ACTED, "count": 4}, count=400),
    faults=(Fault(409, "CONFLICT", "Another rule says otherwise."),),
    bucket="write",
)
def tend_tag(body: TendInput) -> Any:
    """In all images that have the tag and that the caller may edit, as one action, which takes its rule back as well. A tag that is
    renamed to another one that there is, is merged into it."""
    asked = gardening.ask(g.actor, body.how, body.tag, body.means or "")
    count = len(asked.ids)
    if body.dryRun:
        return {**acted(None), "count": count}
    if running := large.tend_tags(g.actor, asked):
        return Reply({**runs(running).value, "count": count}, 202)
    return {**acted(gardening.at_once(g.actor, asked)), "count": count}


@bp.delete("/rules/<rule_id>")
@operation(
    "tags.tend",
    surface="curation",
    summary="Remove a rule of tags",
    path={"rule_id": "The rule's id"},
    answers=Answer(Acted, example=ACTED),
    faults=(NO_RULE,),
    bucket="write",
)
def remove_tag_rule(rule_id: str) -> dict[str, Any]:
    """It holds no longer; images stay as they are."""
    return acted(gardening.remove_rule(g.actor, check_uuid(rule_id, "rule_id")))
