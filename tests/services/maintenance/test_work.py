"""The list of work: whose it is, what it tells, and what is cancelled or tried again."""


import pytest

from pindeck import db, jobs, queue
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, NotFound, NotSignedIn
from pindeck.models import Action, Activity, Image, ImportBatch, Job
from pindeck.services import jobs as list_of_work
from pindeck.services.actions import log
from pindeck.services.images import generations, large, trash
from pindeck.services.images.variations import ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.maintenance import work, work_control
from pindeck.states import JobStatus, Lane, WorkState
from tests.conftest import count_queries, run_due_jobs
from tests.factories import fresh, make_draft, make_row, new_photo, together

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def add(actor: Actor | None = None, spec: queue.JobSpec = queue.SWEEP, **columns: object) -> Job:
    with db.writing():
        job_id = queue.enqueue(spec, user_id=actor.user_id if actor else None, payload={"names": []})
    if columns:
        Job.update(columns).where(Job.id == job_id).execute()
    return Job.get_by_id(job_id)


def ended(actor: Actor | None, status: str, at: int, **columns: object) -> Job:
    return add(actor, status=status, ended_at=at, started_at=at - 1500, attempts=1, **columns)


def kept(actor: Actor, **wanted: object) -> list[tuple[str, str]]:
    return [(view.id, view.state) for view in work.look(actor, **wanted).views]  # type: ignore[arg-type]


def job_of(image: Image, spec: queue.JobSpec) -> Job:
    return Job.get((Job.image_id == image.id) & (Job.kind == spec.kind))


def test_a_person_sees_their_own_and_an_administrator_all(olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> None:
    mine, theirs, nobodys = add(olga), add(sam), add()
    assert kept(olga) == [(mine.id, "waiting")]
    assert kept(gus) == []
    assert {one for one, _ in kept(mo)} == {mine.id, theirs.id, nobodys.id}
    assert (work.count(olga).waiting, work.count(gus).waiting, work.count(mo).waiting) == (1, 0, 3)
    assert (work.count_under_way(olga), work.count_under_way(gus), work.count_under_way(mo)) == (1, 0, 3)
    assert {view.who for view in work.look(mo).views} == {"Olga", "Sam", ""}
    assert [view.who for view in work.look(olga).views] == [""]
    with pytest.raises(NotSignedIn):
        work.look(Actor())


def test_a_picture_that_the_reader_may_not_see_is_not_told(olga: Actor, sam: Actor, mo: Actor) -> None:
    image = make_row(olga, title="Secret", visibility="private")
    with db.writing():
        queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=sam.user_id)
    view = work.look(sam).views[0]
    assert (view.image, view.can_cancel, view.can_retry) == (None, False, False)
    assert work.look(mo).views[0].image == image
    with pytest.raises(Forbidden):
        work_control.cancel(sam, view.id)
    assert Job.get_by_id(view.id).status == JobStatus.QUEUED


def test_the_order_is_what_runs_then_what_is_due_then_what_ended_last(olga: Actor) -> None:
    now = db.now_ms()
    old, new = ended(olga, "completed", now - 9000), ended(olga, "failed", now - 10, error="It broke.")
    later = add(olga, due_at=now + 90_000, attempts=1, error="The store is away.")
    due = add(olga, due_at=now - 5)
    runs = add(olga, status="running", started_at=now, stage="sizing", done=40, attempts=1)
    found = work.look(olga)
    assert [view.id for view in found.views] == [runs.id, due.id, later.id, new.id, old.id]
    first, second, third, fourth, fifth = found.views
    assert (first.stage, first.percent, first.state) == ("sizing", 40, "running")
    assert second.next_at is None and third.next_at == now + 90_000 and third.reason == "The store is away."
    assert (fourth.state, fourth.reason, fifth.state, fifth.took_ms) == ("failed", "It broke.", "done", 1500)
    assert found.counts == work.Counts(running=1, waiting=2, failed=1, done=1)
    for state, wanted in (("running", [runs]), ("waiting", [due, later]), ("failed", [new]), ("done", [old])):
        assert [view.id for view in work.look(olga, state=WorkState(state)).views] == [job.id for job in wanted]
    assert kept(olga, kind="persist") == [] and len(kept(olga, kind="sweep")) == 5


def test_chores_that_are_not_due_yet_stand_below_what_people_wait_for(olga: Actor, mo: Actor) -> None:
    later = db.now_ms() + 60_000
    chore, due = add(spec=queue.DELETE_OBJECTS, due_at=later), add(spec=queue.DELETE_OBJECTS, due_at=1)
    hers = add(olga, due_at=later)
    assert kept(mo) == [(due.id, "waiting"), (hers.id, "waiting")]
    assert work.look(mo).more_wait == 1
    assert chore.id in {one for one, _ in kept(mo, state=WorkState.WAITING)}
    assert chore.id in {one for one, _ in kept(mo, kind=queue.DELETE_OBJECTS.kind)}


