"""The operations of storyboards: made from a board, read with all frames, and arranged shot by shot or as a whole."""

from typing import Any

from flask import Blueprint, g, url_for
from pydantic import Field

from pindeck import cursors
from pindeck.api.boards import Link
from pindeck.api.operations import Answer, Fault, JsonBody, Reply, operation
from pindeck.api.preconditions import IF_MATCH, other_version, versions_of
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import USER_REQUIRED, cursor_page, cursor_pages
from pindeck.api.storyboard_schemas import (
    FRAME,
    STORYBOARD,
    WHOLE,
    CopyTitle,
    Frames,
    NewStoryboard,
    ShotPlace,
    ShotWords,
    Storyboard,
    StoryboardChange,
    WholeStoryboard,
    shape_of,
    shot_of,
)
from pindeck.api.types import CursorPages, Uuid, check_uuid
from pindeck.http import urls
from pindeck.models import Storyboard as StoryboardRow
from pindeck.services.boards.storyboards import arranging, frames, layout, reading, sharing, shots, storyboards
from pindeck.services.boards.storyboards.arranging import Arranged

bp = Blueprint("api_storyboards", __name__, url_prefix=f"{PREFIX}/storyboards")

NOT_FOUND = Fault(404, "STORYBOARD_NOT_FOUND", "The caller has no such storyboard.")
BOARD_NOT_FOUND = Fault(404, "BOARD_NOT_FOUND", "The caller has no such board.")
FRAME_NOT_FOUND = Fault(404, "FRAME_NOT_FOUND", "The storyboard has no such frame.")
FULL = Fault(409, "STORYBOARD_FULL", f"It would have more than {frames.MOST} frames.")
CHANGED = other_version("storyboard")
PATH = {"storyboard_id": "The storyboard's id"}
SHOT_PATH = {**PATH, "image_id": "An image of its board"}


def _told(row: StoryboardRow, status: int = 200, fallen: tuple[str, ...] = ()) -> Reply:
    every = frames.read(row.id)
    known = reading.seen(g.actor, {*layout.shots_of(every), *(told := shots.read(row.id)), *fallen})
    found = [
        {
            "id": frame.id, "style": str(frame.style), "size": frame.size, "note": frame.note, "collapsed": frame.is_collapsed,
            "slots": [shot if shot in known else None for shot in frame.slots],
        }
        for frame in every
    ]  # fmt: skip
    said = [shot_of(each) for key, each in told.items() if key in known and any(getattr(each, name) for name in shots.COLUMNS)]
    body = {**shape_of(row), "frames": found, "shots": said, "fallen": [shot for shot in fallen if shot in known]}
    return Reply(body, status, {"ETag": f'"{row.id}-v{row.version}"'})


def _arranged(arranged: Arranged) -> Reply:
    return _told(arranged.storyboard, fallen=arranged.fallen)


@bp.post("")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Make a storyboard",
    body=JsonBody(NewStoryboard, example={"boardId": STORYBOARD["boardId"], "filled": True}),
    answers=Answer(WholeStoryboard, status=201, says="The new storyboard.", example=WHOLE, headers=("ETag",)),
    faults=(USER_REQUIRED, BOARD_NOT_FOUND, Fault(409, "BOARD_EMPTY", "The board has no images."), FULL,
            Fault(409, "BOARD_IS_SMART", "A query fills this board.")),
    bucket="write",
    repeats=Repeats.WHOLE,
)  # fmt: skip
def create_storyboard(body: NewStoryboard) -> Reply:
    """Of a board that the caller edits. A board may have several."""
    made, _ = storyboards.create(g.actor, body.boardId, title=body.title, is_quick=body.filled)
    return _told(made, 201)


class OfBoard(CursorPages):
    board: Uuid | None = Field(None, description="Those of one board alone.", examples=[STORYBOARD["boardId"]])


@bp.get("")
@operation(
    "board.view",
    surface="storyboards",
    summary="List storyboards",
    query=OfBoard,
    answers=cursor_pages(Storyboard, STORYBOARD),
    faults=(BOARD_NOT_FOUND,),
)
def list_storyboards(query: OfBoard) -> dict[str, Any]:
    """Those of the boards that the caller keeps or edits, newest first, without their frames."""
    found, more = storyboards.list_page(g.actor, query.board, limit=query.limit, after=query.after)
    return cursor_page([shape_of(row) for row in found], cursors.write(found[-1].created_at, more) if more else None)


@bp.get("/<storyboard_id>")
@operation(
    "board.view",
    surface="storyboards",
    summary="Get a storyboard",
    path=PATH,
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND,),
)
def get_storyboard(storyboard_id: str) -> Reply:
    """One with all frames and the shots in them."""
    return _told(storyboards.find(g.actor, check_uuid(storyboard_id, "storyboard_id")))


@bp.patch("/<storyboard_id>")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Change a storyboard",
    path=PATH,
    body=JsonBody(StoryboardChange, example={"title": "Night ride, second try", "aspect": "2.39"}),
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def change_storyboard(storyboard_id: str, body: StoryboardChange) -> Reply:
    """What is not named stays."""
    storyboard_id = check_uuid(storyboard_id, "storyboard_id")
    given = {name: getattr(body, name) for name in body.model_fields_set}
    storyboards.update(g.actor, storyboard_id, versions=versions_of(storyboard_id), **given)
    return _told(storyboards.find(g.actor, storyboard_id))


