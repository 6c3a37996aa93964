"""The operations of boards: what they are called, who edits them, their copies and their link."""

from typing import Any

from flask import Blueprint, g, url_for
from pydantic import ConfigDict, Field

from pindeck import cursors, db
from pindeck.api.images.schemas import iso
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.types import CursorPages, Input, Output, Text, Uuid, check_uuid
from pindeck.errors import invalid
from pindeck.http import urls
from pindeck.models import Board as BoardRow
from pindeck.services.boards import boards, copying, listing, people, reading, sharing
from pindeck.services.library import smart_boards

bp = Blueprint("api_boards", __name__, url_prefix=f"{PREFIX}/boards")

BOARD = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b11",
    "name": "Night ride",
    "description": "Sodium light, wet streets.",
    "owner": "Olga",
    "collaborators": [],
    "cover": None,
    "query": None,
    "sections": [{"id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b12", "name": "Exterior"}],
    "imageCount": 2,
    "shared": False,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:00.125Z",
}
NOT_FOUND = Fault(404, "BOARD_NOT_FOUND", "The caller has no such board.")
CHANGED = other_version("board")
IS_SMART = Fault(409, "BOARD_IS_SMART", "A query fills this board.")
PATH = {"board_id": "The board's id"}


class NewBoard(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text
    description: Text | None = None
    query: Text | None = Field(None, description="Makes a smart board: a search of the gallery that fills it. Not with `ids`.")
    ids: list[Text] | None = Field(None, max_length=10_000, description="Images that are put on it, in this order.")


class BoardChange(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    description: Text | None = Field(None, description="Null empties it.")
    cover: Uuid | None = Field(None, description="An image of the board; null for the first one.")
    query: Text | None = Field(None, description="Another search, for a smart board.")
    collaborators: list[Uuid] | None = Field(
        None, max_length=50, description="Ids of all users who may edit it besides its owner. For the owner and administrators."
    )

    def given(self) -> dict[str, Any]:
        """What the caller said, in the words of the service."""
        told = {name: getattr(self, name) for name in self.model_fields_set - {"collaborators"}}
        return {name: value for name, value in told.items() if value is not None or name in ("description", "cover")}


class CopyName(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(None, description="Without one it is the name of the board with “(copy)”.")


class Section(Output):
    id: str
    name: str


class Board(Output):
    id: str
    name: str
    description: str | None
    owner: str = Field(description="Name of the person who keeps it.")
    collaborators: list[str] = Field(description="Ids of the users who may edit it besides.")
    cover: str | None = Field(description="The image that was chosen as its cover.")
    query: str | None = Field(description="What fills a smart board; null where its images were chosen.")
    sections: list[Section] = Field(description="In their order. Images without a section stand before them.")
    imageCount: int | None = Field(
        description="Images that the caller sees on it; 1001 stands for more than 1,000. Null for a smart board in a list."
    )
    shared: bool = Field(description="Whether it has a public link.")
    version: int
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class Link(Output):
    url: str = Field(description="The address for everybody who has it. It is told this once.")


def shapes(found: list[BoardRow], smart_count: int | None = None) -> list[dict[str, Any]]:
    """Boards as programs read them. A constant number of statements, so what the queries of smart ones find is not counted."""
    editors, sections = people.of_boards([board.id for board in found]), reading.sections_of_many([board.id for board in found])
    return [
        {
            "id": view.board.id,
            "name": view.board.name,
            "description": view.board.description,
            "owner": view.owner,
            "collaborators": editors.get(view.board.id, []),
            "cover": view.board.cover_id,
            "query": view.board.query,
            "sections": [{"id": section.id, "name": section.name} for section in sections.get(view.board.id, [])],
            "imageCount": smart_count if view.board.is_smart else view.count,
            "shared": view.board.is_shared,
            "version": view.board.version,
            "createdAt": iso(view.board.created_at),
            "updatedAt": iso(view.board.updated_at),
        }
        for view in listing.views(g.actor, found)
    ]


def told(board_id: str, status: int = 200) -> Reply:
    """A board as it is now."""
    board = boards.find(g.actor, board_id)
    count = smart_boards.count(g.actor, board) if board.is_smart else None
    return Reply(shapes([board], count)[0], status, {"ETag": f'"{board.id}-v{board.version}"'})


@bp.post("")
@operation(
    "board.edit",
    surface="boards",
    summary="Make a board",
    body=JsonBody(NewBoard, example={"name": "Night ride", "ids": [BOARD["id"]]}),
    answers=Answer(Board, status=201, says="The new board.", example=BOARD, headers=("ETag",)),
    faults=(USER_REQUIRED, Fault(404, "IMAGE_NOT_FOUND", "The caller sees none of the images.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_board(body: NewBoard) -> Reply:
    """It belongs to the caller. Images that the caller does not see are passed over."""
    if body.ids and body.query is not None:
        raise invalid("query", "Give images or a query, not both.", named=True)
    if body.query is not None:
        board, _ = smart_boards.create(g.actor, name=body.name, text=body.query, description=body.description)
    elif body.ids:
        board, _ = copying.create_from(g.actor, body.name, body.ids, description=body.description or "")
    else:
        board, _ = boards.create(g.actor, name=body.name, description=body.description)
    return told(board.id, 201)


@bp.get("")
@operation(
    "board.view",
    surface="boards",
    summary="List boards",
    query=CursorPages,
    answers=cursor_pages(Board, BOARD),
)
def list_boards(query: CursorPages) -> dict[str, Any]:
    """Boards that the caller keeps or edits, newest first; everybody's for an administrator, its own for a project's key."""
    found, more = listing.page_of(g.actor, limit=query.limit, after=query.after)
    return cursor_page(shapes(found), cursors.write(found[-1].created_at, more) if more else None)


@bp.get("/<board_id>")
@operation(
    "board.view",
    surface="boards",
    summary="Get a board",
    path=PATH,
    answers=Answer(Board, example=BOARD, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_board(board_id: str) -> Reply:
    """One board, without its images, which have a list of their own."""
    return told(check_uuid(board_id, "board_id"))


@bp.patch("/<board_id>")
@operation(
    "board.edit",
    surface="boards",
    summary="Change a board",
    path=PATH,
    body=JsonBody(BoardChange, example={"name": "Night ride"}),
    answers=Answer(Board, example=BOARD, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def change_board(board_id: str, body: BoardChange) -> Reply:
    """What is not named stays."""
    board_id = check_uuid(board_id, "board_id")
    given, versions = body.given(), versions_of(board_id)

    def work() -> None:
        if body.collaborators is not None:
            people.set_all(g.actor, board_id, body.collaborators, versions=versions)
        if given or body.collaborators is None:
            smart_boards.update(g.actor, board_id, versions=versions if body.collaborators is None else None, **given)

    db.retried(work)
    return told(board_id)


@bp.delete("/<board_id>")
@operation(
    "board.edit",
    surface="boards",
    summary="Delete a board",
    path=PATH,
    answers=Answer(status=204, says="The board is deleted. Its images stay."),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def delete_board(board_id: str) -> Reply:
    """For its owner and administrators. The action can be undone for 30 days."""
    board_id = check_uuid(board_id, "board_id")
    boards.delete(g.actor, board_id, versions=versions_of(board_id))
    return Reply(None, 204)


@bp.post("/<board_id>/duplicate")
@operation(
    "board.edit",
    surface="boards",
    summary="Duplicate a board",
    path=PATH,
    body=JsonBody(CopyName, optional=True, example={"name": "Night ride, second try"}),
    answers=Answer(Board, status=201, says="The copy.", example=BOARD, headers=("ETag",)),
    faults=(NOT_FOUND, USER_REQUIRED),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def duplicate_board(board_id: str, body: CopyName | None) -> Reply:
    """A board of the caller with the sections, images and notes that it sees on another one; without link and collaborators."""
    copy, _ = copying.duplicate(g.actor, check_uuid(board_id, "board_id"), (body and body.name) or "")
    return told(copy.id, 201)


@bp.post("/<board_id>/freeze")
@operation(
    "board.edit",
    surface="boards",
    summary="Freeze a smart board",
    path=PATH,
    answers=Answer(Board, example=BOARD, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED, Fault(409, "BOARD_FULL", "The query finds more than 10,000 images.")),
    bucket="write",
    headers=IF_MATCH,
)
def freeze_board(board_id: str) -> Reply:
    """It holds from now on what its query finds for the caller now. A board of chosen images stays as it is."""
    board_id = check_uuid(board_id, "board_id")
    smart_boards.freeze(g.actor, board_id, versions=versions_of(board_id))
    return told(board_id)


@bp.post("/<board_id>/share")
@operation(
    "board.edit",
    surface="boards",
    summary="Make the public link of a board",
    path=PATH,
    answers=Answer(Link, status=201, says="The new link.", example={"url": "https://pindeck.example/share/5f0c…"}),
    faults=(NOT_FOUND, IS_SMART),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def share_board(board_id: str) -> Reply:
    """Everybody who has it sees the board without an account: its images that are in the library and not private. The link
    before it ends. For the owner and administrators, and not for a project's key."""
    token, _ = sharing.share(g.actor, check_uuid(board_id, "board_id"))
    return Reply({"url": urls.absolute(url_for("shares.index", token=token))}, 201, {"Cache-Control": "no-store"})


@bp.delete("/<board_id>/share")
@operation(
    "board.edit",
    surface="boards",
    summary="Revoke the public link of a board",
    path=PATH,
    answers=Answer(status=204, says="The board has no link."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def revoke_board_link(board_id: str) -> Reply:
    """It stops at once."""
    sharing.revoke(g.actor, check_uuid(board_id, "board_id"))
    return Reply(None, 204)
