"""What was taken back is done again: each kind of step, in turn and by a job, as far as nobody changed it since."""

from dataclasses import replace
from typing import Any

import pytest
from peewee import IntegrityError

from pindeck import jobs
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound
from pindeck.models import Action, Board, Image, Job, Project, Proposal
from pindeck.services.actions import log
from pindeck.services.boards import boards, pictures
from pindeck.services.images import ledger, trash, undoing
from pindeck.states import ActionStatus, JobStatus, Role
from tests.conftest import RunJobs
from tests.factories import fresh, make_row
from tests.services.images.snapshots import tables
from tests.services.images.test_undo_guards import CASES, done, put


@pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "run"])
def test_each_kind_is_done_again_and_taken_back_again(olga: Actor, kind: str) -> None:
    action_id, image = done(kind, olga)
    after = tables()
    undoing.undo(olga, action_id)
    before = tables()
    undone, again_id = undoing.redo(olga)
    assert undone and undone.image_ids == [image.id] and undone.left == []
    if kind not in ("trash", "proposal", "move"):  # they carry the moment when it was done, or the project was made
        assert tables() == after
    assert all(row.decided_by == olga.user_id for row in Proposal.select())
    assert undoing.undo(olga, again_id).left == [] and tables() == before
    undoing.redo(olga)
    with pytest.raises(NotFound):
        undoing.redo(olga)


def test_several_are_done_again_in_turn_until_something_new_is_done(olga: Actor) -> None:
    image = make_row(olga, title="One")
    for title in ("Two", "Three", "Four"):
        ledger.edit(olga, image.id, "title", title)
    for _ in range(3):
        last = Action.select().where(Action.undoes_id.is_null() & (Action.status == ActionStatus.DONE)).order_by(Action.id.desc()).get()
        undoing.undo(olga, last.id)
    assert fresh(image).title == "One"
    for title in ("Two", "Three"):
        undoing.redo(olga)
        assert fresh(image).title == title
    ledger.edit(olga, image.id, "genre", "Noir")
    with pytest.raises(NotFound):
        undoing.redo(olga)
    assert fresh(image).title == "Three"


def test_what_somebody_changed_since_stays_and_a_stranger_does_nothing(olga: Actor, sam: Actor) -> None:
    image = make_row(olga, title="One")
    action = str(ledger.edit(olga, image.id, "title", "Two").action_id)
    undoing.undo(olga, action)
    taken = Action.get(Action.undoes_id == action)
    with pytest.raises(NotFound):
        undoing.redo(sam, taken.id)
    with pytest.raises(NotFound):
        undoing.redo(sam)
    put(image, title="Ice")
    before = tables()
    with pytest.raises(Conflict, match="It is “Ice” now"):
        undoing.redo(olga)
    assert tables() == before and fresh(image).title == "Ice"
    with pytest.raises(Conflict, match="done again already"):
        undoing.redo(olga, taken.id)


def test_who_may_not_any_more_does_nothing_again(olga: Actor) -> None:
    image = make_row(olga, title="One")
    undoing.undo(olga, str(ledger.edit(olga, image.id, "title", "Two").action_id))
    with pytest.raises(Conflict, match="can no longer be changed by you"):
        undoing.redo(replace(olga, role=Role.GUEST))
    assert fresh(image).title == "One"


def test_a_project_that_went_with_the_undo_is_there_again(olga: Actor) -> None:
    images = [make_row(olga) for _ in range(2)]
    action = str(ledger.set_many(olga, [image.id for image in images], {"project": "Solaris"}))
    project = Project.get(Project.name == "Solaris").id
    undoing.undo(olga, action)
    assert not Project.select().where(Project.id == project).exists()
    undoing.redo(olga)
    assert {fresh(image).project_id for image in images} == {project}
    assert {ledger.values_of(fresh(image))["project"] for image in images} == {"Solaris"}


