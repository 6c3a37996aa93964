"""What is said of shots: written, summed up, taken back, and kept while the shot moves about."""

import pytest

from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound
from pindeck.models import StoryboardShot
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.storyboards import arranging, frames, reading, shots, storyboards
from pindeck.services.images import undoing
from tests.factories import make_row

on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def begin(olga: Actor) -> tuple[str, list[str], str]:
    """A storyboard with two shots in its first frame: its id, theirs, and that of the frame."""
    ids = [make_row(olga, title=f"Shot {n}").id for n in range(3)]
    board, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, board.id, ids)
    made, _ = storyboards.create(olga, board.id)
    frame = frames.read(made.id)[0].id
    for n in (0, 1):
        arranging.place(olga, made.id, ids[n], frame, n)
    return made.id, ids, frame


@on_each_engine
def test_a_shot_is_described_moved_and_taken_back(olga: Actor) -> None:
    storyboard_id, ids, frame = begin(olga)
    storyboard = storyboards.find(olga, storyboard_id)
    first = shots.describe(olga, storyboard_id, ids[0], number=" 12A ", shot_size="MCU", lens="35 mm", duration="3,5", action="She turns.\nCut.")
    shots.describe(olga, storyboard_id, ids[1], duration="1:05")
    assert shots.describe(olga, storyboard_id, ids[0], number="12A", duration="3.5 s") is None
    opened = reading.open_one(olga, storyboard, boards.find(olga, storyboard.board_id))
    assert opened.total_ms == 68_500 and shots.written(opened.total_ms) == "1:08.5"
    assert [slot.line for slot in opened.frames[0].slots[:3]] == ["12A · MCU · 35 mm · 3.5 s", "1:05 s", ""]
    arranging.place(olga, storyboard_id, ids[0], frame, 7)
    cleared = arranging.clear(olga, storyboard_id, [ids[0]])
    assert shots.of(storyboard, ids[0])["action"] == "She turns.\nCut."  # as long as the storyboard is there
    undoing.undo(olga, str(cleared.action_id))
    undoing.undo(olga, str(first))
    assert set(shots.of(storyboard, ids[0]).values()) == {None}
    undoing.redo(olga)
    assert shots.of(storyboard, ids[0])["number"] == "12A"
    changed = shots.describe(olga, storyboard_id, ids[0], lens="50 mm")
    shots.describe(olga, storyboard_id, ids[0], lens="85 mm")
    with pytest.raises(Conflict):
        undoing.undo(olga, str(changed))


@on_each_engine
def test_nothing_is_left_of_a_picture_that_stands_nowhere(olga: Actor) -> None:
    storyboard_id, ids, _ = begin(olga)
    arranging.clear(olga, storyboard_id, ids[:1])
    assert [row.image_id for row in StoryboardShot.select()] == [ids[1]]


@pytest.mark.parametrize(("text", "ms"), [("3", 3000), ("2.5", 2500), ("0,04 s", 40), ("1:05", 65_000), ("90", 90_000), ("10:00.25", 600_250)])
def test_durations_are_read_and_written(text: str, ms: int) -> None:
    assert shots._duration(text) == {"duration_ms": ms} == shots._duration(shots.written(ms))


def test_what_is_wrong_is_named(olga: Actor, sam: Actor, gus: Actor) -> None:
    storyboard_id, ids, _ = begin(olga)
    for wrong in ("0", "-1", "3 min", "²", "1:2:3", "99999", "1e9", "NaN"):
        with pytest.raises(Invalid) as caught:
            shots.describe(olga, storyboard_id, ids[0], duration=wrong, number="x" * 61)
        assert set(caught.value.fields) == {"duration", "number"}
    for actor, image, error in ((olga, ids[2], NotFound), (olga, "no", NotFound), (sam, ids[0], NotFound), (gus, ids[0], Forbidden)):
        with pytest.raises(error):
            shots.describe(actor, storyboard_id, image, number="1")
    assert not any(value for value in shots.of(storyboards.find(olga, storyboard_id), ids[0]).values())
