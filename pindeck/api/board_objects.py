"""The operations on the canvas of a board: objects that are placed, changed, layered, grouped, arranged and taken off."""

from typing import Annotated, Any, Literal

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck import cursors
from pindeck.api.boards import BOARD, IS_SMART, NOT_FOUND
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import cursor_page, cursor_pages
from pindeck.api.types import Input, Int, Output, Query, Text, Uuid, check_uuid, limit_type
from pindeck.models import CanvasObject as ObjectRow
from pindeck.services.boards import boards
from pindeck.services.boards.canvas import acting, arranging, objects, shown

bp = Blueprint("api_board_objects", __name__, url_prefix=f"{PREFIX}/boards/<board_id>/objects")

OBJECT = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6f11",
    "kind": "note",
    "imageId": None,
    "x": 320,
    "y": -40,
    "width": 240,
    "height": 160,
    "layer": 3,
    "groupId": None,
    "text": "Rain on glass.",
    "color": None,
    "version": 12,
}
PATH = {"board_id": "The board's id"}
NO_OBJECT = Fault(404, "OBJECT_NOT_FOUND", "The canvas has no such object, or the caller may not see it.")
NOT_ON_BOARD = Fault(404, "NOT_ON_BOARD", "The image is not on the board, or the caller may not see it.")
FULL = Fault(409, "CANVAS_FULL", f"A canvas has at most {objects.MOST:,} objects.")
CHANGED = Fault(409, "CHANGED_SINCE", "An object has another `version` by now; `details.objects` has what stands there and what was given.")
EMPTY = Fault(409, "BOARD_EMPTY", "There is no image to arrange.")
Kind = Literal["picture", "note", "swatch", "arrow"]


class Objects(Query):
    """A page of a canvas. The cursor holds a place among the layers."""

    limit: limit_type(200, 500) = 200  # type: ignore[valid-type]
    cursor: Text | None = Field(None, description="`nextCursor` of the page before.")


class NewObject(Input):
    model_config = ConfigDict(extra="forbid")

    kind: Kind
    imageId: Uuid | None = Field(None, description="An image of the board, for a picture. One that stands on the canvas already moves.")
    x: Int | None = Field(None, description="Pixels from the origin to the right. Without it, right of all others.")
    y: Int | None = Field(None, description="Pixels from the origin down.")
    width: Int | None = Field(None, description="At least 16; of an arrow, how far it points to the right, or with a minus to the left.")
    height: Int | None = Field(None, description="At least 16; of an arrow, how far it points down, or with a minus up.")
    text: Text | None = None
    color: Text | None = Field(None, description="`#rrggbb`.")


class ObjectChange(Input):
    model_config = ConfigDict(extra="forbid")

    id: Uuid
    version: Int | None = Field(None, description="As it was read. Without it, whatever somebody else wrote is written over.")
    x: Int = 0
    y: Int = 0
    width: Int = 0
    height: Int = 0
    text: Text | None = Field(None, description="Null empties it.")
    color: Text | None = Field(None, description="Null empties it.")


class Changes(Input):
    model_config = ConfigDict(extra="forbid")

    objects: Annotated[list[ObjectChange], Field(min_length=1, max_length=objects.MOST)]


class Ids(Input):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Uuid], Field(min_length=1, max_length=objects.MOST)]


class Layer(Ids):
    to: Literal["front", "forward", "backward", "back"] = Field(description="All the way, or one step.")


class Group(Ids):
    grouped: bool = Field(True, description="False ends the groups of these objects.")


class Arrangement(Input):
    model_config = ConfigDict(extra="forbid")

    how: Literal["packed", "colour", "project"]
    ids: list[Uuid] | None = Field(None, max_length=objects.MOST, description="The pictures among these objects alone, where they stand.")


class CanvasObject(Output):
    id: str
    kind: Kind
    imageId: str | None
    x: int
    y: int
    width: int
    height: int
    layer: int = Field(description="Those with a higher one stand before the others.")
    groupId: str | None
    text: str | None
    color: str | None
    version: int = Field(description="That of the board when the object changed last.")


class Changed(Output):
    objects: list[CanvasObject]


def _shape(row: ObjectRow) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "imageId": row.image_id, "x": row.x, "y": row.y, "width": row.width, "height": row.height,
        "layer": row.layer, "groupId": row.group_id, "text": row.text, "color": row.color, "version": row.version,
    }  # fmt: skip


def _told(board_id: str, acted: acting.Acted) -> dict[str, Any]:
    rows = shown.visible(g.actor, objects.read(board_id, acted.ids))
    return {"objects": [_shape(row) for row in rows.values()]}


def _changes(summary: str, body: JsonBody, *faults: Fault) -> Any:
    """An operation that changes objects, and answers with them."""
    return operation(
        "board.edit",
        surface="boards",
        summary=summary,
        path=PATH,
        body=body,
        answers=Answer(Changed, example={"objects": [OBJECT]}),
        faults=(NOT_FOUND, *faults, IS_SMART),
        bucket="write",
    )


