"""What operations of storyboards take and answer: bodies, answers and their examples."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from pindeck.api.images.schemas import iso
from pindeck.api.types import Input, Int, Output, Text, Uuid
from pindeck.models import Storyboard as StoryboardRow
from pindeck.models import StoryboardShot
from pindeck.services.boards.storyboards import frames, storyboards

Style = Literal["grid", "hero", "strip"]
FRAME = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c12",
    "style": "hero",
    "size": 2,
    "note": "She turns into the light.",
    "collapsed": False,
    "slots": ["0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c13", None, None, None],
}
STORYBOARD = {
    "id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11",
    "boardId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b11",
    "title": "Night ride Storyboard",
    "template": "storyboard:board-layout-v1",
    "aspect": "2.39",
    "shared": False,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00.125Z",
    "updatedAt": "2026-03-01T09:31:00.125Z",
}
SHOT = {
    "imageId": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c13",
    "number": "12A",
    "size": "MCU",
    "lens": "35 mm",
    "movement": None,
    "action": "She turns.",
    "dialogue": None,
    "durationMs": 3500,
}
WHOLE = {**STORYBOARD, "frames": [FRAME], "shots": [SHOT], "fallen": []}


class NewStoryboard(Input):
    model_config = ConfigDict(extra="forbid")

    boardId: Uuid
    title: Text | None = Field(None, description="Without one it is the name of the board with “Storyboard”.")
    filled: bool = Field(False, description="With all images of the board in reading order, instead of two empty frames.")


class StoryboardChange(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = None
    aspect: Text | None = Field(None, description=f"The mask in which shots are seen: {', '.join(storyboards.ASPECTS)}; empty for none.")


class CopyTitle(Input):
    model_config = ConfigDict(extra="forbid")

    title: Text | None = Field(None, description="Without one it is the title of the storyboard with “(copy)”.")


class FrameInput(Input):
    model_config = ConfigDict(extra="forbid")

    id: Text | None = Field(None, description="Of a frame that is there; without one it is a new frame.")
    style: Style = "grid"
    size: Int = Field(3, description="Cells in a row, 2 to 5. A grid has size × size slots, a hero 2 × size, a strip size + 1.")
    note: Text | None = None
    collapsed: bool = False
    slots: list[Text | None] = Field([], max_length=25, description="Ids of images of the board; null is an empty slot.")


class Frames(Input):
    model_config = ConfigDict(extra="forbid")

    frames: list[FrameInput] = Field(max_length=frames.MOST)


class ShotPlace(Input):
    model_config = ConfigDict(extra="forbid")

    frameId: Text
    slot: Int = Field(description="Counts from 0.")


class ShotWords(Input):
    model_config = ConfigDict(extra="forbid")

    number: Text | None = Field(None, description="Null empties it; so it does everywhere here.")
    size: Text | None = None
    lens: Text | None = None
    movement: Text | None = None
    action: Text | None = None
    dialogue: Text | None = None
    duration: Text | None = Field(None, description="Seconds, such as `3` or `2.5`, or minutes and seconds, such as `1:05`.")


class Shot(Output):
    imageId: str
    number: str | None
    size: str | None
    lens: str | None
    movement: str | None
    action: str | None
    dialogue: str | None
    durationMs: int | None = Field(description="Milliseconds.")


class Frame(Output):
    id: str
    style: Style
    size: int
    note: str | None
    collapsed: bool
    slots: list[str | None] = Field(description="Ids of images, null for an empty slot and for an image that the caller does not see.")


class Storyboard(Output):
    id: str
    boardId: str
    title: str
    template: str = Field(description="What it was made with.")
    aspect: str | None = Field(description="The mask in which shots are seen; null where they are whole.")
    shared: bool = Field(description="Whether it has a public link.")
    version: int
    createdAt: str = Field(description="ISO 8601, UTC.")
    updatedAt: str = Field(description="ISO 8601, UTC.")


class WholeStoryboard(Storyboard):
    frames: list[Frame]
    shots: list[Shot] = Field(description="What is said of images, in slots or not.")
    fallen: list[str] = Field(description="Images that had a slot before this request and have none now.")


def shape_of(row: StoryboardRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "boardId": row.board_id,
        "title": row.title,
        "template": row.template,
        "aspect": row.aspect or None,
        "shared": row.is_shared,
        "version": row.version,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


def shot_of(row: StoryboardShot) -> dict[str, Any]:
    return {
        "imageId": row.image_id,
        "number": row.number,
        "size": row.shot_size,
        "lens": row.lens,
        "movement": row.movement,
        "action": row.action,
        "dialogue": row.dialogue,
        "durationMs": row.duration_ms,
    }
