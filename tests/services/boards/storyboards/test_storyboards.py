"""Storyboards: made from a board, arranged frame by frame or as a whole, and taken back, by those who edit the board alone."""

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound
from pindeck.models import Action, Storyboard, StoryboardFrame, StoryboardShot
from pindeck.services.boards import boards, people, pictures, sections
from pindeck.services.boards.storyboards import arranging, frames, layout, storyboards
from pindeck.services.boards.storyboards.layout import Style
from pindeck.services.images import trash, undoing
from tests.conftest import count_queries
from tests.factories import make_row

on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


@pytest.fixture
def shots(olga: Actor) -> list[str]:
    return [make_row(olga, title=f"Shot {n}").id for n in range(12)]


@pytest.fixture
def board(olga: Actor, shots: list[str]) -> str:
    """A board of ten of the pictures, of which two stand in a section."""
    made, _ = boards.create(olga, name="Night ride")
    section, *_ = sections.add(olga, made.id, "Road")
    pictures.add(olga, made.id, shots[8:10], section_id=section)
    pictures.add(olga, made.id, shots[:8])
    return str(made.id)


@pytest.fixture
def built(olga: Actor, board: str) -> Storyboard:
    return storyboards.create(olga, board)[0]


def slots(storyboard_id: str) -> list[list[str | None]]:
    return [list(frame.slots) for frame in frames.read(storyboard_id)]


@on_each_engine
def test_a_board_becomes_a_storyboard_at_once_or_step_by_step(olga: Actor, board: str, shots: list[str]) -> None:
    quick, action_id = storyboards.create(olga, board, is_quick=True)
    assert (quick.title, quick.template) == ("Night ride Storyboard", "storyboard:grid-3x2")
    assert [shot for part in slots(quick.id) for shot in part if shot] == [*shots[:8], *shots[8:10]]
    assert storyboards.create(olga, board)[0].title == "Night ride Storyboard 2"
    undoing.undo(olga, storyboard_action(olga))
    built, _ = storyboards.create(olga, board, title="Second")
    begin = frames.read(built.id)
    assert [(frame.style, frame.size, frame.shots) for frame in begin] == [(Style.GRID, 3, ()), (Style.HERO, 3, ())]
    assert [row.id for row in storyboards.list_of(olga, board)] == [built.id, quick.id]
    empty, _ = boards.create(olga, name="Empty")
    with pytest.raises(Conflict, match="no pictures yet"):
        storyboards.create(olga, empty.id, is_quick=True)
    undoing.undo(olga, action_id)
    assert [row.id for row in storyboards.list_of(olga, board)] == [built.id]
    undoing.redo(olga)
    assert [shot for part in slots(quick.id) for shot in part if shot] == shots[:10]


@on_each_engine
def test_every_act_on_frames_is_taken_back_and_done_again(olga: Actor, built: Storyboard, shots: list[str]) -> None:
    one, two = frames.read(built.id)
    acts = [
        lambda: arranging.place(olga, built.id, shots[0], one.id, 0),
        lambda: arranging.place(olga, built.id, shots[1], one.id, 0),
        lambda: arranging.place(olga, built.id, shots[1], two.id, 3),
        lambda: arranging.clear(olga, built.id, [shots[0]]),
        lambda: arranging.place(olga, built.id, shots[2], one.id, 8),
        lambda: arranging.form_frame(olga, built.id, one.id, style="strip", size=2),
        lambda: arranging.add_frame(olga, built.id, before=one.id),
        lambda: arranging.move_frame(olga, built.id, one.id, None),
        lambda: arranging.write_note(olga, built.id, two.id, "She turns.\nCut."),
        lambda: arranging.fold(olga, built.id, two.id, is_collapsed=True),
        lambda: arranging.remove_frame(olga, built.id, two.id),
    ]
    seen, done = [frames.read(built.id)], []
    for act in acts:
        done.append(act())
        seen.append(frames.read(built.id))
    assert done[5].fallen == (shots[2],) and done[10].fallen == (shots[1],) and not seen[-1][-1].shots
    for n in range(len(acts) - 1, -1, -1):
        undoing.undo(olga, str(done[n].action_id))
        assert frames.read(built.id) == seen[n], n
        undoing.redo(olga)
        assert frames.read(built.id) == seen[n + 1], n
        undoing.undo(olga, str(storyboard_action(olga)))


def storyboard_action(actor: Actor) -> str:
    return str(Action.select(Action.id).where(Action.user_id == actor.user_id).order_by(Action.id.desc()).limit(1).scalar())


@on_each_engine
def test_what_somebody_else_changed_since_stays(olga: Actor, sam: Actor, board: str, built: Storyboard, shots: list[str]) -> None:
    people.set_all(olga, board, [sam.user_id])
    one, two = frames.read(built.id)
    first = arranging.place(olga, built.id, shots[0], one.id, 0)
    arranging.place(sam, built.id, shots[0], two.id, 0)
    arranging.place(sam, built.id, shots[1], one.id, 0)
    before = slots(built.id)
    with pytest.raises(Conflict):
        undoing.undo(olga, str(first.action_id))
    assert slots(built.id) == before
    moved = arranging.clear(sam, built.id, [shots[1]])
    arranging.place(olga, built.id, shots[1], two.id, 1)
    with pytest.raises(Conflict):  # it would stand in two frames
        undoing.undo(sam, str(moved.action_id))


