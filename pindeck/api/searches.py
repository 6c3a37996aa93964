"""The operations of saved and recent searches. A smart board is made from one with its `query` (`POST /boards`)."""

from typing import Any

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.types import Input, Output, Text, Uuid, check_uuid
from pindeck.models import SavedSearch
from pindeck.services.boards import recent_searches, searches
from pindeck.services.boards.searches import Order

bp = Blueprint("api_searches", __name__, url_prefix=f"{PREFIX}/searches")

ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c01"
SEARCH = {
    "id": ID,
    "name": "Sodium nights",
    "query": "light:sodium time:night",
    "sort": "newest",
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:30:00.125Z",
}
NOT_FOUND = Fault(404, "SEARCH_NOT_FOUND", "The caller has no such search.")
PATH = {"search_id": "The search's id"}


class NewSearch(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(description="At most 100 characters; each name once, capitals aside.")
    query: Text = Field(description="In the grammar of the search box; all of it must be understood.")
    sort: Order = "newest"


class SearchChange(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    query: Text = ""
    sort: Order = "newest"

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class Search(Output):
    id: Uuid
    name: str
    query: str
    sort: Order
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class Searches(Output):
    data: list[Search]


class Recent(Output):
    data: list[str] = Field(description="Queries, the last one first.")


def _told(row: SavedSearch) -> dict[str, Any]:
    times = {"createdAt": iso(row.created_at), "updatedAt": iso(row.updated_at)}
    return {"id": row.id, "name": row.name, "query": row.query, "sort": row.sort, **times}


@bp.get("")
@operation(
    "search.view",
    surface="searches",
    summary="List saved searches",
    answers=Answer(Searches, example={"data": [SEARCH]}),
)
def list_searches() -> dict[str, Any]:
    """Those of the caller, at most 200, by name."""
    return {"data": [_told(row) for row in searches.list_all(g.actor)]}


@bp.post("")
@operation(
    "search.keep",
    surface="searches",
    summary="Save a search",
    body=JsonBody(NewSearch, example={"name": "Sodium nights", "query": "light:sodium time:night"}),
    answers=Answer(Search, status=201, says="The new search.", example=SEARCH),
    faults=(Fault(409, "TOO_MANY", "The caller has saved 200 searches."),),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def save_search(body: NewSearch) -> Reply:
    """Nobody but the caller sees it."""
    made, _ = searches.keep(g.actor, name=body.name, query=body.query, sort=body.sort)
    return Reply(_told(made), 201)


@bp.patch("/<search_id>")
@operation(
    "search.keep",
    surface="searches",
    summary="Change a saved search",
    path=PATH,
    body=JsonBody(SearchChange, example={"name": "Sodium nights"}),
    answers=Answer(Search, example=SEARCH),
    faults=(NOT_FOUND,),
    bucket="write",
)
def change_search(search_id: str, body: SearchChange) -> dict[str, Any]:
    """What is not named stays."""
    searches.change(g.actor, check_uuid(search_id, "search_id"), **body.given())
    return _told(searches.find(g.actor, search_id))


@bp.delete("/<search_id>")
@operation(
    "search.keep",
    surface="searches",
    summary="Remove a saved search",
    path=PATH,
    answers=Answer(status=204, says="It is removed."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def remove_search(search_id: str) -> Reply:
    """The action can be undone for 30 days."""
    searches.remove(g.actor, check_uuid(search_id, "search_id"))
    return Reply(None, 204)


@bp.get("/recent")
@operation(
    "search.view",
    surface="searches",
    summary="List recent searches",
    answers=Answer(Recent, example={"data": ["neon tag:rain"]}),
)
def list_recent() -> dict[str, Any]:
    """The last twenty that the caller made on the page of the gallery. Those of programs are not kept."""
    return {"data": recent_searches.list_all(g.actor)}


@bp.delete("/recent")
@operation(
    "search.keep",
    surface="searches",
    summary="Clear recent searches",
    answers=Answer(status=204, says="The recent searches are removed."),
    bucket="write",
)
def clear_recent() -> Reply:
    """It cannot be undone."""
    recent_searches.clear(g.actor)
    return Reply(None, 204)
