"""What is done to more than a part of pictures: it runs as a job, which may die and run twice, and so is its undo."""

import pytest

from pindeck import db, jobs
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.models import Action, ActionStep, FieldEvent, Image, ImageTag, Job, User
from pindeck.services.actions import log, shown
from pindeck.services.images import large, moderation, publishing, review, trash, trashed, undoing
from pindeck.services.images.undoing import forgetting
from pindeck.states import ActionStatus, ImageStatus, JobStatus
from tests.conftest import RunJobs
from tests.factories import fresh, make_row, together


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART", 3)


@pytest.fixture
def drafts(olga: Actor) -> list[Image]:
    return [make_row(olga, status="draft", title=f"Still {number}") for number in range(7)]


def states() -> set[tuple[str, bool]]:
    return {(image.status, image.is_trashed) for image in Image.select()}


def start(actor: Actor, act: str = "publish", **words: str) -> str:
    if act == "set":
        action_id = large.set_fields(actor, [image.id for image in Image.select()], words)
    else:
        action_id = review.begin(actor, act, None)
    assert action_id and Action.get_by_id(action_id).status == ActionStatus.RUNNING
    return action_id


def ended(action_id: str) -> tuple[str, int, int]:
    action = Action.get_by_id(action_id)
    return action.status, action.done, action.total