@on_each_engine
def test_all_frames_are_saved_as_one(olga: Actor, built: Storyboard, shots: list[str]) -> None:
    one, two = frames.read(built.id)
    arranging.place(olga, built.id, shots[3], two.id, 0)
    given = [
        {"id": two.id, "style": "hero", "size": 2, "slots": [shots[0], None, shots[0], shots[11]], "note": " Over the roofs "},
        {"style": "strip", "size": 3, "slots": [None, shots[1]], "collapsed": True},
    ]
    saved = arranging.save(olga, built.id, given)
    now = frames.read(built.id)
    assert saved.fallen == (shots[3],) and [frame.id == two.id for frame in now] == [True, False]
    assert [frame.slots for frame in now] == [(shots[0], None, None, None), (None, shots[1], None, None)]
    assert (now[0].note, now[1].is_collapsed, len(slots(built.id))) == ("Over the roofs", True, 2)
    assert arranging.save(olga, built.id, [{**each, "id": now[n].id} for n, each in enumerate(given)]).action_id is None
    undoing.undo(olga, str(saved.action_id))
    assert [frame.id for frame in frames.read(built.id)] == [one.id, two.id] and slots(built.id)[1][0] == shots[3]
    for wrong, field in (
        ({"style": "round"}, "frames.0.style"),
        ({"size": 6}, "frames.0.size"),
        ({"size": "²"}, "frames.0.size"),
        ({"size": 2, "slots": [None] * 5}, "frames.0.slots"),
        ({"note": "x" * 5001}, "frames.0.note"),
    ):
        with pytest.raises(Invalid) as caught:
            arranging.save(olga, built.id, [wrong])
        assert list(caught.value.fields) == [field]
    with pytest.raises(Conflict, match="at most 400 frames"):
        arranging.save(olga, built.id, [{}] * 401)


def test_only_who_edits_the_board_knows_its_storyboards(
    olga: Actor, sam: Actor, gus: Actor, mo: Actor, board: str, built: Storyboard, shots: list[str]
) -> None:
    one, _ = frames.read(built.id)
    with pytest.raises(NotFound):
        storyboards.find(sam, built.id)
    with pytest.raises(NotFound):
        arranging.place(sam, built.id, shots[0], one.id, 0)
    with pytest.raises(Forbidden):
        arranging.place(gus, built.id, shots[0], one.id, 0)
    assert storyboards.find(mo, built.id).id == built.id
    people.set_all(olga, board, [sam.user_id])
    assert arranging.place(sam, built.id, shots[0], one.id, 0).action_id
    for wrong, error in (
        (lambda: arranging.place(olga, built.id, shots[11], one.id, 0), Invalid),  # not on the board
        (lambda: arranging.place(olga, built.id, shots[0], one.id, 9), Invalid),
        (lambda: arranging.place(olga, built.id, shots[0], "none", 0), NotFound),
        (lambda: arranging.place(olga, built.id, shots[0], one.id, 1, versions=frozenset({1})), Conflict),
    ):
        with pytest.raises(error):
            wrong()
    boards.delete(olga, board)
    with pytest.raises(NotFound):
        storyboards.find(olga, built.id)


@on_each_engine
def test_it_is_named_copied_deleted_and_forgotten(olga: Actor, board: str, built: Storyboard, shots: list[str]) -> None:
    one, _ = frames.read(built.id)
    arranging.place(olga, built.id, shots[0], one.id, 4)
    named = storyboards.update(olga, built.id, title=" Night ", aspect="2.39")
    copy, _ = storyboards.duplicate(olga, built.id)
    assert (copy.title, copy.aspect, slots(copy.id)) == ("Night (copy)", "2.39", slots(built.id))
    assert storyboards.update(olga, built.id, title="Night") is None
    undoing.undo(olga, str(named))
    assert (Storyboard.get_by_id(built.id).title, Storyboard.get_by_id(built.id).aspect) == ("Night ride Storyboard", "")
    for field, value in (("title", ""), ("aspect", "3:2"), ("title", "x" * 201)):
        with pytest.raises(Invalid) as caught:
            storyboards.update(olga, built.id, **{field: value})
        assert list(caught.value.fields) == [field]
    deleted = storyboards.delete(olga, built.id)
    assert [row.id for row in storyboards.list_of(olga, board)] == [copy.id]
    undoing.undo(olga, deleted)
    assert len(storyboards.list_of(olga, board)) == 2
    storyboards.delete(olga, built.id)
    assert storyboards.forget() == 0
    Storyboard.update(deleted_at=db.now_ms() - 31 * db.DAY_MS).where(Storyboard.id == built.id).execute()
    assert storyboards.forget() == 1
    assert {row.storyboard_id for row in StoryboardFrame.select()} == {row.storyboard_id for row in StoryboardShot.select()} == {copy.id}


@on_each_engine
def test_a_picture_that_is_gone_for_good_leaves_its_slot_empty(olga: Actor, mo: Actor, built: Storyboard, shots: list[str]) -> None:
    one, _ = frames.read(built.id)
    for n in (0, 1):
        arranging.place(olga, built.id, shots[n], one.id, n)
    removed = arranging.remove_frame(olga, built.id, one.id)
    trash.trash(olga, shots[0])
    trash.purge(mo, shots[0])
    undoing.undo(olga, str(removed.action_id))
    assert layout.frame_of(frames.read(built.id), one.id).slots[:2] == (None, shots[1])


def test_reading_and_changing_cost_the_same_for_many(olga: Actor, board: str) -> None:
    counts = []
    for size in (1, 40):
        made, _ = storyboards.create(olga, board)
        arranging.save(olga, made.id, [{} for _ in range(size)])
        first = frames.read(made.id)[0]
        with count_queries() as queries:
            arranging.add_frame(olga, made.id, before=first.id)
        counts.append(len(queries))
    assert counts[0] == counts[1]
