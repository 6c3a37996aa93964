"""The operation that changes many images at once."""

from typing import Any, Literal, Self

from flask import Blueprint, g
from pydantic import ConfigDict, Field, model_validator

from pindeck.api.boards import IS_SMART
from pindeck.api.boards import NOT_FOUND as NO_BOARD
from pindeck.api.choosing import Chosen
from pindeck.api.curation.schemas import ACTION_ID
from pindeck.api.library.inputs import Id, Words
from pindeck.api.operations import Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import IMAGE_NOT_FOUND, USER_REQUIRED, at_once_or_by_a_worker
from pindeck.api.types import Input, Int, Output, Text, Uuid
from pindeck.errors import invalid
from pindeck.services.images.fields import FIELDS
from pindeck.services.images.foretold import Foretold
from pindeck.services.images.inspector import ONE_EACH
from pindeck.services.images.together import How, last_event
from pindeck.services.library import bulk
from pindeck.services.library.bulk import Done
from pindeck.services.library.choices import Choice

bp = Blueprint("api_bulk", __name__, url_prefix=f"{PREFIX}/library")

PLAN = {
    "looked": 214,
    "fields": [{"field": "Tags", "does": "add “rain”", "changes": 200, "same": 14, "examples": [{"title": "Alley", "before": "", "after": "rain"}]}],
    "changedSince": 0,
    "full": 0,
    "released": [],
    "seen": 48211,
}  # fmt: skip
DONE = {"id": ACTION_ID, "status": "done", "total": 214, "refused": 3, "released": [], "plan": None}
FULL = Fault(409, "BOARD_FULL", "A board has at most 10,000 images.")


class Lists(Input):
    """What joins lists, or leaves them."""

    model_config = ConfigDict(extra="forbid")

    tags: list[Text] | None = Field(None, min_length=1, max_length=200)
    boards: list[Uuid] | None = Field(None, min_length=1, max_length=1, description="One board.")


class BulkInput(Chosen):
    model_config = ConfigDict(extra="forbid")

    ids: list[Id] | None = Field(None, min_length=1, max_length=10_000)
    set: Words | None = Field(None, description="Values that all of them get; a list takes the place of what each has.")
    add: Lists | None = Field(None, description="What joins `tags`, or a board they are put on.")
    remove: Lists | None = Field(None, description="What leaves `tags`, or a board they are taken off.")
    status: Literal["active", "draft", "trashed"] | None = Field(
        None, description="`active` publishes drafts and imports that wait for the caller, `draft` keeps imports, `trashed` moves images to the trash and needs images:delete."
    )
    visibility: Literal["library", "unlisted", "private"] | None = Field(None, description="Who sees them: of those that the caller may show.")
    like: bool | None = Field(None, description="Whether the caller likes them.")
    palette: Literal["again"] | None = Field(None, description="Five colours as they were measured of each image, in the place of others.")
    dryRun: bool = Field(False, description="Say what would change, and change nothing.")
    since: Int | None = Field(
        None, ge=0, description="`plan.seen` of a dry run: images in which somebody else has written one of the fields after that are left."
    )

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        boards = [each for each in (self.add, self.remove) if each is not None and each.boards]
        kinds = [self.is_about_words, bool(boards), *(each is not None for each in (self.status, self.visibility, self.like, self.palette))]
        if sum(kinds) != 1 or len(boards) > 1:
            raise ValueError("name one change: fields and tags, or one board, a status, a visibility, a like or a palette")
        if self.add and self.add.tags and self.remove and self.remove.tags:
            raise ValueError("add tags or remove them, in one request")
        if self.dryRun and not self.is_about_words:
            raise ValueError("a dry run is there for fields and tags")
        return self

    @property
    def is_about_words(self) -> bool:
        named = self.set is not None and bool(self.set.model_fields_set)
        return named or any(each is not None and each.tags is not None for each in (self.add, self.remove))

    @property
    def choice(self) -> Choice:
        query = self.query or ""
        return Choice(tuple(self.ids or ()), query, is_all=bool(self.all or query.strip()))

    @property
    def words(self) -> bulk.Words:
        """Raises Invalid naming the field as the caller spelt it."""
        values: dict[str, Any] = dict(self.set.words) if self.set else {}
        if ONE_EACH in values:
            raise invalid("uniqueId", "No two images have the same unique id.", named=True)
        hows = {name: How.REPLACE for name in values if FIELDS[name].is_list}
        for lists, how in ((self.add, How.ADD), (self.remove, How.REMOVE)):
            if lists and lists.tags:
                if "tags" in values:
                    raise invalid("tags", "Set tags, or add and remove some.", named=True)
                values["tags"], hows["tags"] = FIELDS["tags"].clean(lists.tags), how
        return bulk.Words(values, {name: str(how) for name, how in hows.items()}, self.since)


