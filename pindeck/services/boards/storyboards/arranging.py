"""What people do with the frames of a storyboard, each act one action that can be taken back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound, invalid
from pindeck.models import BoardImage, Image, Storyboard
from pindeck.services.actions import log
from pindeck.services.actions.verbs import Verb, verb
from pindeck.services.boards.storyboards import frames, layout, reading, storyboards
from pindeck.services.boards.storyboards.layout import Changed, Frame, Frames, Style

PLACED = verb("storyboard.place", "Placed a shot")
CLEARED = verb("storyboard.clear", "Took a shot from its frame")
ADDED = verb("storyboard.frame", "Added a frame")
REMOVED = verb("storyboard.unframe", "Removed a frame")
MOVED = verb("storyboard.move", "Moved a frame")
FORMED = verb("storyboard.form", "Changed a frame")
NOTED = verb("storyboard.note", "Wrote under a frame")
SAVED = verb("storyboard.save", "Arranged a storyboard")
NO_FRAME = "There is no such frame in this storyboard."


class Arranged(NamedTuple):
    """`fallen` are the shots that lie in the rail again, `action_id` is None where nothing changed."""

    storyboard: Storyboard
    action_id: str | None
    fallen: tuple[str, ...]


def place(
    actor: Actor, storyboard_id: str, image_id: str, frame_id: str, slot: int, *, versions: frozenset[int] | None = None
) -> Arranged:
    """A picture of the board stands in a slot, which counts from 0; what stood there makes room.

    Raises NotFound, Forbidden, Invalid naming the field, Conflict.
    """

    def change(now: Frames) -> Changed:
        try:
            return layout.place(now, image_id, frame_id, slot)
        except IndexError:
            raise invalid("slot", "This frame has no such slot.") from None

    return _change(actor, storyboard_id, PLACED, change, versions)


def clear(actor: Actor, storyboard_id: str, image_ids: Iterable[str], *, versions: frozenset[int] | None = None) -> Arranged:
    """The slots of these shots are empty."""
    gone = list(image_ids)
    return _change(actor, storyboard_id, CLEARED, lambda now: layout.take_out(now, gone), versions)


def empty(actor: Actor, storyboard_id: str, frame_id: str, slot: int) -> Arranged:
    """One slot is empty, whatever stood there: also a picture that the actor does not see, and so cannot name."""

    def change(now: Frames) -> Changed:
        slots = layout.frame_of(now, frame_id).slots
        if not 0 <= slot < len(slots):
            raise invalid("slot", "This frame has no such slot.")
        return layout.take_out(now, [shot for shot in (slots[slot],) if shot is not None])

    return _change(actor, storyboard_id, CLEARED, change)


def add_frame(
    actor: Actor, storyboard_id: str, *, style: object = Style.GRID, size: object = layout.FIRST_SIZE, before: str | None = None,
    versions: frozenset[int] | None = None,
) -> Arranged:  # fmt: skip
    """An empty frame at the end, or before another one."""
    new = Frame(db.new_id(), frames.style_of(style), _size(size))
    return _change(actor, storyboard_id, ADDED, lambda now: layout.add(now, new, before), versions)


def remove_frame(actor: Actor, storyboard_id: str, frame_id: str, *, versions: frozenset[int] | None = None) -> Arranged:
    """The frame is gone with what is written under it; its shots lie in the rail again."""
    return _change(actor, storyboard_id, REMOVED, lambda now: layout.remove(now, frame_id), versions)


def move_frame(
    actor: Actor, storyboard_id: str, frame_id: str, before: str | None, *, versions: frozenset[int] | None = None
) -> Arranged:
    """The frame stands before another one, or at the end."""
    return _change(actor, storyboard_id, MOVED, lambda now: layout.move(now, frame_id, before), versions)


def form_frame(
    actor: Actor, storyboard_id: str, frame_id: str, *, style: object, size: object, versions: frozenset[int] | None = None
) -> Arranged:
    """Another style or size; shots for which there is no slot any more lie in the rail again."""
    form = frames.style_of(style), _size(size)
    return _change(actor, storyboard_id, FORMED, lambda now: layout.resize(now, frame_id, *form), versions)


def write_note(
    actor: Actor, storyboard_id: str, frame_id: str, note: object, *, based_on: str | None = None,
    versions: frozenset[int] | None = None,
) -> Arranged:  # fmt: skip
    """What stands under a frame. With `based_on`, what the writer had read, Conflict where somebody wrote something else since."""
    text = frames.note_of(note)

    def change(now: Frames) -> Changed:
        frame = layout.frame_of(now, frame_id)
        if based_on is not None and (frame.note or "") != based_on and frame.note != text:
            raise Conflict("Somebody else wrote here meanwhile.", code="CHANGED_SINCE", details={"now": frame.note, "yours": text})
        return Changed(layout.replaced(now, replace(frame, note=text)))

    return _change(actor, storyboard_id, NOTED, change, versions)


def fold(actor: Actor, storyboard_id: str, frame_id: str, *, is_collapsed: bool) -> Arranged:
    """Only the first shot of the frame is seen, with its note, or all of them."""
    return _change(
        actor, storyboard_id, FORMED,
        lambda now: Changed(layout.replaced(now, replace(layout.frame_of(now, frame_id), is_collapsed=is_collapsed))),
    )  # fmt: skip


def save(
    actor: Actor, storyboard_id: str, given: Sequence[dict[str, Any]], *, versions: frozenset[int] | None = None
) -> Arranged:
    """All frames at once, each with `style`, `size`, `note`, `collapsed`, `slots` (ids of pictures, or None) and, where it is
    there already, its `id`. A slot that names a picture which is not on the board, or stands in an earlier slot, is empty; one with
    a picture that the actor does not see keeps it.

    Raises NotFound, Forbidden, Invalid naming the field, Conflict.
    """
    asked = [_given(each, n) for n, each in enumerate(given)]

    def change(now: Frames) -> Changed:
        there = {frame.id: frame for frame in now}
        known, used, made = set(_on_board(actor, _board_of(storyboard_id), layout.shots_of(asked))), set(), list[Frame]()
        hidden = set(layout.shots_of(now)) - reading.seen(actor, layout.shots_of(now))
        last = ""
        for each in asked:
            old = there.pop(each.id, None)
            slots = []
            for n, shot in enumerate(each.slots):
                fits = shot is not None and shot in known and shot not in used
                stays = old.slots[n] if old and n < len(old.slots) and old.slots[n] in hidden else None
                slots.append(shot if fits else stays)
                used |= {slots[-1]} - {None}
            position = old.position if old and old.position > last else ""
            last = position or last
            made.append(replace(each, id=old.id if old else db.new_id(), slots=tuple(slots), position=position))
        fallen = tuple(shot for shot in layout.shots_of(now) if shot not in used)
        return Changed(tuple(made), fallen)

    return _change(actor, storyboard_id, SAVED, change, versions)


def _given(value: dict[str, Any], n: int) -> Frame:
    try:
        slots = tuple(shot if isinstance(shot, str) and shot else None for shot in value.get("slots") or ())
        style, size = frames.style_of(value.get("style", Style.GRID)), _size(value.get("size", layout.FIRST_SIZE))
        if len(slots) > layout.count_slots(style, size):
            raise invalid("slots", f"This frame has room for {layout.count_slots(style, size)} shots.")
        return Frame(str(value.get("id") or ""), style, size, frames.note_of(value.get("note")), value.get("collapsed") is True, slots)
    except Invalid as error:
        raise Invalid(error.message, fields={f"frames.{n}.{name}": text for name, text in error.fields.items()}) from None


def _size(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and layout.SMALLEST <= int(text[:3]) <= layout.LARGEST):
        raise invalid("size", f"Choose a number from {layout.SMALLEST} to {layout.LARGEST}.")
    return int(text)


def _change(
    actor: Actor, storyboard_id: str, how: Verb, change: Callable[[Frames], Changed], versions: frozenset[int] | None = None
) -> Arranged:
    def work() -> Arranged:
        row = storyboards.locked(actor, storyboard_id, versions)
        before = frames.read(row.id)
        try:
            changed = change(before)
        except KeyError:
            raise NotFound(NO_FRAME, code="FRAME_NOT_FOUND") from None
        frames.check(changed.frames)
        _check_new(actor, row, set(layout.shots_of(changed.frames)) - set(layout.shots_of(before)))
        steps = frames.write(row.id, before, changed.frames)
        if not steps:
            return Arranged(row, None, changed.fallen)
        Storyboard.change().where(Storyboard.id == row.id).execute()
        action_id = log.record(actor, how, steps, images=0, storyboard=row.id)
        return Arranged(Storyboard.get_by_id(row.id), action_id, changed.fallen)

    return db.retried(work)


def _check_new(actor: Actor, row: Storyboard, shots: set[str]) -> None:
    """Raises Invalid where something comes that is no picture of the board which the actor sees."""
    if shots and len(_on_board(actor, row.board_id, tuple(shots))) < len(shots):
        raise invalid("image", "Choose a picture of this board.")


def _board_of(storyboard_id: str) -> str:
    return str(Storyboard.get_by_id(storyboard_id).board_id)


def _on_board(actor: Actor, board_id: str, shots: Sequence[str]) -> list[str]:
    """Those that the board shows to the actor. They stay until the transaction ends."""
    found: list[str] = []
    for start in range(0, len(shots), 250):
        ids = shots[start : start + 250]
        there = BoardImage.select(BoardImage.image_id).where((BoardImage.board == board_id) & BoardImage.image_id.in_(ids))
        seen = Image.id.in_(there) & access.seen(actor).expression() & access.LIVE.expression()
        found += [image.id for image in db.locked(Image.select(Image.id, Image.seq).where(seen).order_by(Image.seq), "FOR KEY SHARE")]
    return found
