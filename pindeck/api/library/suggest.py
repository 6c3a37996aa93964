"""The operation that suggests how a search that is being typed goes on."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import Field

from pindeck.api.operations import Answer, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.types import Output, Query, Text
from pindeck.search import MOST_CHARACTERS
from pindeck.services.library import suggest
from pindeck.services.library.suggest import Kind

bp = Blueprint("api_suggest", __name__, url_prefix=f"{PREFIX}/library/suggest")


class Typed(Query):
    q: Annotated[Text, Field(max_length=MOST_CHARACTERS)] = Field("", description="What is typed so far.", examples=["storm tag:se"])


class Suggestion(Output):
    kind: Kind = Field(description="A search that the caller saved or made before, a field, or a value of one.")
    text: str = Field(description="The whole search with it.")
    says: str = Field(description="The name of a saved search, what a field means, or the value.")
    count: int | None = Field(description="How many images the caller sees with the value, at most 1,000; null where that is not counted.")
    isMore: bool = Field(description="Whether there are more than `count`.")


class Suggestions(Output):
    data: list[Suggestion]


def _told(each: suggest.Suggestion) -> dict[str, Any]:
    count = each.count
    number, is_more = (None, False) if count is None else (count.number, count.is_more)
    return {"kind": each.kind, "text": each.text, "says": each.says, "count": number, "isMore": is_more}


@bp.get("")
@operation(
    "library.view",
    surface="library",
    summary="Suggest how a search goes on",
    query=Typed,
    answers=Answer(
        Suggestions,
        example={"data": [{"kind": "value", "text": "storm tag:sea ", "says": "sea", "count": 42, "isMore": False}]},
    ),
)
def suggest_search(query: Typed) -> dict[str, Any]:
    """At most ten: searches of the caller first, then fields and values that stand at images the caller sees."""
    return {"data": [_told(each) for each in suggest.of(g.actor, query.q)]}