class Example(Output):
    title: str
    before: str
    after: str


class OfField(Output):
    field: str
    does: str
    changes: int
    same: int = Field(description="Images that have the value already.")
    examples: list[Example]


class Plan(Output):
    looked: int = Field(description="Images that were looked at, the newest of all that are meant; at most 1,000.")
    fields: list[OfField]
    changedSince: int = Field(description="Images that somebody else has changed since, and that are left.")
    full: int = Field(description="Images whose list would become too long, and that are left.")
    released: list[str] = Field(description="Aliases that all images that are meant would lose, because aliases do not move to another project.")
    seen: int = Field(description="Where the history stands, for `since`.")


class BulkDone(Output):
    id: str | None = Field(description="The action, which `GET actions/{id}` tells of; null for a dry run, and where nothing changed.")
    status: Literal["done", "running"]
    total: int = Field(description="Images that are meant and that the caller may change.")
    refused: int = Field(description="Images that are meant and stay as they are: the caller may not change them, or they have changed since.")
    released: list[str] = Field(description="Aliases that were released because images moved to another project, or will be where it runs.")
    plan: Plan | None = Field(description="Of a dry run.")


def _plan(told: Foretold, seen: int) -> Reply:
    fields = [
        {
            "field": each.label, "does": each.does, "changes": each.changes, "same": each.same,
            "examples": [{"title": one.title, "before": one.before, "after": one.after} for one in each.examples],
        }
        for each in told.fields
    ]  # fmt: skip
    plan = {"looked": told.looked, "fields": fields, "changedSince": len(told.left), "full": told.full, "released": told.released, "seen": seen}
    return Reply({"id": None, "status": "done", "total": told.count, "refused": told.refused, "released": [], "plan": plan})


@bp.post("/bulk")
@operation(
    "library.bulk",
    surface="curation",
    summary="Change many images",
    body=JsonBody(BulkInput, example={"query": "tag:rain", "set": {"genre": "Noir"}, "add": {"tags": ["night"]}}),
    answers=at_once_or_by_a_worker(BulkDone, DONE),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED, NO_BOARD, IS_SMART, FULL, Fault(409, "CONFLICT", "It cannot be written as things stand.")),
    bucket="write",
)
def change_many(body: BulkInput) -> Reply:
    """Images of the gallery: up to 10,000 by their ids, or all that a query finds. What the caller may not change is left out and
    counted. One action, which is taken back as a whole."""
    if body.is_about_words:
        words = body.words
        if body.dryRun:
            seen = last_event()
            return _plan(bulk.foresee(g.actor, body.choice, words), seen)
        return _told(bulk.change(g.actor, body.choice, words))
    if body.like is not None:
        return _told(bulk.like(g.actor, body.choice, wanted=body.like))
    if body.visibility is not None:
        return _told(bulk.show_to(g.actor, body.choice, body.visibility))
    if body.palette is not None:
        return _told(bulk.read_palettes(g.actor, body.choice))
    if body.status == "trashed":
        return _told(bulk.trash(g.actor, body.choice))
    if body.status is not None:
        return _told(bulk.decide(g.actor, body.choice, publishes=body.status == "active"))
    if body.add and body.add.boards:
        return _told(bulk.put_on_board(g.actor, body.choice, body.add.boards[0].lower()))
    assert body.remove and body.remove.boards
    return _told(bulk.take_off_board(g.actor, body.choice, body.remove.boards[0].lower()))


def _told(done: Done) -> Reply:
    told = {"status": "running" if done.runs else "done", "total": done.total, "refused": done.refused, "released": done.released}
    return Reply({"id": done.action_id, **told, "plan": None}, 202 if done.runs else 200)
