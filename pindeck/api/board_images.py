"""The operations on what is on a board: its images with their order and notes, and its sections."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors, db
from pindeck.api.boards import BOARD, CHANGED, IS_SMART, NOT_FOUND, Board, Section, told
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import IMAGE_NOT_FOUND, cursor_page, cursor_pages
from pindeck.api.types import Input, Output, Query, Text, Uuid, check_uuid, limit_type
from pindeck.services.boards import boards, ordering, pictures, reading, sections
from pindeck.services.boards.reading import After, Pinned
from pindeck.services.library import smart_boards, sorting

bp = Blueprint("api_board_images", __name__, url_prefix=f"{PREFIX}/boards/<board_id>")

PINNED = {
    "imageId": "0198c5a0-ab20-7d22-9b63-7e2f4f1d0c42",
    "title": "Alley",
    "width": 1920,
    "height": 804,
    "sectionId": None,
    "note": "The lamp, not the street.",
    "createdAt": "2026-03-01T09:30:00.125Z",
}
PATH = {"board_id": "The board's id"}
NOT_ON_BOARD = Fault(404, "NOT_ON_BOARD", "The image is not on the board, or the caller may not see it.")
NO_SECTION = Fault(404, "SECTION_NOT_FOUND", "The board has no such section.")
NO_ROOM = Fault(409, "NO_ROOM", "So many images have been put into one place that no room is left there. Move what follows it away first.")
FULL = Fault(409, "BOARD_FULL", "A board has at most 10,000 images and 50 sections.")


class Images(Query):
    """A page of a board. The cursor holds a place in its order."""

    limit: limit_type(50, 200) = 50  # type: ignore[valid-type]
    cursor: Text | None = Field(None, description="`nextCursor` of the page before.")


class Ids(Input):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Text], Field(min_length=1, max_length=10_000)]


class Added(Ids):
    sectionId: Uuid | None = Field(None, description="The section at whose end they stand.")


class PinChange(Input):
    model_config = ConfigDict(extra="forbid")

    note: Text | None = Field(None, description="Null empties it.")
    sectionId: Uuid | None = Field(None, description="Moves it to the end of this section; null: before all sections.")
    before: Uuid | None = Field(None, description="Moves it before this image, into its section.")


class SectionName(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text


class BoardImage(Output):
    imageId: str
    title: str
    width: int | None
    height: int | None
    sectionId: str | None
    note: str | None
    createdAt: str = Field(description="When it was put there. ISO 8601, UTC.")


def _shape(pinned: Pinned) -> dict[str, Any]:
    image = pinned.image
    return {
        "imageId": image.id,
        "title": image.title,
        "width": image.width,
        "height": image.height,
        "sectionId": pinned.section or None,
        "note": pinned.note,
        "createdAt": iso(pinned.at),
    }


def _read(cursor: str | None) -> After | None:
    if cursor is None:
        return None
    after = reading.after_of(cursors.unpacked(cursor))
    if after is None:
        raise cursors.wrong()
    return after


def _changes(summary: str, body: JsonBody, *faults: Fault, path: dict[str, str] = PATH) -> Any:
    """An operation that changes what is on a board, and answers with the board."""
    return operation(
        "board.edit",
        surface="boards",
        summary=summary,
        path=path,
        body=body,
        answers=Answer(Board, example=BOARD, headers=("ETag",)),
        faults=(NOT_FOUND, *faults, CHANGED, IS_SMART),
        bucket="write",
        headers=IF_MATCH,
    )


@bp.get("/images")
@operation(
    "board.view",
    surface="boards",
    summary="List the images of a board",
    path=PATH,
    query=Images,
    answers=cursor_pages(BoardImage, PINNED),
    faults=(NOT_FOUND,),
)
def list_board_images(board_id: str, query: Images) -> dict[str, Any]:
    """In the order of the board, section by section; those that the caller may not see are left out."""
    board = boards.find(g.actor, check_uuid(board_id, "board_id"))
    if board.is_smart:
        if query.cursor and not sorting.is_place(query.cursor, smart_boards.order(board)):
            raise cursors.wrong()
        page = smart_boards.page(g.actor, board, after=query.cursor, limit=query.limit)
        return cursor_page([_shape(pinned) for pinned in page.pinned], page.next_after)
    shown, after = reading.shown_to(g.actor), _read(query.cursor)
    page = reading.page(shown, board.id, reading.sections_of(board.id), after=after, limit=query.limit)
    return cursor_page([_shape(pinned) for pinned in page.pinned], page.next_after and cursors.packed(page.next_after))


@bp.post("/images")
@_changes("Add images to a board", JsonBody(Added, example={"ids": [PINNED["imageId"]]}), IMAGE_NOT_FOUND, FULL)
def add_board_images(board_id: str, body: Added) -> Reply:
    """At the end. Those that are on it already stay where they are, those that the caller does not see are passed over."""
    board_id = check_uuid(board_id, "board_id")
    pictures.add(g.actor, board_id, body.ids, section_id=body.sectionId, versions=versions_of(board_id))
    return told(board_id)


@bp.put("/images")
@_changes("Put the images of a board in an order", JsonBody(Ids, example={"ids": [PINNED["imageId"]]}), NO_ROOM)
def order_board_images(board_id: str, body: Ids) -> Reply:
    """`ids` are all images of the board that the caller sees. Each stays in its section."""
    board_id = check_uuid(board_id, "board_id")
    ordering.set_order(g.actor, board_id, body.ids, versions=versions_of(board_id))
    return told(board_id)


@bp.delete("/images")
@_changes("Take images off a board", JsonBody(Ids, example={"ids": [PINNED["imageId"]]}))
def remove_board_images(board_id: str, body: Ids) -> Reply:
    """Images that are not on it are passed over."""
    board_id = check_uuid(board_id, "board_id")
    pictures.remove(g.actor, board_id, body.ids, versions=versions_of(board_id))
    return told(board_id)


@bp.patch("/images/<image_id>")
@_changes(
    "Write a note, or move one image of a board",
    JsonBody(PinChange, example={"note": "The lamp, not the street."}),
    NOT_ON_BOARD,
    NO_ROOM,
    path={**PATH, "image_id": "The image's id"},
)
def change_board_image(board_id: str, image_id: str, body: PinChange) -> Reply:
    """What is not named stays."""
    board_id, image_id = check_uuid(board_id, "board_id"), check_uuid(image_id, "image_id")
    named, versions = body.model_fields_set, versions_of(board_id)

    def work() -> None:
        moves = body.before is not None or "sectionId" in named
        if moves:
            ordering.move(g.actor, board_id, [image_id], before=body.before, section_id=body.sectionId, versions=versions)
        if "note" in named or not moves:
            text = body.note if "note" in named else pictures.one(g.actor, boards.find(g.actor, board_id), image_id).note
            pictures.write_note(g.actor, board_id, image_id, text, versions=None if moves else versions)

    db.retried(work)
    return told(board_id)


@bp.post("/sections")
@operation(
    "board.edit",
    surface="boards",
    summary="Add a section to a board",
    path=PATH,
    body=JsonBody(SectionName, example={"name": "Exterior"}),
    answers=Answer(Section, status=201, says="The new section, at the end.", example={"id": PINNED["imageId"], "name": "Exterior"}),
    faults=(NOT_FOUND, IS_SMART, FULL),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def add_board_section(board_id: str, body: SectionName) -> Reply:
    """It stands at the end and holds no images yet."""
    board_id = check_uuid(board_id, "board_id")
    section_id, _ = sections.add(g.actor, board_id, body.name)
    return Reply({"id": section_id, "name": sections.get(section_id).name}, 201)


@bp.patch("/sections/<section_id>")
@operation(
    "board.edit",
    surface="boards",
    summary="Rename a section",
    path={**PATH, "section_id": "The section's id"},
    body=JsonBody(SectionName, example={"name": "Exterior"}),
    answers=Answer(Section, example={"id": PINNED["imageId"], "name": "Exterior"}),
    faults=(NOT_FOUND, NO_SECTION),
    bucket="write",
)
def rename_board_section(board_id: str, section_id: str, body: SectionName) -> dict[str, Any]:
    """Its images stay in it."""
    section_id = check_uuid(section_id, "section_id")
    sections.rename(g.actor, check_uuid(board_id, "board_id"), section_id, body.name)
    return {"id": section_id, "name": sections.get(section_id).name}


@bp.delete("/sections/<section_id>")
@operation(
    "board.edit",
    surface="boards",
    summary="Remove a section",
    path={**PATH, "section_id": "The section's id"},
    answers=Answer(status=204, says="The section is gone. Its images stand before all sections."),
    faults=(NOT_FOUND, NO_SECTION),
    bucket="write",
)
def remove_board_section(board_id: str, section_id: str) -> Reply:
    """Its images stay on the board."""
    sections.remove(g.actor, check_uuid(board_id, "board_id"), check_uuid(section_id, "section_id"))
    return Reply(None, 204)