def test_more_than_a_part_is_done_again_by_a_job_that_may_die(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PART", 3)
    images = [make_row(olga) for _ in range(7)]
    action = str(ledger.set_many(olga, [image.id for image in images], {"genre": "Noir"}))
    undoing.begin(olga, action)
    run_jobs()
    undone, again_id = undoing.redo(olga)
    assert undone is None and Action.get_by_id(again_id).status == ActionStatus.RUNNING
    undoing.redoing._part(olga, again_id, undoing.INVERSES, undoing.AGAIN)  # and then it died
    assert Action.get_by_id(again_id).done == 3
    run_jobs()
    assert {image.genre for image in Image.select()} == {"Noir"} and Action.get_by_id(again_id).done == 7
    undoing.begin(olga, again_id)
    run_jobs()
    assert {image.genre for image in Image.select()} == {None}


def test_a_board_that_was_made_is_there_again_with_its_pictures(olga: Actor) -> None:
    image = make_row(olga)
    board, made = boards.create(olga, name="Night ride", description="Sodium")
    put_on = str(pictures.add(olga, board.id, [image.id])[1])
    after = tables()
    undoing.undo(olga, put_on)
    undoing.undo(olga, made)
    assert not Board.select().exists()
    undoing.redo(olga)
    undoing.redo(olga)
    found = Board.get_by_id(board.id)
    assert (found.name, found.description) == ("Night ride", "Sodium")
    assert tables()["board_image"] == after["board_image"]


def test_out_of_the_trash_again(olga: Actor) -> None:
    image = make_row(olga)
    trash.trash(olga, image.id)
    back = str(trash.bring_back(olga, image.id).action_id)
    undoing.undo(olga, back)
    assert fresh(image).is_trashed
    undoing.redo(olga)
    assert not fresh(image).is_trashed


def test_one_that_fails_once_is_tried_again_and_one_that_fails_ends(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    board, _ = boards.create(olga, name="Night")
    undoing.undo(olga, str(boards.update(olga, board.id, name="Day")))
    real, tries = undoing.AGAIN[boards.FIELD], [IntegrityError(), ValueError()]

    def again(*given: Any) -> Any:
        if tries:
            raise tries.pop(0)
        return real(*given)

    monkeypatch.setitem(undoing.AGAIN, boards.FIELD, again)
    with pytest.raises(ValueError):
        undoing.redo(olga)
    assert not tries and not Action.select().where(Action.status == ActionStatus.RUNNING).exists()
    undoing.redo(olga)  # what failed for no foreseen reason was not done
    assert Board.get().name == "Day"
    undoing.undo(olga, str(boards.update(olga, board.id, name="Dawn")))
    undoing.redo(olga)
    assert Board.get().name == "Dawn"


def test_one_whose_job_is_given_up_goes_on_where_it_stopped(olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 3)
    images = [make_row(olga) for _ in range(7)]
    action = str(ledger.set_many(olga, [image.id for image in images], {"genre": "Noir"}))
    undoing.begin(olga, action)
    run_jobs()
    _, again_id = undoing.redo(olga)
    undoing.redoing._part(olga, again_id, undoing.INVERSES, undoing.AGAIN)
    (job,) = Job.select().where(Job.status == JobStatus.QUEUED)
    jobs.on_failed(job, "The worker died.")
    Job.delete().execute()
    assert Action.get_by_id(again_id).status == ActionStatus.DONE and Image.select().where(Image.genre == "Noir").count() == 3
    _, rest_id = undoing.redo(olga)
    run_jobs()
    assert {image.genre for image in Image.select()} == {"Noir"} and Action.get_by_id(rest_id).done == 4
    with pytest.raises(NotFound):
        undoing.redo(olga)
    for each in (rest_id, again_id):
        undoing.begin(olga, each) or undoing.undo(olga, each)
        run_jobs()
    assert {image.genre for image in Image.select()} == {None}