def dies_after_a_part(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Whoever calls this is gone with the second part not begun, once."""
    inner, calls = getattr(module, name), []

    def once(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return inner(*args, **kwargs)

    monkeypatch.setattr(module, name, once)


def run_until_it_dies() -> None:
    (job,) = Job.select().where(Job.status == JobStatus.QUEUED, Job.kind.in_(["act", "undo"]))
    with pytest.raises(SystemExit):
        jobs.run(job.id)
    Job.update(status=JobStatus.QUEUED, due_at=0).where(Job.id == job.id).execute()  # as when its lease has run out


@pytest.mark.parametrize(
    ("act", "words", "there"),
    [
        ("publish", {}, {(ImageStatus.ACTIVE, False)}),
        ("trash", {}, {(ImageStatus.DRAFT, True)}),
        ("set", {"genre": "Noir"}, {(ImageStatus.DRAFT, False)}),
        ("hold", {}, {(ImageStatus.DRAFT, False)}),
    ],
)
def test_it_runs_as_a_job_part_by_part_and_so_is_its_undo(
    olga: Actor, drafts: list[Image], run_jobs: RunJobs, act: str, words: dict[str, str], there: set[tuple[str, bool]]
) -> None:
    action_id = start(olga, act, **words)
    assert states() == {(ImageStatus.DRAFT, False)}
    assert shown.progress(olga, action_id).told.endswith(": 0 of 7 pictures so far.")
    for refused in (undoing.undo, undoing.begin):
        with pytest.raises(Conflict, match="still running"):
            refused(olga, action_id)
    run_jobs()
    assert states() == there and ended(action_id) == ("done", 7, 7)
    assert shown.progress(olga, action_id).told.endswith(": 7 pictures.")
    undo_id = str(undoing.begin(olga, action_id))
    assert states() == there
    with pytest.raises(Conflict, match="being taken back already"):
        undoing.begin(olga, action_id)
    assert shown.progress(olga, undo_id).told == "Taking back: 0 of 7 pictures so far."
    run_jobs()
    assert states() == {(ImageStatus.DRAFT, False)} and {image.genre for image in Image.select()} == {None}
    assert (ended(action_id)[0], ended(undo_id)) == ("undone", ("done", 7, 7))
    assert shown.progress(olga, undo_id).told.startswith("Taken back: ")


def test_somebody_likes_a_picture_of_it_between_two_parts(olga: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    images = [make_row(olga) for _ in range(7)]
    action_id = str(large.set_fields(olga, [image.id for image in images], {"genre": "Noir"}))
    payload, liked = Job.get(Job.kind == "act").payload, []

    def told(done: int, of: int) -> None:
        assert not db.database.in_transaction() and Action.get_by_id(action_id).status == ActionStatus.RUNNING
        liked.append(moderation.like(sam, images[len(liked)].id))

    large.go_on(olga, payload, told)
    assert liked == [True] * 3 and {image.genre for image in Image.select()} == {"Noir"}
    assert sorted(image.likes for image in Image.select())[-3:] == [1, 1, 1] and ended(action_id) == ("done", 7, 7)
    run_jobs()


def test_many_come_out_of_the_trash_as_a_job(olga: Actor, sam: Actor, drafts: list[Image], run_jobs: RunJobs) -> None:
    ids = [image.id for image in drafts]
    review.discard(olga, ids)
    action_id = str(trashed.begin(olga, ids))
    Image.update(user=sam.user_id).where(Image.id == ids[6]).execute()  # it is not theirs any more when the job comes to it
    run_jobs()
    assert {image.id for image in Image.select().where(Image.deleted_at.is_null())} == set(ids[:6])
    assert ended(action_id) == ("done", 6, 6)
    assert shown.progress(olga, action_id).told == "Restored: 6 pictures."
    assert trashed.begin(olga, ids[:3]) is None


def test_bytes_that_did_not_come_are_asked_for_again_also_where_many_imports_are_kept(olga: Actor) -> None:
    lost = [make_row(olga, status="pending", origin="discord", persist_status="failed", ai_status="failed") for _ in range(4)]
    action_id = start(olga, "keep")
    (job,) = Job.select()
    jobs.run(job.id)
    assert ended(action_id) == ("done", 4, 4)
    assert {(fresh(image).status, fresh(image).persist_status, fresh(image).ai_status) for image in lost} == {
        ("draft", "pending", "processing")
    }
    assert {job.image_id for job in Job.select().where(Job.kind == "persist")} == {image.id for image in lost}


def test_up_to_a_part_is_done_at_once(olga: Actor) -> None:
    rows = [make_row(olga, status="draft") for _ in range(3)]
    for act in ("publish", "keep", "trash", "hold", "release"):
        assert review.begin(olga, act, None) is None
    assert large.set_fields(olga, [row.id for row in rows], {"genre": "Noir"}) is None
    action_id = str(review.publish(olga, None).action_id)
    assert undoing.begin(olga, action_id) is None
    assert not Job.select().where(Job.kind.in_(["act", "undo"])).exists()


def test_what_nobody_could_write_is_refused_before_it_begins(olga: Actor, drafts: list[Image]) -> None:
    with pytest.raises(Invalid):
        large.set_fields(olga, [image.id for image in drafts], {"title": "x" * 3000})
    assert not Action.select().exists() and not Job.select().exists()


def test_one_that_died_goes_on_where_it_was_and_so_does_its_undo(
    olga: Actor, drafts: list[Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    action_id = start(olga)
    with monkeypatch.context() as patched:
        dies_after_a_part(patched, log, "_following")
        run_until_it_dies()
    assert ended(action_id) == ("running", 3, 7)
    assert shown.progress(olga, action_id).told == "Published: 3 of 7 pictures so far."
    run_jobs()
    assert ended(action_id) == ("done", 7, 7)
    assert ActionStep.select().where(ActionStep.action_id == action_id).count() == 7
    undo_id = str(undoing.begin(olga, action_id))
    with monkeypatch.context() as patched:
        dies_after_a_part(patched, undoing.engine, "_part")
        run_until_it_dies()
    assert ended(undo_id) == ("running", 3, 7)
    run_jobs()
    assert states() == {(ImageStatus.DRAFT, False)}
    assert (ended(action_id)[0], ended(undo_id)) == ("undone", ("done", 7, 7))


def test_wherever_it_dies_it_goes_on_and_the_result_is_the_same(
    olga: Actor, drafts: list[Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one statement after the other: one action with one step for each picture, and one undo that takes all of it back."""

    def died_at(statement: int) -> bool:
        left = [statement]
        inner = db.database.execute_sql

        def execute(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if not left[0]:
                raise SystemExit
            return inner(*args, **kwargs)

        (job,) = Job.select().where(Job.status == JobStatus.QUEUED, Job.kind.in_(["act", "undo"]))
        with monkeypatch.context() as patched:
            patched.setattr(db.database.obj, "execute_sql", execute)
            try:
                jobs.run(job.id)
            except SystemExit:
                pass
        Job.update(status=JobStatus.QUEUED, due_at=0).where((Job.id == job.id) & (Job.status == JobStatus.RUNNING)).execute()
        return left[0] <= 0

    statement, is_dying = 3, [True, True]
    while any(is_dying):
        action_id = start(olga, "set", genre="Noir", tags=f"a, b{statement}")
        is_dying[0] = died_at(statement)
        run_jobs()
        assert ended(action_id) == ("done", 7, 7)
        assert FieldEvent.select().where(FieldEvent.action_id == action_id).count() == 14
        undo_id = str(undoing.begin(olga, action_id))
        is_dying[1] = died_at(statement)
        run_jobs()
        assert (ended(action_id)[0], ended(undo_id)) == ("undone", ("done", 7, 7))
        assert {image.genre for image in Image.select()} == {None} and not ImageTag.select().exists()
        statement += 6
    assert statement > 40


def test_an_undo_that_died_before_it_could_say_so_says_it(olga: Actor, drafts: list[Image], run_jobs: RunJobs) -> None:
    action_id = start(olga)
    run_jobs()
    undo_id = str(undoing.begin(olga, action_id))
    undoing.engine.undo(olga, action_id, undoing.INVERSES, undo_id=undo_id)
    run_jobs()
    assert shown.progress(olga, undo_id).told == "Taken back: published."


def test_two_that_do_the_same_job_do_each_part_once(olga: Actor, drafts: list[Image]) -> None:
    action_id = start(olga)
    payload = Job.get(Job.kind == "act").payload
    assert together(2, lambda _: large.go_on(olga, payload, lambda done, of: None)) == [None, None]
    assert ended(action_id) == ("done", 7, 7)
    undo_id = str(undoing.begin(olga, action_id))
    assert together(2, lambda _: undoing.go_on(olga, action_id, undo_id, lambda done, of: None)) == [None, None]
    assert ended(undo_id) == ("done", 7, 7) and states() == {(ImageStatus.DRAFT, False)}


def test_what_is_no_draft_any_more_is_passed_over(olga: Actor, drafts: list[Image], run_jobs: RunJobs) -> None:
    action_id = start(olga, "trash")
    publishing.publish(olga, drafts[0].id)
    trash.purge(olga, drafts[1].id)
    run_jobs()
    assert ended(action_id) == ("done", 5, 5)
    assert not fresh(drafts[0]).is_trashed


def test_one_that_changed_nothing_is_forgotten(olga: Actor, drafts: list[Image], run_jobs: RunJobs) -> None:
    action_id = start(olga)
    for draft in drafts:
        trash.trash(olga, draft.id)
    run_jobs()
    with pytest.raises(NotFound):
        shown.progress(olga, action_id)


def test_one_that_is_given_up_keeps_what_is_done_and_says_why(
    olga: Actor, mo: Actor, drafts: list[Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    action_id = start(olga)
    with monkeypatch.context() as patched:
        dies_after_a_part(patched, log, "_following")
        run_until_it_dies()
    User.update(disabled_at=db.now_ms()).where(User.id == olga.user_id).execute()
    run_jobs()
    assert ended(action_id) == ("done", 3, 3)
    assert shown.progress(mo, action_id).told.startswith("Stopped before the end: ")
    assert len(undoing.undo(mo, action_id).image_ids) == 3


def test_an_undo_leaves_what_others_changed_since_and_says_so(
    olga: Actor, mo: Actor, drafts: list[Image], run_jobs: RunJobs
) -> None:
    action_id = start(olga)
    run_jobs()
    Image.update(status="broken").where(Image.id == drafts[0].id).execute()
    undo_id = str(undoing.begin(mo, action_id))
    run_jobs()
    assert ended(undo_id) == ("done", 6, 6)
    assert "The rest was taken back." in shown.progress(mo, undo_id).told
    assert ended(action_id)[0] == "done"  # what is left can be taken back later


def test_it_is_ended_by_the_sweep_only_when_no_job_goes_on_with_it(olga: Actor, drafts: list[Image]) -> None:
    action_id = start(olga)
    Action.update(created_at=db.now_ms() - forgetting.BROKEN_OFF_MS - 1000).execute()
    assert forgetting.sweep() == 0 and ended(action_id)[0] == "running"
    Job.delete().execute()
    assert forgetting.sweep() == 1
    assert not Action.select().exists()
