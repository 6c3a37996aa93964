"""The operation that lists words which are no terms of the vocabulary."""

from typing import Any, Literal

from flask import Blueprint, g
from pydantic import Field

from pindeck import cursors
from pindeck.api.images.schemas import iso
from pindeck.api.operations import operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Output
from pindeck.models import VocabularyTerm
from pindeck.services.images import vocabulary
from pindeck.states import TermState
from pindeck.terms import FIELDS

bp = Blueprint("api_vocabulary", __name__, url_prefix=f"{PREFIX}/vocabulary")
State = Literal["proposed", "accepted", "merged", "refused"]

WORD = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "field": "lightSource",
    "spelling": "Fireflies",
    "state": "merged",
    "term": "Practicals",
    "count": 3,
    "createdAt": "2026-03-01T09:30:00.125Z",
}


class VocabularyQuery(CursorPages):
    state: State | None = Field(
        None, description="Only words about which this was decided, or nothing yet (`proposed`).", examples=["proposed"]
    )


class Word(Output):
    id: str
    field: str = Field(description="The member of `craft`, or `genre`, `shot` or `style`.")
    spelling: str
    state: State
    term: str | None = Field(None, description="The term that a merged word means.")
    count: int = Field(description="How often somebody or a machine named it for a picture.")
    createdAt: str = Field(description="When it came up first: ISO 8601, UTC.")


def shape(row: VocabularyTerm) -> dict[str, Any]:
    field = FIELDS.get(row.field)
    told = {
        "id": row.id,
        "field": field.member if field else row.field,
        "spelling": row.spelling,
        "state": row.state,
        "term": row.term,
        "count": row.count,
        "createdAt": iso(row.first_seen_at),
    }
    return {name: value for name, value in told.items() if value is not None}


@bp.get("")
@operation(
    "admin",
    surface="admin",
    summary="List words that are no terms",
    query=VocabularyQuery,
    answers=cursor_pages(Word, WORD),
)
def list_words(query: VocabularyQuery) -> dict[str, Any]:
    """Words that came up for a picture's craft, genre, shot or style and that the vocabulary does not have, in the order
    in which they came up. What was decided about one is done on the page `/vocabulary`."""
    state = TermState(query.state) if query.state else None
    found, more = vocabulary.list_page(g.actor, state=state, limit=query.limit, after=query.after)
    cursor = cursors.write(found[-1].first_seen_at, found[-1].id) if more else None
    return cursor_page([shape(row) for row in found], cursor)
