"""Whatever two people did to boards, as many undos leave every table as it was; and what changed since stays."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pindeck.access import Actor
from pindeck.errors import Conflict, PindeckError
from pindeck.models import Action, Board, BoardImage, BoardSection, CanvasObject, Image, Storyboard
from pindeck.services.boards import boards, copying, ordering, people, pictures, sections, sharing
from pindeck.services.boards.canvas import acting
from pindeck.services.boards.canvas import arranging as canvas
from pindeck.services.boards.storyboards import arranging, frames, storyboards
from pindeck.services.boards.storyboards import sharing as links
from pindeck.services.images import trash, undoing
from tests.factories import make_row
from tests.services.images.snapshots import tables
from tests.services.images.test_undoing import check_each_undo, forgotten

numbers, few = st.integers(0, 4), st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)
Act = Callable[[Actor, list[Image]], object]


def _board(n: int) -> str:
    found = [row.id for row in Board.select(Board.id).where(Board.deleted_at.is_null()).order_by(Board.id)]
    return str(found[n % len(found)]) if found else "none"


def _section(n: int) -> str:
    found = [row.id for row in BoardSection.select(BoardSection.id).where(BoardSection.board == _board(0)).order_by(BoardSection.id)]
    return str(found[n % len(found)]) if found else "none"


def _storyboard(n: int) -> str:
    found = [row.id for row in Storyboard.select(Storyboard.id).where(Storyboard.deleted_at.is_null()).order_by(Storyboard.id)]
    return str(found[n % len(found)]) if found else "none"


def _frame(n: int) -> str:
    found = [frame.id for frame in frames.read(_storyboard(0))]
    return found[n % len(found)] if found else "none"


def _objects(chosen: list[int]) -> list[str]:
    found = [row.id for row in CanvasObject.select(CanvasObject.id).order_by(CanvasObject.id)]
    return [found[n % len(found)] for n in chosen if found]


def _ids(of: list[Image], chosen: list[int]) -> list[str]:
    return [of[n].id for n in chosen]


def _other(actor: Actor, of: list[Image]) -> str:
    return next(str(image.user_id) for image in of if image.user_id != actor.user_id)


ACTS: list[st.SearchStrategy[Act]] = [
    st.builds(lambda n: lambda a, of: boards.create(a, name=f"Board {n}"), numbers),
    st.builds(lambda n: lambda a, of: copying.create_from(a, "Chosen", _ids(of, n)), few),
    st.builds(lambda n: lambda a, of: copying.duplicate(a, _board(n)), numbers),
    st.builds(lambda n, t: lambda a, of: boards.update(a, _board(n), name=t, description=t), numbers, st.sampled_from(["Rain", "Snow"])),
    st.builds(lambda n, c: lambda a, of: boards.update(a, _board(n), cover=of[c].id), numbers, numbers),
    st.builds(lambda n: lambda a, of: boards.delete(a, _board(n)), numbers),
    st.builds(lambda n: lambda a, of: links.share(a, _storyboard(n))[1], numbers),
    st.builds(lambda n, c: lambda a, of: pictures.add(a, _board(n), _ids(of, c)), numbers, few),
    st.builds(lambda c: lambda a, of: pictures.add(a, _board(0), _ids(of, c)), few),
    st.builds(lambda c: lambda a, of: pictures.remove(a, _board(0), _ids(of, c)), few),
    st.builds(lambda c, t: lambda a, of: pictures.write_note(a, _board(0), of[c].id, t), numbers, st.sampled_from(["Fog", ""])),
    st.builds(lambda c, b: lambda a, of: ordering.move(a, _board(0), _ids(of, c), before=of[b].id), few, numbers),
    st.builds(lambda c, n: lambda a, of: ordering.move(a, _board(0), _ids(of, c), section_id=_section(n)), few, numbers),
    st.builds(lambda c, n: lambda a, of: ordering.step(a, _board(0), of[c].id, n), numbers, st.sampled_from([-1, 1])),
    st.builds(lambda c: lambda a, of: ordering.set_order(a, _board(0), _ids(of, c)), st.permutations(range(5))),
    st.builds(lambda n: lambda a, of: sections.add(a, _board(0), f"Part {n}"), numbers),
    st.builds(lambda n: lambda a, of: sections.rename(a, _board(0), _section(n), "Named"), numbers),
    st.builds(lambda n, by: lambda a, of: sections.move(a, _board(0), _section(n), by), numbers, st.sampled_from([-1, 1])),
    st.builds(lambda n: lambda a, of: sections.remove(a, _board(0), _section(n)), numbers),
    st.just(lambda a, of: people.set_all(a, _board(0), [_other(a, of)])),
    st.just(lambda a, of: sharing.share(a, _board(0))),
    st.just(lambda a, of: sharing.revoke(a, _board(0))),
    st.builds(lambda n: lambda a, of: trash.trash(a, of[n].id), numbers),
    st.builds(lambda quick: lambda a, of: storyboards.create(a, _board(0), is_quick=quick), st.booleans()),
    st.builds(lambda n: lambda a, of: storyboards.duplicate(a, _storyboard(n)), numbers),
    st.builds(lambda n, t: lambda a, of: storyboards.update(a, _storyboard(n), title=t), numbers, st.sampled_from(["Rain", "Snow"])),
    st.builds(lambda n: lambda a, of: storyboards.delete(a, _storyboard(n)), numbers),
    st.builds(lambda c, f, s: lambda a, of: arranging.place(a, _storyboard(0), of[c].id, _frame(f), s), numbers, numbers, numbers),
    st.builds(lambda c: lambda a, of: arranging.clear(a, _storyboard(0), _ids(of, c)), few),
    st.builds(lambda f, n: lambda a, of: arranging.form_frame(a, _storyboard(0), _frame(f), style="strip", size=2 + n % 3), numbers, numbers),
    st.builds(lambda f, n: lambda a, of: arranging.move_frame(a, _storyboard(0), _frame(f), _frame(n)), numbers, numbers),
    st.builds(lambda f: lambda a, of: arranging.remove_frame(a, _storyboard(0), _frame(f)), numbers),
    st.just(lambda a, of: arranging.add_frame(a, _storyboard(0), before=None)),
    st.builds(lambda c, x: lambda a, of: acting.add(a, _board(0), "picture", image_id=of[c].id, x=x), numbers, numbers),
    st.builds(lambda t: lambda a, of: acting.add(a, _board(0), "note", text=t), st.sampled_from(["Rain", ""])),
    st.builds(lambda c, n: lambda a, of: acting.change(a, _board(0), {key: {"y": n, "text": "Fog"} for key in _objects(c)}), few, numbers),
    st.builds(lambda c: lambda a, of: acting.remove(a, _board(0), _objects(c)), few),
    st.builds(lambda c, to: lambda a, of: acting.layer(a, _board(0), _objects(c), to), few, st.sampled_from(["front", "back"])),
    st.builds(lambda c, do: lambda a, of: do(a, _board(0), _objects(c)), few, st.sampled_from([acting.group, acting.ungroup])),
    st.builds(lambda how: lambda a, of: canvas.arrange(a, _board(0), how), st.sampled_from(["packed", "project"])),
]  # fmt: skip


@given(acts=st.lists(st.tuples(st.booleans(), st.one_of(ACTS)), min_size=1, max_size=16))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_n_acts_and_n_undos_leave_every_table_as_it_was(olga: Actor, sam: Actor, acts: list[tuple[bool, Act]]) -> None:
    with forgotten():
        of = [make_row(actor, visibility=seen) for actor, seen in ((olga, "library"), (olga, "private"), (sam, "library"), (sam, "library"), (olga, "library"))]  # fmt: skip
        pictures.add(olga, boards.create(olga, name="First")[0].id, [of[0].id, of[2].id, of[4].id])
        storyboards.create(olga, _board(0))
        Action.delete().execute()
        check_each_undo([(sam if is_sam else olga, act) for is_sam, act in acts], of)


# By name: what Olga does, and what happens to the board behind the back of the log.
SINCE: dict[str, tuple[Callable[[Actor, Board, list[Image]], Any], Callable[[Board], Any]]] = {
    "name": (lambda a, b, of: boards.update(a, b.id, name="Snow"), lambda b: Board.update(name="Ice").execute()),
    "deletion": (lambda a, b, of: boards.delete(a, b.id), lambda b: Board.update(deleted_at=None).execute()),
    "link": (lambda a, b, of: sharing.share(a, b.id), lambda b: Board.update(share_hash="else").execute()),
    "section": (lambda a, b, of: sections.add(a, b.id, "Night"), lambda b: BoardSection.update(name="Day").execute()),
    "person": (lambda a, b, of: people.set_all(a, b.id, [str(of[1].user_id)]), lambda b: people.write(b.id, set(), {p.id for p in people.of_board(b.id)})),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SINCE))
def test_what_somebody_changed_since_stays_as_it_is(olga: Actor, sam: Actor, name: str) -> None:
    board, of = boards.create(olga, name="Rain")[0], [make_row(olga), make_row(sam)]
    Action.delete().execute()
    act, behind = SINCE[name]
    act(olga, board, of)
    behind(board)
    before = tables()
    with pytest.raises(Conflict) as caught:
        undoing.undo(olga, Action.get().id)
    assert caught.value.code == "CHANGED_SINCE" and caught.value.message[-1] == "."
    assert tables() == before


def test_a_board_that_somebody_filled_stays_when_its_making_is_taken_back(olga: Actor, sam: Actor) -> None:
    board, made = boards.create(olga, name="Rain")
    people.set_all(olga, board.id, [str(sam.user_id)])
    pictures.add(sam, board.id, [make_row(sam).id])
    with pytest.raises(PindeckError):
        undoing.undo(olga, made)
    assert BoardImage.select().count() == 1


def test_who_edits_a_board_no_longer_takes_nothing_back_there(olga: Actor, sam: Actor) -> None:
    board, image = boards.create(olga, name="Rain")[0], make_row(sam)
    people.set_all(olga, board.id, [str(sam.user_id)])
    added = str(pictures.add(sam, board.id, [image.id])[1])
    people.set_all(olga, board.id, [])
    with pytest.raises(Conflict, match="no longer there"):
        undoing.undo(sam, added)
    assert BoardImage.select().count() == 1


def _section_with(actor: Actor, board: Board, of: list[Image]) -> None:
    section, _ = sections.add(actor, board.id, "Night")
    pictures.add(actor, board.id, [image.id for image in of], section_id=section)
    Action.delete().execute()
    sections.remove(actor, board.id, section)


DONE: dict[str, Callable[[Actor, Board, list[Image]], Any]] = {
    **{name: act for name, (act, _) in SINCE.items()},
    "creation": lambda a, b, of: boards.create(a, name="New", description="Fog"),
    "creation with pictures": lambda a, b, of: copying.create_from(a, "New", [image.id for image in of]),
    "removal of a section": _section_with,
}


@pytest.mark.parametrize("name", sorted(DONE))
def test_what_was_taken_back_is_done_again(olga: Actor, sam: Actor, name: str) -> None:
    board, of = boards.create(olga, name="Rain")[0], [make_row(olga), make_row(sam)]
    Action.delete().execute()
    DONE[name](olga, board, of)
    (action,) = Action.select()
    after = tables()
    assert undoing.undo(olga, action.id).left == []
    undone, again_id = undoing.redo(olga)
    assert undone and undone.left == [] and tables() == after
    assert undoing.undo(olga, again_id).left == []


def test_a_copy_is_made_again_with_its_sections_and_cover(olga: Actor) -> None:
    board, of = boards.create(olga, name="Rain")[0], [make_row(olga) for _ in range(3)]
    section, _ = sections.add(olga, board.id, "Night")
    pictures.add(olga, board.id, [image.id for image in of[:2]], section_id=section)
    pictures.add(olga, board.id, [of[2].id])
    boards.update(olga, board.id, cover=of[1].id)
    Action.delete().execute()
    _, action_id = copying.duplicate(olga, board.id)
    after = tables()
    undoing.undo(olga, action_id)
    undoing.redo(olga)
    assert tables() == after


def test_a_board_that_was_written_to_since_is_not_unmade(olga: Actor, sam: Actor) -> None:
    board, made = boards.create(olga, name="Night ride", query="tag:rain")
    people.add(olga, board.id, sam.user_id or "")
    boards.update(sam, board.id, query="tag:fog", description="Sodium")
    people.remove(olga, board.id, sam.user_id or "")
    with pytest.raises(Conflict):
        undoing.undo(olga, made)
    assert Board.get().description == "Sodium"
    boards.update(olga, board.id, query="tag:rain", description="")
    sharing_board, second = boards.create(olga, name="Shared")
    sharing.share(olga, sharing_board.id)
    with pytest.raises(Conflict):
        undoing.undo(olga, second)
    undoing.undo(olga, made)
    assert [row.id for row in Board.select()] == [sharing_board.id]