@bp.delete("/<storyboard_id>")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Delete a storyboard",
    path=PATH,
    answers=Answer(status=204, says="It is deleted. Board and images stay."),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def delete_storyboard(storyboard_id: str) -> Reply:
    """The action can be undone for 30 days."""
    storyboard_id = check_uuid(storyboard_id, "storyboard_id")
    storyboards.delete(g.actor, storyboard_id, versions=versions_of(storyboard_id))
    return Reply(None, 204)


@bp.post("/<storyboard_id>/duplicate")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Duplicate a storyboard",
    path=PATH,
    body=JsonBody(CopyTitle, optional=True, example={"title": "Night ride, second try"}),
    answers=Answer(WholeStoryboard, status=201, says="The copy.", example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, USER_REQUIRED),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def duplicate_storyboard(storyboard_id: str, body: CopyTitle | None) -> Reply:
    """Another one of the same board, with the same frames and shots."""
    copy, _ = storyboards.duplicate(g.actor, check_uuid(storyboard_id, "storyboard_id"), body and body.title)
    return _told(copy, 201)


@bp.post("/<storyboard_id>/share")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Make the public link of a storyboard",
    path=PATH,
    answers=Answer(Link, status=201, says="The new link.", example={"url": "https://pindeck.example/share/5f0c…"}),
    faults=(NOT_FOUND,),
    bucket="write",
    repeats=Repeats.REFUSED,
)
def share_storyboard(storyboard_id: str) -> Reply:
    """Everybody who has it sees the storyboard without an account: those of its images that are in the library and not private. The
    link before it ends. For the owner of the board and administrators."""
    token, _ = sharing.share(g.actor, check_uuid(storyboard_id, "storyboard_id"))
    return Reply({"url": urls.absolute(url_for("shares.index", token=token))}, 201, {"Cache-Control": "no-store"})


@bp.delete("/<storyboard_id>/share")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Revoke the public link of a storyboard",
    path=PATH,
    answers=Answer(status=204, says="The storyboard has no link."),
    faults=(NOT_FOUND,),
    bucket="write",
)
def revoke_storyboard_link(storyboard_id: str) -> Reply:
    """It stops at once."""
    sharing.revoke(g.actor, check_uuid(storyboard_id, "storyboard_id"))
    return Reply(None, 204)


@bp.put("/<storyboard_id>/frames")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Arrange a storyboard",
    path=PATH,
    body=JsonBody(Frames, example={"frames": [{"style": "hero", "size": 2, "slots": FRAME["slots"]}]}),
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED, FULL),
    bucket="write",
    headers=IF_MATCH,
)
def arrange_storyboard(storyboard_id: str, body: Frames) -> Reply:
    """All frames at once, in their order; those that are not named are removed. A slot stays empty where its image is not on
    the board or stands in an earlier slot. An image that the caller does not see keeps its slot."""
    storyboard_id = check_uuid(storyboard_id, "storyboard_id")
    given = [frame.model_dump() for frame in body.frames]
    return _arranged(arranging.save(g.actor, storyboard_id, given, versions=versions_of(storyboard_id)))


@bp.put("/<storyboard_id>/shots/<image_id>")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Place a shot",
    path=SHOT_PATH,
    body=JsonBody(ShotPlace, example={"frameId": FRAME["id"], "slot": 0}),
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, FRAME_NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def place_shot(storyboard_id: str, image_id: str, body: ShotPlace) -> Reply:
    """The image leaves the slot that it had. What stands in the slot makes room; in a full frame the last one falls out."""
    storyboard_id, image_id = check_uuid(storyboard_id, "storyboard_id"), check_uuid(image_id, "image_id")
    versions = versions_of(storyboard_id)
    return _arranged(arranging.place(g.actor, storyboard_id, image_id, body.frameId, body.slot, versions=versions))


@bp.delete("/<storyboard_id>/shots/<image_id>")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Take out a shot",
    path=SHOT_PATH,
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def clear_shot(storyboard_id: str, image_id: str) -> Reply:
    """Its slot is empty. An image that has none stays where it is."""
    storyboard_id, image_id = check_uuid(storyboard_id, "storyboard_id"), check_uuid(image_id, "image_id")
    return _arranged(arranging.clear(g.actor, storyboard_id, [image_id], versions=versions_of(storyboard_id)))


@bp.patch("/<storyboard_id>/shots/<image_id>")
@operation(
    "board.edit",
    surface="storyboards",
    summary="Describe a shot",
    path=SHOT_PATH,
    body=JsonBody(ShotWords, example={"number": "12A", "size": "MCU", "duration": "3.5"}),
    answers=Answer(WholeStoryboard, example=WHOLE, headers=("ETag",)),
    faults=(NOT_FOUND, Fault(404, "SHOT_NOT_FOUND", "The image stands in no slot."), CHANGED),
    bucket="write",
    headers=IF_MATCH,
)
def describe_shot(storyboard_id: str, image_id: str, body: ShotWords) -> Reply:
    """What is not named stays."""
    storyboard_id, image_id = check_uuid(storyboard_id, "storyboard_id"), check_uuid(image_id, "image_id")
    given = {"shot_size" if name == "size" else name: getattr(body, name) for name in body.model_fields_set}
    shots.describe(g.actor, storyboard_id, image_id, versions=versions_of(storyboard_id), **given)
    return _told(storyboards.find(g.actor, storyboard_id))