def test_chores_that_went_well_stand_among_what_is_done_alone(olga: Actor, mo: Actor) -> None:
    now = db.now_ms()
    swept, failed, hers = ended(None, "completed", now - 3), ended(None, "failed", now - 2), ended(olga, "completed", now - 1)
    for shown in (kept(mo), [(view.id, view.state) for view in work.glance(mo).views]):
        assert shown == [(hers.id, "done"), (failed.id, "failed")]
    for wanted in ({"state": WorkState.DONE}, {"kind": queue.SWEEP.kind}):
        assert swept.id in {one for one, _ in kept(mo, **wanted)}
    assert work.count(mo).done == 2


def test_pages_show_each_once_also_where_the_times_are_the_same(olga: Actor, sam: Actor) -> None:
    now = db.now_ms()
    made = [ended(olga, "completed", now - number // 3).id for number in range(65)]
    waiting = [add(olga, due_at=now - number // 4).id for number in range(65)]
    ended(sam, "completed", now)
    for state, all_of in ((WorkState.DONE, made), (WorkState.WAITING, waiting)):
        seen, after = [], None
        while True:
            page = work.look(olga, state=state, after=after)
            seen += [view.id for view in page.views]
            after = page.next_after
            if after is None:
                break
        assert sorted(seen) == sorted(all_of)
    first = work.look(olga)
    assert (first.more_wait, len(first.views)) == (45, 50)


def test_the_statements_do_not_grow_with_the_list(olga: Actor, mo: Actor) -> None:
    def asked(actor: Actor) -> int:
        with count_queries() as seen:
            work.look(actor)
        return len(seen)

    make_draft(olga)
    few = asked(olga), asked(mo)
    for _ in range(12):
        make_draft(olga)
    assert (asked(olga), asked(mo)) == few


def test_what_waits_is_cancelled_at_once_and_its_picture_can_be_tried_again(olga: Actor) -> None:
    image = make_draft(olga)
    job = job_of(image, queue.PERSIST)
    assert work_control.cancel(olga, job.id) is True
    assert (fresh(image).persist_status, fresh(image).persist_error) == ("failed", "It was cancelled.")
    assert kept(olga) == [(job.id, "cancelled")] and work.count(olga).failed == 0
    run_due_jobs()
    assert Job.get_by_id(job.id).attempts == 0  # its delivery finds nothing to do
    with pytest.raises(Conflict):
        work_control.cancel(olga, job.id)
    work_control.retry(olga, job.id)
    assert fresh(image).persist_status == "pending"
    run_due_jobs()
    assert (fresh(image).persist_status, fresh(image).ai_status) == ("succeeded", "completed")
    with pytest.raises(Conflict):
        work_control.retry(olga, job.id)
    done = [(row.verb, row.image_id) for row in Activity.select() if row.verb.startswith("job.")]
    assert done == [("job.cancel", image.id), ("job.retry", image.id)]


def test_what_runs_ends_at_its_next_step_and_is_not_tried_again_by_itself(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_draft(olga)
    job = job_of(image, queue.PERSIST)
    told: list[str] = []
    before = list_of_work.progress

    def watched(row: Job, stage: str, percent: int) -> None:
        told.append(stage)
        if stage == "sizing":
            assert work_control.cancel(olga, row.id) is False
            assert work.look(olga).views[0].is_stopping
        before(row, stage, percent)

    monkeypatch.setattr(list_of_work, "progress", watched)
    run_due_jobs()
    assert told == ["storing", "sizing"]
    assert (fresh(image).persist_status, fresh(image).persist_error) == ("failed", "It was cancelled.")
    assert fresh(image).ai_status == "failed"
    assert kept(olga) == [(job.id, "cancelled")]
    monkeypatch.setattr(list_of_work, "progress", before)
    work_control.retry(olga, job.id)
    run_due_jobs()
    assert (fresh(image).persist_status, fresh(image).ai_status) == ("succeeded", "completed")


def test_a_worker_that_dies_over_what_was_cancelled_does_not_bring_it_back(olga: Actor) -> None:
    image = make_draft(olga)
    job = list_of_work.claim(job_of(image, queue.PERSIST).id)
    assert job
    work_control.cancel(olga, job.id)
    Job.update(lease_until=1).where(Job.id == job.id).execute()
    list_of_work.reclaim(jobs.on_failed)
    assert kept(olga) == [(job.id, "cancelled")] and fresh(image).persist_status == "failed"


def test_what_cannot_be_cancelled_says_so(olga: Actor, mo: Actor) -> None:
    analysis = make_row(olga, persist_status="succeeded", ai_status="processing")
    with db.writing():
        describing = str(queue.enqueue(queue.ANALYSE, image_id=analysis.id, user_id=olga.user_id))
        leaving = str(queue.enqueue(queue.UNPUBLISH, user_id=olga.user_id, payload={"token": "t"}))
    list_of_work.claim(describing)
    for job_id, words in ((describing, "cannot be stopped"), (leaving, "half done")):
        with pytest.raises(Conflict, match=words):
            work_control.cancel(olga, job_id)
    assert [view.can_cancel for view in work.look(olga).views] == [False, False]
    assert Job.select().where(Job.cancelled_at.is_null(False)).count() == 0


def test_a_description_that_was_cancelled_can_be_asked_for_again(olga: Actor) -> None:
    image = make_row(olga, persist_status="succeeded", ai_status="processing")
    with db.writing():
        job_id = str(queue.enqueue(queue.ANALYSE, image_id=image.id, user_id=olga.user_id))
    work_control.cancel(olga, job_id)
    assert (fresh(image).ai_status, fresh(image).ai_error) == ("failed", "It was cancelled.")
    work_control.retry(olga, job_id)
    assert fresh(image).ai_status == "processing" and kept(olga) == [(job_id, "waiting")]


def test_a_large_action_that_was_cancelled_ends_with_what_is_done(olga: Actor) -> None:
    drafts = [make_row(olga, status="draft") for _ in range(log.PART + 1)]
    action_id = large.begin(olga, "trash", [image.id for image in drafts])
    job = Job.get(Job.kind == "act")
    work_control.cancel(olga, job.id)
    assert Action.get_or_none(Action.id == action_id) is None or Action.get_by_id(action_id).status == "done"
    assert Image.select().where(Image.deleted_at.is_null(False)).count() == 0
    with pytest.raises(Conflict):
        work_control.retry(olga, job.id)
    assert not work.look(olga).views[0].can_retry


def test_a_strangers_work_does_not_exist(olga: Actor, sam: Actor, mo: Actor) -> None:
    job = job_of(make_draft(olga), queue.PERSIST)
    for door in (work_control.cancel, work_control.retry):
        for actor, job_id in ((sam, job.id), (olga, "no such")):
            with pytest.raises(NotFound):
                door(actor, job_id)
    assert work_control.cancel(mo, job.id) is True
    assert kept(olga) == [(job.id, "cancelled")]


def test_of_many_who_cancel_or_take_a_job_one_is_first(olga: Actor) -> None:
    image = make_draft(olga, new_photo())
    job = job_of(image, queue.PERSIST)

    def one(number: int) -> str:
        try:
            if number % 2:
                return "claimed" if list_of_work.claim(job.id) else "late"
            return "cancelled" if work_control.cancel(olga, job.id) else "asked"
        except Conflict:
            return "late"

    results = together(6, one)
    assert ("claimed" in results) + ("cancelled" in results) == 1, results
    row = Job.get_by_id(job.id)
    assert row.status == ("running" if "claimed" in results else "failed")
    assert (row.cancelled_at is not None) == ("cancelled" in results or "asked" in results)


def test_what_is_tried_again_has_all_its_tries(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    job = add(olga)

    def broken(row: Job) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(jobs, "function_of", lambda path: broken)
    run_due_jobs(include_later=True)
    before = Job.get_by_id(job.id)
    assert (before.status, before.attempts) == ("failed", len(queue.SWEEP.retry_after_s) + 1)
    work_control.retry(olga, job.id)
    run_due_jobs(include_later=True)
    after = Job.get_by_id(job.id)
    assert (after.status, after.attempts, after.lane) == ("failed", 2 * before.attempts, Lane.NOW)


def test_a_picture_in_the_trash_is_left_alone(olga: Actor) -> None:
    image = make_draft(olga)
    trash.trash(olga, image.id)
    view = work.look(olga).views[0]
    assert not view.can_cancel
    with pytest.raises(Forbidden):
        work_control.cancel(olga, view.id)


def test_who_ordered_variations_of_a_strangers_picture_cancels_them(olga: Actor, sam: Actor, mo: Actor) -> None:
    image = make_row(olga, status="active", visibility="library", persist_status="succeeded", ai_status="completed")
    for actor in (sam, mo):
        batch, _ = ordering.order(sam, image.id, Wish(2))
        job_id = Job.get((Job.kind == queue.VARY.kind) & (Job.status == JobStatus.QUEUED)).id
        with pytest.raises(NotFound):
            work_control.cancel(olga, job_id)
        assert {view.id: view.can_cancel for view in work.look(actor).views}[job_id]
        assert work_control.cancel(actor, job_id) is True
        assert [run.status for run in generations.of_batch(batch)] == ["failed"] * 2


def test_the_run_of_a_source_that_was_cancelled_has_ended(olga: Actor) -> None:
    batch = ImportBatch.create(id=db.new_id(), user=olga.user_id, origin="upload", created_at=db.now_ms(), status="running")
    with db.writing():
        job_id = queue.enqueue(queue.RUN_SOURCE, user_id=olga.user_id, payload={"batch": batch.id})
    assert work_control.cancel(olga, str(job_id)) is True
    ended = ImportBatch.get_by_id(batch.id)
    assert (ended.status, ended.error) == ("failed", "It was cancelled.")
