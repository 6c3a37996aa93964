"""Frames and slots of a storyboard: whatever is done with them, a shot stands in one slot at most and none is lost unnoticed."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.services.boards.storyboards import layout
from pindeck.services.boards.storyboards.layout import Frame, Frames, Style

SHOTS = "abcdefgh"
styles, sizes = st.sampled_from(Style), st.integers(layout.SMALLEST, layout.LARGEST)


@st.composite
def boards(draw: st.DrawFn) -> Frames:
    """One to three frames with some of the shots in some of their slots."""
    frames: Frames = tuple(Frame(str(n), draw(styles), draw(sizes)) for n in range(draw(st.integers(1, 3))))
    for shot in draw(st.lists(st.sampled_from(SHOTS), unique=True)):
        frame = draw(st.sampled_from(frames))
        frames = layout.place(frames, shot, frame.id, draw(st.integers(0, len(frame.slots) - 1))).frames
    return frames


@given(boards(), st.data())
def test_a_change_loses_no_shot_and_doubles_none(frames: Frames, data: st.DataObject) -> None:
    frame, shot, before = data.draw(st.sampled_from(frames)), data.draw(st.sampled_from(SHOTS)), set(layout.shots_of(frames))
    slot, other = data.draw(st.integers(0, len(frame.slots) - 1)), data.draw(st.sampled_from([None, *(each.id for each in frames)]))
    new = count(100)
    for changed, come in (
        (layout.place(frames, shot, frame.id, slot), {shot}),
        (layout.resize(frames, frame.id, data.draw(styles), data.draw(sizes)), set()),
        (layout.add(frames, Frame("new"), other), set()),
        (layout.move(frames, frame.id, other), set()),
        (layout.remove(frames, frame.id), set()),
        (layout.fill(frames, SHOTS, lambda: str(next(new))), set(SHOTS)),
    ):
        after = layout.shots_of(changed.frames)
        assert len(after) == len(set(after)) and set(after) | set(changed.fallen) == before | come
        assert not set(after) & set(changed.fallen)
        assert all(len(each.slots) == layout.count_slots(each.style, each.size) for each in changed.frames)


@given(boards(), st.sampled_from(SHOTS), st.data())
def test_a_shot_stands_where_it_was_put_and_the_others_keep_their_order(frames: Frames, shot: str, data: st.DataObject) -> None:
    frame = data.draw(st.sampled_from(frames))
    slot = data.draw(st.integers(0, len(frame.slots) - 1))
    changed = layout.place(frames, shot, frame.id, slot)
    assert layout.frame_of(changed.frames, frame.id).slots[slot] == shot
    left = [each for each in layout.shots_of(frames) if each != shot and each not in changed.fallen]
    assert [each for each in layout.shots_of(changed.frames) if each != shot] == left


@pytest.mark.parametrize(
    ("slots", "shot", "slot", "after", "fallen"),
    [
        ("a___", "b", 1, "ab__", ""),
        ("ab__", "c", 0, "cab_", ""),
        ("a_b_", "c", 0, "cab_", ""),  # the gap takes it up
        ("abcd", "e", 1, "aebc", "d"),
        ("abcd", "d", 0, "dabc", ""),  # its own slot was empty before
        ("abcd", "a", 3, "bcda", ""),
        ("_abc", "d", 2, "abdc", ""),  # and so does one before
        ("ab__", "a", 0, "ab__", ""),
    ],
)
def test_what_stands_in_a_slot_moves_on_to_the_next_gap(slots: str, shot: str, slot: int, after: str, fallen: str) -> None:
    frames = (Frame("1", Style.GRID, 2, slots=tuple(None if each == "_" else each for each in slots)),)
    changed = layout.place(frames, shot, "1", slot)
    assert "".join(each or "_" for each in changed.frames[0].slots) == after and "".join(changed.fallen) == fallen


def test_frames_have_the_slots_of_the_specification() -> None:
    assert [layout.count_slots(Style.GRID, n) for n in range(2, 6)] == [4, 9, 16, 25]
    assert [layout.count_slots(Style.HERO, n) for n in range(2, 6)] == [4, 6, 8, 10]
    assert [layout.count_slots(Style.STRIP, n) for n in range(2, 6)] == [3, 4, 5, 6]
    resized = layout.resize((Frame("1", Style.GRID, 2, slots=("a", None, "b", "c")),), "1", Style.STRIP, 2)
    assert resized.frames[0].slots == ("a", None, "b") and resized.fallen == ("c",)
    filled = layout.fill((), "abcde", iter("12").__next__, size=2)
    assert [each.slots for each in filled.frames] == [("a", "b", "c", "d"), ("e", None, None, None)]


def test_a_place_that_is_not_there_is_refused() -> None:
    frames = (Frame("1", Style.GRID, 2),)
    for slot in (-1, 4):
        with pytest.raises(IndexError):
            layout.place(frames, "a", "1", slot)
    with pytest.raises(KeyError):
        layout.remove(frames, "2")
