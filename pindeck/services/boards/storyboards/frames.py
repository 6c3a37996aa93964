"""Frames and their shots as rows: read, compared with what they become, and written. A step is one frame, as it was and as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from peewee import chunked

from pindeck import db
from pindeck.errors import Conflict, invalid
from pindeck.models import StoryboardFrame, StoryboardShot
from pindeck.services.actions.steps import Step
from pindeck.services.boards import positions
from pindeck.services.boards.storyboards.layout import Frame, Frames, Style
from pindeck.text import clean_text

KIND = "storyboard_frame"  # a kind of steps; their key is the frame
MOST, MAX_NOTE = 400, 5000
State = dict[str, Any]  # a frame as JSON, with the id of its storyboard


def read(storyboard_id: str) -> Frames:
    """All frames in their order, with their shots. Two statements."""
    mine = StoryboardFrame.select().where(StoryboardFrame.storyboard == storyboard_id)
    shots: dict[str, dict[int, str]] = {}
    placed = (StoryboardShot.storyboard == storyboard_id) & StoryboardShot.frame_id.is_null(False)
    for row in StoryboardShot.select().where(placed):
        shots.setdefault(str(row.frame_id), {})[int(row.slot or 0)] = row.image_id
    return tuple(
        Frame(
            row.id, Style(row.style), row.size, row.note, bool(row.is_collapsed), position=row.position,
            slots=tuple(shots.get(row.id, {}).get(n) for n in range(1 + max(shots.get(row.id, {-1: ""})))),
        )
        for row in mine.order_by(StoryboardFrame.position, StoryboardFrame.id)
    )  # fmt: skip


def check(frames: Frames) -> None:
    """Raises Conflict where they are too many."""
    if len(frames) > MOST:
        raise Conflict(f"A storyboard has at most {MOST} frames. Make another one for the rest.", code="STORYBOARD_FULL")


def note_of(value: object) -> str | None:
    """What is written under a frame. Raises Invalid."""
    return clean_text(value or "", field="note", max_length=MAX_NOTE, multiline=True) or None


def style_of(value: object) -> Style:
    """Raises Invalid."""
    if value not in list(Style):
        raise invalid("style", f"Choose one of {', '.join(Style)}.")
    return Style(str(value))


def copied(frames: Frames) -> Frames:
    """The same under other ids."""
    return tuple(replace(frame, id=db.new_id()) for frame in frames)


def write(storyboard_id: str, before: Frames, after: Frames) -> list[Step]:
    """Inside a transaction: the rows become what `after` says; a step for each frame that is another one now."""
    then = {frame.id: state(storyboard_id, frame) for frame in before}
    now = {frame.id: state(storyboard_id, frame) for frame in ordered(after)}
    changed = {key: (then.get(key), now.get(key)) for key in {**then, **now} if then.get(key) != now.get(key)}
    put(storyboard_id, {key: new for key, (_, new) in changed.items()})
    return [Step(KIND, "", old, new, key) for key, (old, new) in changed.items()]


def ordered(frames: Frames) -> Frames:
    """Each frame without a position gets one between its neighbours."""
    found: list[Frame] = []
    for is_placed, some in groupby(frames, lambda frame: bool(frame.position)):
        run = list(some)
        if is_placed:
            found += run
            continue
        last = found[-1].position if found else None
        following = frames[len(found) + len(run) :]
        keys = positions.between(last, following[0].position if following else None, len(run))
        found += [replace(frame, position=key) for frame, key in zip(run, keys, strict=True)]
    return tuple(found)


def state(storyboard_id: str, frame: Frame) -> State:
    return {"storyboard": storyboard_id, **asdict(frame), "style": str(frame.style), "slots": list(frame.slots)}


def put(storyboard_id: str, states: Mapping[str, State | None]) -> None:
    """Inside a transaction: these frames stand as told, None for one that is gone. A shot that another frame holds leaves it."""
    shots = {shot: (key, slot) for key, each in states.items() if each for slot, shot in enumerate(each["slots"]) if shot}
    _release(storyboard_id, list(states), list(shots))
    gone = [key for key, each in states.items() if each is None]
    if gone:
        StoryboardFrame.delete().where(StoryboardFrame.id.in_(gone)).execute()
    _save(StoryboardFrame, [_row(storyboard_id, key, each) for key, each in states.items() if each], ("id",))
    placed = [dict(storyboard=storyboard_id, image_id=shot, frame_id=key, slot=slot) for shot, (key, slot) in shots.items()]
    _save(StoryboardShot, placed, ("storyboard", "image_id"))
    prune(storyboard_id)


def prune(storyboard_id: str) -> None:
    """Inside a transaction: no row is left of pictures that stand nowhere and of which nothing is said."""
    silent = StoryboardShot.frame_id.is_null() & (StoryboardShot.storyboard == storyboard_id)
    for name in ("number", "shot_size", "lens", "movement", "action", "dialogue", "duration_ms"):
        silent &= getattr(StoryboardShot, name).is_null()
    StoryboardShot.delete().where(silent).execute()


def _row(storyboard_id: str, frame_id: str, of: State) -> dict[str, Any]:
    names = ("position", "style", "size", "note", "is_collapsed")
    return {"id": frame_id, "storyboard": storyboard_id, **{name: of[name] for name in names}}


def _release(storyboard_id: str, frame_ids: Sequence[str], shots: Sequence[str]) -> None:
    """Nothing stands in these frames, and these shots stand nowhere: a slot can be taken again in one statement."""
    mine, free = StoryboardShot.storyboard == storyboard_id, {"frame_id": None, "slot": None}
    for column, ids in ((StoryboardShot.frame_id, frame_ids), (StoryboardShot.image_id, shots)):
        for part in chunked(ids, 500):
            StoryboardShot.update(free).where(mine & column.in_(part)).execute()


def _save(model: Any, rows: Sequence[dict[str, Any]], key: tuple[str, ...]) -> None:
    target = [getattr(model, name) for name in key]
    for part in chunked(rows, 100):
        told = [getattr(model, name) for name in part[0] if name not in key]
        model.insert_many(part).on_conflict(conflict_target=target, preserve=told).execute()


def shots_in(states: Iterable[State | None]) -> list[str]:
    return [shot for each in states if each for shot in each["slots"] if shot]
