"""The operations on the words of the fields: which stand in a field, which may be one, and one that becomes another."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck.api.curation.schemas import ACTED, Acted, Places, acted, runs
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import at_once_or_by_a_worker, cursor_page, cursor_pages
from pindeck.api.types import Input, Output, Text
from pindeck.services.images import field_gardening, large
from pindeck.terms import CRAFT

bp = Blueprint("api_fields", __name__, url_prefix=f"{PREFIX}/vocabulary/fields/<field>")

PATH = {"field": "`category`, `group`, `genre`, `shot`, `style` or a member of `craft`"}
WORD = {"word": "Noir", "count": 31}
NO_SUCH_WORD = Fault(404, "IMAGE_NOT_FOUND", "No image that the caller may edit has the word.")
MEMBERS = {CRAFT[name].member if name in CRAFT else name: name for name in field_gardening.NAMES}


class WordCount(Output):
    word: str
    count: int = Field(description="Images of the library that have it.")


class Alike(Output):
    kind: Literal["same", "plural", "near"] = Field(description="Another spelling, one and many, or one letter apart.")
    word: str
    count: int
    means: str = Field(description="The word that it would become.")
    meansCount: int


class Together(Output):
    word: str
    count: int
    other: str = Field(description="The word without which the first one hardly ever comes.")
    otherCount: int


class FoundWords(Output):
    data: list[Alike] = Field(description="Words that may be one.")
    together: list[Together] = Field(description="Words that come together, in fields of several words.")
    once: list[str] = Field(description="Words of one image.")


class TendInput(Input):
    model_config = ConfigDict(extra="forbid")

    how: Literal["rename", "add", "forbid"] = Field(
        "rename",
        description="`rename` puts `means` in its place, `add` writes `means` beside it, `forbid` takes it away, and keeps machines from writing it.",
    )
    word: Text = Field(max_length=200)
    means: Text | None = Field(None, max_length=200, description="The other word; none where it is forbidden.")
    dryRun: bool = Field(False, description="Only count the images.")


class Tended(Acted):
    count: int = Field(description="Images that have the word and that the caller may edit.")


@bp.get("/words")
@operation(
    "tags.tend",
    surface="curation",
    summary="List the words of a field with their counts",
    path=PATH,
    query=Places,
    answers=cursor_pages(WordCount, WORD),
)
def list_words(query: Places, field: str) -> dict[str, Any]:
    """The words that stand in a field of the library's images, in their order."""
    found, following = field_gardening.list_words(g.actor, _name(field), after=query.cursor or "", limit=query.limit)
    return cursor_page([{"word": each.word, "count": each.pictures} for each in found], following)


@bp.get("/alike")
@operation(
    "tags.tend",
    surface="curation",
    summary="List words of a field that may want tidying",
    path=PATH,
    answers=Answer(
        FoundWords,
        example={
            "data": [{"kind": "plural", "word": "Lamps", "count": 2, "means": "Lamp", "meansCount": 31}],
            "together": [{"word": "Haze", "count": 12, "other": "Fog", "otherCount": 40}],
            "once": ["Lampz"],
        },
    ),
)
def list_alike_words(field: str) -> dict[str, Any]:
    """Among its first 2,000 words; pairs stand with the most frequent first."""
    found = field_gardening.find(g.actor, _name(field))
    return {
        "data": [
            {"kind": str(kind), "word": word.word, "count": word.pictures, "means": means.word, "meansCount": means.pictures}
            for kind, word, means in found.alike
        ],
        "together": [
            {"word": one.word, "count": one.pictures, "other": other.word, "otherCount": other.pictures}
            for one, other in found.together
        ],
        "once": [each.word for each in found.once],
    }


@bp.post("/tend")
@operation(
    "tags.tend",
    surface="curation",
    summary="Rename, merge or forbid a word of a field",
    path=PATH,
    body=JsonBody(TendInput, example={"word": "Film noir", "means": "Noir"}),
    answers=at_once_or_by_a_worker(Tended, {**ACTED, "count": 4}, count=400),
    faults=(NO_SUCH_WORD,),
    bucket="write",
)
def tend_field(field: str, body: TendInput) -> Any:
    """In all images that have the word and that the caller may edit, as one action. A word that is renamed to one that there is, is
    merged into it."""
    asked = field_gardening.ask(g.actor, _name(field), body.word, body.means or "", body.how)
    count = len(asked.ids)
    if body.dryRun:
        return {**acted(None), "count": count}
    if running := large.tend_field(g.actor, asked):
        return Reply({**runs(running).value, "count": count}, 202)
    return {**acted(field_gardening.at_once(g.actor, asked)), "count": count}


def _name(member: str) -> str:
    """Our own name; another one stays as it is, and is refused by name."""
    return MEMBERS.get(member, member)
