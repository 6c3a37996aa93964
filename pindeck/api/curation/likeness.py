"""The operations that find by colours and by likeness."""

import re
from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import Field

from pindeck import config, cursors
from pindeck.api.curation.schemas import INDEX_AWAY
from pindeck.api.library.schemas import RECORD, LibraryImage, record
from pindeck.api.operations import Answer, Fault, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import IMAGE_NOT_FOUND, SERVER_BUSY, cursor_page, cursor_pages
from pindeck.api.types import Output, Query, QueryInt, Text, limit_type
from pindeck.errors import Invalid, invalid
from pindeck.services.library import by_look, lists
from pindeck.services.library.by_look import Dials, Found, WantedColour

bp = Blueprint("api_likeness", __name__, url_prefix=f"{PREFIX}/library")

_ASKED = re.compile(r"#?([0-9a-fA-F]{6})(?:~(\d{1,3}))?(?:@(\d{1,3}))?")
PAGE = cursor_pages(LibraryImage, RECORD)
NOT_LOOKED = Fault(409, "CONFLICT", "The image has not been looked at yet. Try again in a few minutes.")
Dial = Annotated[QueryInt, Field(ge=0, le=3)]


class Ranked(Query):
    """A page of what was ranked anew. The cursor counts pages."""

    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Text | None = Field(None, max_length=200, description="`nextCursor` of the page before, with the same `limit`.")

    @property
    def page(self) -> int:
        """Raises Invalid."""
        if self.cursor is not None and re.fullmatch(r"[0-9]{1,3}", self.cursor) is None:
            raise cursors.wrong()
        return int(self.cursor or 0)


class ColourQuery(Ranked):
    colours: Text = Field(
        "", max_length=200, examples=["c8102e~12@40,0f1a2b"],
        description="One to five colours with commas between them: `#rrggbb`, `~` and a tolerance from 1 to 50 (12 where none is given), `@` and a share in percent. "
        "The # may be left out. Without any nothing is found.",
    )  # fmt: skip
    without: Text = Field("", max_length=200, examples=["14a03c"], description="Colours that an image must not have, likewise.")


class LikeQuery(Ranked):
    palette: Dial = Field(2, description="How much the colours count, from 0 to 3.")
    light: Dial = Field(1, description="The layout of the light.")
    edges: Dial = Field(1, description="The edges.")
    words: Dial = Field(1, description="Tags, project and terms.")
    meaning: Dial | None = Field(
        None, examples=[2], description="What title, tags, terms and description mean to a model: 1 where nothing is said. Only where the installation names an address of embeddings."
    )


class Colour(Output):
    colour: str
    share: int | None = Field(description="In percent of the area; null where nobody has measured it.")


def _colours(name: str, text: str) -> list[WantedColour]:
    """Raises Invalid for what is no colour."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _ASKED.fullmatch(part)
        if match is None:
            raise invalid(name, f"“{part[:40]}” is not a colour such as c8102e~12@40.", named=True)
        code, tolerance, share = match.groups()
        found.append(WantedColour(f"#{code.lower()}", int(tolerance or by_look.TOLERANCE), int(share) if share else None))
    return found


def _told(found: Found, page: int) -> dict[str, Any]:
    data = [record(entry) for entry in lists.entries(g.actor, found.images)]
    return cursor_page(data, str(page + 1) if found.has_more and page < 999 else None)


@bp.get("/colours")
@operation("library.view", surface="curation", summary="Find by colours", query=ColourQuery, answers=PAGE, faults=(INDEX_AWAY, SERVER_BUSY))
def find_by_colours(query: ColourQuery) -> dict[str, Any]:
    """Images that have all of these colours, also as small accents, the nearest first. Colours are compared in OKLab."""
    asked, without, page = _colours("colours", query.colours), _colours("without", query.without), query.page
    if not asked:
        return cursor_page([], None)
    try:
        return _told(by_look.by_colours(g.actor, asked, without, page=page, limit=query.limit), page)
    except Invalid as error:
        raise invalid("colours", error.fields.get("c", error.message), named=True) from error


@bp.get("/images/<image_id>/colours")
@operation(
    "library.view",
    surface="curation",
    summary="Get the colours of an image",
    path={"image_id": "The image's id"},
    answers=Answer(list[Colour], example=[{"colour": "#101820", "share": 61}]),
    faults=(IMAGE_NOT_FOUND,),
)
def get_colours(image_id: str) -> list[dict[str, Any]]:
    """Those that fill most of it, with their shares."""
    return [{"colour": one.code, "share": one.share} for one in by_look.colours_of(g.actor, image_id)]


@bp.get("/images/<image_id>/similar")
@operation(
    "library.view",
    surface="curation",
    summary="Find similar images",
    path={"image_id": "The image's id"},
    query=LikeQuery,
    answers=PAGE,
    faults=(IMAGE_NOT_FOUND, NOT_LOOKED, INDEX_AWAY, SERVER_BUSY),
)
def find_similar(image_id: str, query: LikeQuery) -> dict[str, Any]:
    """Images of the library that look like one or are described like it, the likest first. Four dials say what counts, and a
    fifth where a model reads words."""
    if query.meaning is not None and not config.current().embeddings_is_on:
        raise invalid("meaning", "No model reads words here, so there is no such dial.", named=True)
    dials = Dials(query.palette, query.light, query.edges, query.words, 1 if query.meaning is None else query.meaning)
    return _told(by_look.like(g.actor, image_id, dials, page=query.page, limit=query.limit), query.page)
