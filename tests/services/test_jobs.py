"""The list of work: one worker a job, leases, the fence, back-off, and the pump."""

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.models import Image, Job
from pindeck.queue import JobSpec
from pindeck.services import jobs
from pindeck.states import JobStatus, Lane
from tests.conftest import count_queries
from tests.factories import make_draft, make_row, together

DAY_MS = 86_400_000


@pytest.fixture
def pushed(olga: Actor) -> list[tuple[str, int]]:
    """What went to the queue: job and attempt."""
    sent: list[tuple[str, int]] = []
    queue.bind(lambda spec, job_id, attempt, lane: sent.append((job_id, attempt)))
    return sent


def add(**options: object) -> str:
    with db.writing():
        job_id = queue.enqueue(queue.ANALYSE, **options)  # type: ignore[arg-type]
    return str(job_id)


def change(job_id: str, **columns: object) -> None:
    Job.update(columns).where(Job.id == job_id).execute()


def gave_up(told: list[str]) -> object:
    return lambda job, message: told.append(message)


def never(job: Job, message: str) -> None:
    raise AssertionError("Nobody should have given up.")


def nowhere(spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> bool:
    return False


def test_a_job_is_written_and_pushed_after_the_commit(pushed: list[tuple[str, int]]) -> None:
    with db.writing():
        job_id = queue.enqueue(queue.ANALYSE)
        assert pushed == []
    assert pushed == [(job_id, 1)]
    assert Job.get().pushed_at is not None


def test_a_job_of_a_transaction_that_failed_is_neither_written_nor_pushed(pushed: list[tuple[str, int]]) -> None:
    with pytest.raises(RuntimeError), db.writing():
        queue.enqueue(queue.ANALYSE)
        raise RuntimeError("no")
    assert (Job.select().count(), pushed) == (0, [])


def test_a_queue_that_does_not_answer_loses_nothing(olga: Actor) -> None:
    def away(*_: object) -> None:
        raise ConnectionError("away")

    queue.bind(away)
    add()
    assert Job.get().pushed_at is None
    sent: list[str] = []
    queue.bind(lambda spec, job_id, attempt, lane: sent.append(job_id))
    assert jobs.pump(nowhere) == 1
    assert sent == [Job.get().id]


def test_the_same_work_waits_at_most_once(olga: Actor) -> None:
    first = add(dedupe_key="a")
    assert add(dedupe_key="a") == "None"
    assert add(dedupe_key="b") != "None"
    jobs.claim(first)
    assert add(dedupe_key="a") != "None"
    assert Job.select().count() == 3


def test_of_many_who_ask_for_the_same_work_one_gets_it(olga: Actor) -> None:
    results = together(5, lambda _: add(dedupe_key="a"))
    assert sorted(result == "None" for result in results) == [False] + [True] * 4
    assert Job.select().count() == 1


def test_a_delayed_job_is_not_pushed_and_not_claimed_before_its_time(pushed: list[tuple[str, int]]) -> None:
    job_id = add(delay_s=60)
    assert pushed == []
    assert jobs.claim(job_id) is None
    assert jobs.pump(nowhere) == 0
    change(job_id, due_at=db.now_ms())
    assert jobs.pump(nowhere) == 1
    assert jobs.claim(job_id)


def test_a_job_is_claimed_by_exactly_one_of_many(olga: Actor) -> None:
    job_id = add()
    results = together(6, lambda _: jobs.claim(job_id))
    won = [result for result in results if result is not None]
    assert [type(result) for result in won] == [Job]
    job = Job.get()
    assert (job.status, job.attempts) == (JobStatus.RUNNING, 1)
    assert job.lease_until > db.now_ms()


def test_what_is_done_or_missing_is_not_claimed(olga: Actor) -> None:
    job_id = add()
    job = jobs.claim(job_id)
    assert job and jobs.complete(job)
    assert jobs.claim(job_id) is None
    assert jobs.claim("missing") is None
    assert (Job.get().status, Job.get().done, Job.get().lease_until) == (JobStatus.COMPLETED, 100, None)


def test_progress_is_told_and_renews_the_lease(olga: Actor) -> None:
    job = jobs.claim(add())
    assert job
    change(job.id, lease_until=1)
    jobs.progress(job, "sizing", 40)
    after = Job.get()
    assert (after.stage, after.done, after.total) == ("sizing", 40, 100)
    assert after.lease_until > db.now_ms()


def test_a_lease_that_ran_out_gives_the_job_to_another(olga: Actor) -> None:
    job = jobs.claim(add())
    assert job
    assert jobs.reclaim(never) == 0
    change(job.id, lease_until=db.now_ms() - 1)
    assert jobs.reclaim(never) == 1
    again = Job.get()
    assert (again.status, again.lease_until, again.pushed_at) == (JobStatus.QUEUED, None, None)
    change(job.id, due_at=0)
    assert jobs.claim(job.id).attempts == 2  # type: ignore[union-attr]


def test_a_worker_that_lost_its_lease_can_neither_end_nor_fail_nor_renew_the_job(olga: Actor) -> None:
    job_id = add()
    stale = jobs.claim(job_id)
    assert stale
    change(job_id, lease_until=1)
    jobs.reclaim(never)
    change(job_id, due_at=0)
    assert jobs.complete(stale) is False
    current = jobs.claim(job_id)
    assert current
    jobs.progress(stale, "colours", 99)
    jobs.failed(stale, "stale", permanent=True, on_failed=never)
    jobs.failed(stale, "stale", permanent=False, on_failed=never)
    assert jobs.complete(stale) is False
    assert (Job.get().status, Job.get().stage, Job.get().error) == (
        JobStatus.RUNNING,
        "",
        "The worker was stopped while it worked on this.",
    )
    assert jobs.complete(current) is True


def test_a_job_over_which_workers_die_again_and_again_is_given_up(olga: Actor) -> None:
    job_id, told = add(), []  # type: ignore[var-annotated]
    deaths = 0
    while Job.get().status == JobStatus.QUEUED:
        change(job_id, due_at=0)
        assert jobs.claim(job_id)
        change(job_id, lease_until=1)
        jobs.reclaim(gave_up(told))  # type: ignore[arg-type]
        deaths += 1
        assert deaths <= 5
    assert Job.get().status == JobStatus.FAILED
    assert told == ["The worker was stopped while it worked on this."]


def test_an_attempt_that_fails_waits_longer_each_time_until_it_is_given_up(olga: Actor) -> None:
    job_id, told = add(), []  # type: ignore[var-annotated]
    for wait in queue.ANALYSE.retry_after_s:
        change(job_id, due_at=0)
        job = jobs.claim(job_id)
        assert job
        before = db.now_ms()
        jobs.failed(job, "away", permanent=False, on_failed=never)
        row = Job.get()
        assert (row.status, row.error, row.pushed_at) == (JobStatus.QUEUED, "away", None)
        assert wait * 800 <= row.due_at - before <= wait * 1200 + 10_000
    change(job_id, due_at=0)
    job = jobs.claim(job_id)
    assert job
    jobs.failed(job, "away", permanent=False, on_failed=gave_up(told))  # type: ignore[arg-type]
    assert (Job.get().status, told) == (JobStatus.FAILED, ["away"])
    assert Job.get().ended_at is not None


def test_a_fault_that_stays_is_given_up_at_once(olga: Actor) -> None:
    job, told = jobs.claim(add()), []  # type: ignore[var-annotated]
    assert job
    jobs.failed(job, "x" * 900, permanent=True, on_failed=gave_up(told))  # type: ignore[arg-type]
    assert (Job.get().status, len(Job.get().error), len(told)) == (JobStatus.FAILED, 500, 1)


# The pump


def test_the_pump_pushes_again_what_was_lost_and_not_what_waits(pushed: list[tuple[str, int]]) -> None:
    lost, waiting = add(), add()
    pushed.clear()
    assert jobs.pump(nowhere) == 0
    long_ago = db.now_ms() - 3_600_000
    Job.update(pushed_at=long_ago).execute()
    assert jobs.pump(lambda spec, job_id, attempt, lane: job_id == waiting) == 1
    assert pushed == [(lost, 1)]
    assert all(job.pushed_at > long_ago for job in Job.select())


def test_the_pump_leaves_alone_what_runs_and_what_ended(pushed: list[tuple[str, int]]) -> None:
    running, ended = add(), add()
    jobs.claim(running)
    job = jobs.claim(ended)
    assert job and jobs.complete(job)
    Job.update(pushed_at=None).execute()
    pushed.clear()
    assert jobs.pump(nowhere) == 0
    assert pushed == []


def test_the_pump_pushes_what_is_to_be_tried_again_with_its_attempt(pushed: list[tuple[str, int]]) -> None:
    job = jobs.claim(add())
    assert job
    jobs.failed(job, "away", permanent=False, on_failed=never)
    pushed.clear()
    assert jobs.pump(nowhere) == 0
    change(job.id, due_at=0)
    assert jobs.pump(nowhere) == 1
    assert pushed == [(job.id, 2)]


def test_several_pumps_push_each_row_once(pushed: list[tuple[str, int]]) -> None:
    for _ in range(12):
        add()
    Job.update(pushed_at=None).execute()
    pushed.clear()
    counts = together(4, lambda _: jobs.pump(nowhere))
    assert sum(count for count in counts if isinstance(count, int)) == 12
    assert len(pushed) == len(set(pushed)) == 12


def test_a_pump_stops_where_the_queue_is_away(olga: Actor) -> None:
    tries: list[str] = []

    def away(spec: JobSpec, job_id: str, attempt: int, lane: Lane) -> None:
        tries.append(job_id)
        raise ConnectionError("away")

    for _ in range(3):
        add()
    Job.update(pushed_at=None).execute()
    queue.bind(away)
    assert jobs.pump(nowhere) == 0
    assert len(tries) == 1
    assert Job.select().where(Job.pushed_at.is_null()).count() == 3


def test_jobs_that_ended_long_ago_are_forgotten(olga: Actor) -> None:
    old, young, queued = add(), add(), add()
    change(old, status="completed", ended_at=db.now_ms() - 31 * DAY_MS)
    change(young, status="failed", ended_at=db.now_ms() - 29 * DAY_MS)
    assert jobs.sweep() == 1
    assert {job.id for job in Job.select()} == {young, queued}


# What people see


def test_people_see_how_far_an_upload_is(olga: Actor) -> None:
    image = make_draft(olga)

    def shown() -> tuple[str, int, bool]:
        found = jobs.preparation_of([Image.get_by_id(image.seq)])[image.id]
        return found.stage, found.percent, found.is_finished

    assert shown() == ("sent", 5, False)
    job = jobs.claim(Job.get(Job.kind == "persist").id)
    assert job
    assert shown() == ("sent", 5, False)
    jobs.progress(job, "sizing", 40)
    assert shown() == ("sizing", 40, False)
    Image.update(persist_status="failed").execute()
    assert shown() == ("failed", 100, True)
    Image.update(persist_status="succeeded").execute()
    assert shown() == ("done", 100, True)


def test_the_progress_of_many_uploads_is_one_query(olga: Actor) -> None:
    rows = [make_row(olga, persist_status="pending") for _ in range(20)]
    with count_queries() as seen:
        assert len(jobs.preparation_of(rows)) == 20
    assert len(seen) == 1


# Workers that die


def test_what_a_dead_worker_held_goes_back_and_nobody_elses(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def claimed_by(name: str | None) -> str:
        monkeypatch.setattr(jobs, "_holder", name)
        job = jobs.claim(add())
        assert job
        return job.id

    dead, living, nameless = claimed_by("dead"), claimed_by("living"), claimed_by(None)
    ended = jobs.claim(add())
    assert ended and jobs.complete(ended)
    change(ended.id, holder="dead")
    assert jobs.reclaim_from("dead", never) == 1
    assert jobs.reclaim_from("dead", never) == 0
    states = {job.id: job.status for job in Job.select()}
    assert states == {
        dead: JobStatus.QUEUED, living: JobStatus.RUNNING, nameless: JobStatus.RUNNING, ended.id: JobStatus.COMPLETED,
    }  # fmt: skip


def test_a_child_that_died_gives_back_only_what_its_own_worker_held(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_holder", "another")
    job = jobs.claim(add())
    assert job
    monkeypatch.setattr(jobs, "_holder", "this")
    assert jobs.held_here(job.id) == []
    monkeypatch.setattr(jobs, "_holder", "another")
    assert jobs.held_here(job.id) == [job]


# A queue that is away, a store that is full


def test_after_the_queue_was_away_each_row_is_asked_for_at_once(pushed: list[tuple[str, int]]) -> None:
    lost, waiting = add(), add()
    pushed.clear()
    assert jobs.doubt_pushes() == 2
    assert jobs.pump(lambda spec, job_id, attempt, lane: job_id == waiting) == 1
    assert pushed == [(lost, 1)]


def test_what_was_accepted_waits_for_room_and_is_never_given_up(olga: Actor) -> None:
    make_draft(olga)
    job_id = Job.get(Job.kind == "persist").id
    for _ in range(8):
        change(job_id, due_at=0)
        job = jobs.claim(job_id)
        assert job
        jobs.failed(job, "The disk is full.", permanent=False, on_failed=never, is_full=True)
    assert (Job.get_by_id(job_id).status, Job.get_by_id(job_id).error) == (JobStatus.QUEUED, "The disk is full.")
    assert Job.get_by_id(job_id).due_at <= db.now_ms() + 1200 * max(queue.PERSIST.retry_after_s)


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_an_attempt_that_ends_while_the_same_work_waits_goes_back_beside_it(
    pushed: list[tuple[str, int]], engine: str
) -> None:
    """Else it could never leave the list of what runs, and nothing would be taken back or sent any more."""
    first = add(dedupe_key="a")
    running = jobs.claim(first)
    assert running
    second = add(dedupe_key="a")
    jobs.failed(running, "The store does not answer.", permanent=False, on_failed=never)
    assert Job.get_by_id(first).status == JobStatus.QUEUED
    change(first, due_at=0)
    assert jobs.claim(first)
    change(first, lease_until=1)
    assert jobs.reclaim(never) == 1
    change(first, due_at=0)
    assert {jobs.claim(job_id).id for job_id in (first, second)} == {first, second}  # type: ignore[union-attr]
