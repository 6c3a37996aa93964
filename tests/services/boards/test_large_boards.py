"""More than a part of pictures on a board: by a job, in slices, as one action, which is taken back as a whole."""

from collections.abc import Callable

import pytest

from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.models import Action, Board, BoardImage, Image, Job
from pindeck.services.actions import log
from pindeck.services.boards import boards, copying, ordering, pictures, sections
from pindeck.services.images import large_boards, undoing
from pindeck.services.library import smart_boards
from pindeck.states import ActionStatus
from tests.conftest import ClientFor, RunJobs
from tests.factories import make_row
from tests.services.boards.test_boards import board_of, order
from tests.services.images.test_large import dies_after_a_part, run_until_it_dies


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 3)


@pytest.fixture
def ids(olga: Actor) -> list[str]:
    return [make_row(olga, genre="Noir").id for _ in range(8)]


def taken_back(olga: Actor, action_id: str | None, run_jobs: RunJobs) -> None:
    assert undoing.begin(olga, str(action_id))
    run_jobs()
    assert Action.get_by_id(str(action_id)).status == ActionStatus.UNDONE


def on(board: Board) -> set[str]:
    return {row.image_id for row in BoardImage.select().where(BoardImage.board == board.id)}


def test_many_come_and_go_by_a_job_which_may_die(
    olga: Actor, ids: list[str], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = board_of(olga, ids[7])
    assert large_boards.add(olga, board.id, ids[:3]) is None and large_boards.remove(olga, board.id, ids[:3]) is None
    added = large_boards.add(olga, board.id, ids)
    assert on(board) == {ids[7]}
    with monkeypatch.context() as patched:
        dies_after_a_part(patched, log, "_following")
        run_until_it_dies()
    assert len(on(board)) == 4
    run_jobs()
    assert order(olga, board) == [ids[7], *ids[:7]]
    assert Action.get_by_id(added).total == 7
    gone = large_boards.remove(olga, board.id, ids[1:])
    run_jobs()
    assert on(board) == {ids[0]}
    taken_back(olga, gone, run_jobs)
    assert order(olga, board) == [ids[7], *ids[:7]]
    taken_back(olga, added, run_jobs)
    assert order(olga, board) == [ids[7]]


def test_what_would_be_refused_is_refused_before_it_begins(olga: Actor, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    board = board_of(olga, ids[0])
    monkeypatch.setattr(pictures, "MOST", 7)
    with pytest.raises(Conflict, match="at most 7"):
        large_boards.add(olga, board.id, ids)
    smart, _ = smart_boards.create(olga, name="Noir", text="genre:noir")
    with pytest.raises(Conflict, match="query fills"):
        large_boards.remove(olga, smart.id, ids)
    with pytest.raises(Conflict, match="more than 7"):
        smart_boards.freeze(olga, smart.id, by_job=True)
    assert not Job.select().exists() and not Action.select().where(Action.status == ActionStatus.RUNNING).exists()


def test_one_that_is_deleted_meanwhile_ends_the_job_and_says_why(olga: Actor, ids: list[str], run_jobs: RunJobs) -> None:
    board = board_of(olga)
    action_id = large_boards.add(olga, board.id, ids)
    boards.delete(olga, board.id)
    run_jobs()
    action = Action.get_by_id(action_id)
    assert (action.status, action.done) == (ActionStatus.DONE, 0) and action.detail["said"].startswith("Stopped before the end")


@pytest.mark.parametrize("by_job", [True, False])
def test_a_board_is_made_copied_and_frozen_with_many(olga: Actor, ids: list[str], run_jobs: RunJobs, by_job: bool) -> None:
    made, first = large_boards.create_from(olga, "Many", ids) if by_job else copying.create_from(olga, "Many", ids)  # type: ignore[misc]
    run_jobs()
    assert order(olga, made) == ids
    section_id, with_section = sections.add(olga, made.id, "Rain")
    moved = ordering.move(olga, made.id, ids[:2], section_id=section_id)
    noted = pictures.write_note(olga, made.id, ids[0], "The lamp.")
    copy, second = large_boards.duplicate(olga, made.id) if by_job else copying.duplicate(olga, made.id)  # type: ignore[misc]
    run_jobs()
    assert order(olga, copy) == order(olga, made) == [*ids[2:], *ids[:2]]
    assert BoardImage.get((BoardImage.board == copy.id) & (BoardImage.image_id == ids[0])).note == "The lamp."
    smart, _ = smart_boards.create(olga, name="Noir", text="genre:noir")
    third, is_running = smart_boards.freeze(olga, smart.id, by_job=by_job)
    assert is_running == by_job and not Board.get_by_id(smart.id).is_smart
    run_jobs()
    assert order(olga, smart) == ids[::-1]
    for action_id in (third, second):
        taken_back(olga, action_id, run_jobs)
    assert Board.get_by_id(smart.id).is_smart and not on(smart)
    assert Board.get_or_none(Board.id == copy.id) is None
    for action_id in (noted, moved, with_section):
        undoing.undo(olga, str(action_id))
    taken_back(olga, first, run_jobs)
    assert Board.get_or_none(Board.id == made.id) is None


def test_many_are_ordered_in_slices_also_while_somebody_adds(
    olga: Actor, ids: list[str], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = board_of(olga, *ids)
    note, slices = pictures.write_note, []
    inner: Callable[..., bool] = ordering._slice

    def meanwhile(*args: object) -> bool:
        slices.append(inner(*args))
        if len(slices) == 1:
            note(olga, board.id, ids[3], "Somebody else writes.")
        return slices[-1]

    monkeypatch.setattr(ordering, "_slice", meanwhile)
    action_id = ordering.set_order(olga, board.id, ids[::-1])
    assert order(olga, board) == ids[::-1] and slices.count(False) == 1
    action = Action.get_by_id(action_id)
    assert (action.status, action.total) == (ActionStatus.DONE, action.done) and action.done >= 7
    taken_back(olga, action_id, run_jobs)
    assert order(olga, board) == ids
    with pytest.raises(Conflict, match="changed since you read it"):
        ordering.set_order(olga, board.id, ids[::-1], versions=frozenset({1}))


def test_the_page_follows_what_a_job_does(client_for: ClientFor, olga: Actor, sam: Actor, ids: list[str], run_jobs: RunJobs) -> None:
    board = board_of(olga)
    page, fragment = client_for(olga), {"HX-Request": "true"}
    assert client_for(sam).post(f"/boards/{board.id}/add", data={"ids": ids}).status_code == 404
    for path, count in (("add", 8), ("remove", 0)):
        told = page.post(f"/boards/{board.id}/{path}", data={"ids": ids}, headers=fragment)
        assert told.status_code == 200 and "0 of 8 pictures so far." in told.text
        run_jobs()
        assert len(on(board)) == count
    assert page.post("/boards/put", data={"ids": " ".join(ids), "name": "New one"}).status_code == 303
    run_jobs()
    assert len(on(Board.get(Board.name == "New one"))) == Image.select().count() == 8
