"""Where the shots of a storyboard stand, as a value: each change gives another one, and tells which shots fell out.

A shot is the id of a picture and stands in one slot at most. Nothing falls off silently: whatever has no slot any more is
named, and lies in the rail again, where all pictures of the board are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

SMALLEST, LARGEST = 2, 5
FIRST_SIZE = 3


class Style(StrEnum):
    """A square of equal cells; one large cell with small ones around it; one over the whole width with a row below it."""

    GRID = "grid"
    HERO = "hero"
    STRIP = "strip"


def count_slots(style: Style, size: int) -> int:
    """How many shots a frame of `size` cells in a row has room for."""
    return {Style.GRID: size * size, Style.HERO: 2 * size, Style.STRIP: size + 1}[style]


@dataclass(frozen=True)
class Frame:
    """`slots` has a place for each shot that it has room for; None is an empty one. `position` is the key that orders the
    frames, empty for one that has none yet where it stands."""

    id: str
    style: Style = Style.GRID
    size: int = FIRST_SIZE
    note: str | None = None
    is_collapsed: bool = False
    slots: tuple[str | None, ...] = ()
    position: str = ""

    def __post_init__(self) -> None:
        room = count_slots(self.style, self.size)
        object.__setattr__(self, "slots", (*self.slots, *[None] * room)[:room])

    @property
    def shots(self) -> tuple[str, ...]:
        return tuple(shot for shot in self.slots if shot is not None)


class Changed(NamedTuple):
    """The frames after a change, and the shots that have no slot any more."""

    frames: tuple[Frame, ...]
    fallen: tuple[str, ...] = ()


Frames = tuple[Frame, ...]


def shots_of(frames: Iterable[Frame]) -> tuple[str, ...]:
    """All that are placed, in reading order."""
    return tuple(shot for frame in frames for shot in frame.slots if shot is not None)


def place(frames: Frames, shot: str, frame_id: str, slot: int) -> Changed:
    """The shot stands in a slot, which it leaves elsewhere first. What stood there makes room: it moves on by one, with those
    behind it up to the next empty slot, or else back to the one before. In a full frame the last one falls out.

    Raises KeyError and IndexError for no such place.
    """
    without = take_out(frames, [shot]).frames
    frame = frame_of(without, frame_id)
    if not 0 <= slot < len(frame.slots):
        raise IndexError(slot)
    slots = list(frame.slots)
    fallen: tuple[str, ...] = ()
    if None in slots[slot:]:
        del slots[slots.index(None, slot)]
    elif None in slots:
        del slots[slot - slots[slot::-1].index(None)]
    else:
        fallen = (str(slots.pop()),)
    slots.insert(slot, shot)
    return Changed(replaced(without, replace(frame, slots=tuple(slots))), fallen)


def take_out(frames: Frames, shots: Iterable[str]) -> Changed:
    """Their slots are empty, and nothing moves up."""
    gone = set(shots)
    return Changed(tuple(replace(frame, slots=tuple(None if shot in gone else shot for shot in frame.slots)) for frame in frames))


def resize(frames: Frames, frame_id: str, style: Style, size: int) -> Changed:
    """Shots keep their slots by number; those for which there is none fall out. Raises KeyError."""
    frame = frame_of(frames, frame_id)
    room = count_slots(style, size)
    fallen = tuple(shot for shot in frame.slots[room:] if shot is not None)
    return Changed(replaced(frames, replace(frame, style=style, size=size)), fallen)


def add(frames: Frames, frame: Frame, before: str | None = None) -> Changed:
    """A frame at the end, or before another one. Raises KeyError."""
    at = len(frames) if before is None else frames.index(frame_of(frames, before))
    return Changed((*frames[:at], frame, *frames[at:]))


def remove(frames: Frames, frame_id: str) -> Changed:
    """The frame is gone, and its shots fall out. Raises KeyError."""
    frame = frame_of(frames, frame_id)
    return Changed(tuple(each for each in frames if each is not frame), frame.shots)


def move(frames: Frames, frame_id: str, before: str | None) -> Changed:
    """The frame stands before another one, or at the end. Raises KeyError."""
    frame = frame_of(frames, frame_id)
    if before == frame_id:
        return Changed(frames)
    return add(tuple(each for each in frames if each is not frame), replace(frame, position=""), before)


def fill(frames: Frames, shots: Iterable[str], new_id: Callable[[], str], style: Style = Style.GRID, size: int = FIRST_SIZE) -> Changed:
    """All of the shots in reading order in new frames at the end, of which there are as many as it takes."""
    left, room = list(shots), count_slots(style, size)
    more = [Frame(new_id(), style, size, slots=tuple(left[at : at + room])) for at in range(0, len(left), room)]
    return Changed((*take_out(frames, left).frames, *more))


def frame_of(frames: Frames, frame_id: str) -> Frame:
    for frame in frames:
        if frame.id == frame_id:
            return frame
    raise KeyError(frame_id)


def replaced(frames: Frames, frame: Frame) -> Frames:
    """The frame of the same id is this one."""
    return tuple(frame if each.id == frame.id else each for each in frames)