@bp.get("")
@operation(
    "board.view",
    surface="boards",
    summary="List the objects of a canvas",
    path=PATH,
    query=Objects,
    answers=cursor_pages(CanvasObject, OBJECT),
    faults=(NOT_FOUND,),
)
def list_canvas_objects(board_id: str, query: Objects) -> dict[str, Any]:
    """From the lowest layer up; those of images that the caller may not see are left out."""
    board = boards.find(g.actor, check_uuid(board_id, "board_id"))
    rows = list(shown.visible(g.actor, objects.read(board.id)).values())
    if query.cursor is not None:
        layer, _, last = cursors.unpacked(query.cursor).partition("~")
        if not layer.removeprefix("-").isdecimal() or not last:
            raise cursors.wrong()
        rows = [row for row in rows if (row.layer, row.id) > (int(layer), last)]
    page = rows[: query.limit]
    more = cursors.packed(f"{page[-1].layer}~{page[-1].id}") if len(rows) > query.limit else None
    return cursor_page([_shape(row) for row in page], more)


@bp.post("")
@operation(
    "board.edit",
    surface="boards",
    summary="Place an object on a canvas",
    path=PATH,
    body=JsonBody(NewObject, example={"kind": "note", "text": OBJECT["text"], "x": 320, "y": -40}),
    answers=Answer(CanvasObject, status=201, says="The object, in front of all others.", example=OBJECT),
    faults=(NOT_FOUND, NOT_ON_BOARD, FULL, IS_SMART),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def add_canvas_object(board_id: str, body: NewObject) -> Reply:
    """A picture of the board, a note, a swatch or an arrow."""
    board_id = check_uuid(board_id, "board_id")
    given = {name: value for name, value in body.model_dump(exclude={"kind", "imageId"}).items() if value is not None}
    acted = acting.add(g.actor, board_id, body.kind, image_id=body.imageId, **given)
    return Reply(_shape(objects.read(board_id, acted.ids)[acted.ids[0]]), 201)


@bp.patch("")
@_changes(
    "Change objects of a canvas", JsonBody(Changes, example={"objects": [{"id": OBJECT["id"], "version": 11, "x": 320}]}), NO_OBJECT, CHANGED
)
def change_canvas_objects(board_id: str, body: Changes) -> dict[str, Any]:
    """All of them or none, as one action. What is not named stays, and so does every other object."""
    board_id = check_uuid(board_id, "board_id")
    given = {each.id: {name: getattr(each, name) for name in each.model_fields_set if name != "id"} for each in body.objects}
    return _told(board_id, acting.change(g.actor, board_id, given))


@bp.delete("")
@operation(
    "board.edit",
    surface="boards",
    summary="Take objects off a canvas",
    path=PATH,
    body=JsonBody(Ids, example={"ids": [OBJECT["id"]]}),
    answers=Answer(status=204, says="They are off the canvas. Images stay on the board."),
    faults=(NOT_FOUND, NO_OBJECT, IS_SMART),
    bucket="write",
)
def remove_canvas_objects(board_id: str, body: Ids) -> Reply:
    """An image that leaves the board takes its object with it."""
    acting.remove(g.actor, check_uuid(board_id, "board_id"), body.ids)
    return Reply(None, 204)


@bp.put("/layer")
@_changes("Bring objects of a canvas forward or back", JsonBody(Layer, example={"ids": [OBJECT["id"]], "to": "front"}), NO_OBJECT)
def layer_canvas_objects(board_id: str, body: Layer) -> dict[str, Any]:
    """Before or behind all others, or past the next one that lies over or under them, in the order that they have among themselves."""
    board_id = check_uuid(board_id, "board_id")
    return _told(board_id, acting.layer(g.actor, board_id, body.ids, body.to))


@bp.put("/group")
@_changes("Group objects of a canvas", JsonBody(Group, example={"ids": [OBJECT["id"], BOARD["id"]]}), NO_OBJECT)
def group_canvas_objects(board_id: str, body: Group) -> dict[str, Any]:
    """They are chosen and moved together from now on, or no longer."""
    board_id = check_uuid(board_id, "board_id")
    return _told(board_id, (acting.group if body.grouped else acting.ungroup)(g.actor, board_id, body.ids))


@bp.put("/arrangement")
@_changes("Arrange a canvas", JsonBody(Arrangement, example={"how": "colour"}), EMPTY)
def arrange_canvas(board_id: str, body: Arrangement) -> dict[str, Any]:
    """Images of the board that have no object yet get one, while there is room."""
    board_id = check_uuid(board_id, "board_id")
    return _told(board_id, arranging.arrange(g.actor, board_id, body.how, body.ids or ()))
