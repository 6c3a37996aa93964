"""Orders of variations whose worker, parent, store or provider goes away meanwhile."""

from typing import Any

import pytest
from peewee import OperationalError

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.errors import NoSpace, PindeckError, Upstream
from pindeck.fetching import FetchFailed
from pindeck.models import Generation, Image, Job
from pindeck.services.blobs import blobs
from pindeck.services.images import trash
from pindeck.services.images.variations import ending, ordering, source
from pindeck.services.images.variations.ordering import Wish
from pindeck.services.ingest.variations import running
from pindeck.states import AiStatus, GenerationStatus, JobStatus
from pindeck.varying.base import Refused
from tests.conftest import RunJobs
from tests.factories import make_active
from tests.services.ingest.variations.orders import ONE, again, children_of, runs_of


def test_a_parent_that_goes_meanwhile_has_no_children(olga: Actor, run_jobs: RunJobs, database: Any) -> None:
    trashed, purged = make_active(olga), make_active(olga)
    first, _ = ordering.order(olga, trashed.id, ONE)
    second, _ = ordering.order(olga, purged.id, ONE)
    trash.trash(olga, trashed.id)
    trash.purge(olga, purged.id)
    run_jobs()
    assert [run.status for run in runs_of(first)] == ["failed"] and Image.select().where(Image.origin == "ai").count() == 0
    assert ending.sweep() == 0  # not old enough
    Generation.update(updated_at=0).execute()
    assert ending.sweep() == 1 and [run.status for run in runs_of(second)] == ["failed"]


def test_a_batch_without_a_job_goes_on(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, _ = ordering.order(olga, parent.id, Wish(2))
    Generation.update(updated_at=0).execute()
    assert ending.sweep() == 0  # its job waits
    Job.delete().where(Job.kind == "vary").execute()
    assert ending.sweep() == 1
    run_jobs()
    assert [run.status for run in runs_of(batch)] == ["completed"] * 2 and len(children_of(parent)) == 2


def test_a_run_whose_sender_died_is_lost_and_one_that_was_taken_is_adopted(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    batch, (sending, taken, waiting) = ordering.order(olga, parent.id, Wish(3))
    Generation.update(status="submitting", sender="nobody:1", sent_at=db.now_ms()).where(Generation.id == sending.id).execute()
    Generation.update(status="processing", request_id="simulated-x", sent_at=db.now_ms()).where(Generation.id == taken.id).execute()
    run_jobs()
    assert [run.status for run in runs_of(batch)] == ["lost", "completed", "completed"]
    assert "not sent again" in str(runs_of(batch)[0].error) and runs_of(batch)[1].request_id == "simulated-x"
    assert len(children_of(parent)) == 2 and again(parent).ai_status == AiStatus.COMPLETED


@pytest.mark.parametrize("trouble", [FetchFailed("The server cannot be reached."), Upstream("It is away."), NoSpace("It is full.")])
def test_what_is_paid_for_waits_until_it_can_be_brought(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, trouble: PindeckError
) -> None:
    parent = make_active(olga)
    batch, _ = ordering.order(olga, parent.id, ONE)
    stage = running.uploads.stage

    def fails(*args: Any, **options: Any) -> None:
        raise trouble

    monkeypatch.setattr(running.uploads, "stage", fails)
    for _ in range(8):
        Job.update(due_at=0).where(Job.kind == "vary").execute()
        run_jobs()
    (job,) = Job.select().where(Job.kind == "vary")
    assert (job.status, job.attempts) == ("queued", 8) and job.due_at > db.now_ms() + 10_000
    assert runs_of(batch)[0].status == GenerationStatus.PROCESSING
    Generation.update(sent_at=1).execute()
    Job.update(due_at=0).where(Job.kind == "vary").execute()
    run_jobs()
    if isinstance(trouble, Upstream):
        assert runs_of(batch)[0].status == GenerationStatus.LOST and "could not be brought" in str(runs_of(batch)[0].error)
        return
    monkeypatch.setattr(running.uploads, "stage", stage)
    run_jobs(include_later=True)
    assert runs_of(batch)[0].status == GenerationStatus.COMPLETED and len(children_of(parent)) == 1


@pytest.mark.parametrize(
    ("trouble", "where"),
    [
        (Upstream("It is away."), (running.source, "read")),
        (NoSpace("It is full."), (running.room, "admit")),
        (OperationalError("database or disk is full"), (running.generations, "move")),
    ],
)
def test_a_store_that_cannot_be_read_and_a_full_database_are_no_try_that_failed(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, trouble: Exception, where: tuple[Any, str]
) -> None:
    parent = make_active(olga)
    batch, _ = ordering.order(olga, parent.id, ONE)

    def fails(*args: Any, **options: Any) -> None:
        raise trouble

    with monkeypatch.context() as patched:
        module, name = where
        patched.setattr(module, name, fails)
        for _ in range(8):
            Job.update(due_at=0).where(Job.kind == "vary").execute()
            run_jobs()
        (job,) = Job.select().where(Job.kind == "vary")
        assert (job.status, job.attempts, job.spent) == ("queued", 8, 8) and job.due_at > db.now_ms() + 10_000
        assert str(job.error) in ("It is away.", "It is full.", db.FULL)
        assert (runs_of(batch)[0].status, runs_of(batch)[0].sent_at) == (GenerationStatus.QUEUED, None)
        if isinstance(trouble, Upstream):
            Generation.update(updated_at=1).execute()
            Job.update(due_at=0).where(Job.kind == "vary").execute()
            run_jobs()
            assert runs_of(batch)[0].status == GenerationStatus.FAILED and "It is away." in str(runs_of(batch)[0].error)
            return
    run_jobs(include_later=True)
    assert runs_of(batch)[0].status == GenerationStatus.COMPLETED and len(children_of(parent)) == 1


def test_a_size_that_is_missing_in_the_store_gives_way_to_the_next(olga: Actor, run_jobs: RunJobs) -> None:
    parent = make_active(olga)
    sizes = blobs.derivatives_of(blobs.original_of(parent).id)
    storage.current().delete(sizes["large"].object_key)
    assert len(source.read(parent)[0]) > 0
    for size in sizes.values():
        storage.current().delete(size.object_key)
    with pytest.raises(Refused, match="no stored sizes"):
        source.read(parent)


def test_while_the_sender_lives_nobody_else_judges_it(olga: Actor) -> None:
    parent = make_active(olga)
    batch, (run,) = ordering.order(olga, parent.id, ONE)
    (job,) = Job.select().where(Job.kind == "vary")
    other = Job.create(id=db.new_id(), kind="vary", queue="ai", status=JobStatus.RUNNING, attempts=2, due_at=0, created_at=0,
                       lease_until=db.now_ms() + 60_000)  # fmt: skip
    Generation.update(status="submitting", sender=f"{other.id}:2").where(Generation.id == run.id).execute()
    running.run(job, lambda done, of: None)
    assert runs_of(batch)[0].status == GenerationStatus.SUBMITTING
    Job.update(lease_until=1).where(Job.id == other.id).execute()
    running.run(job, lambda done, of: None)
    assert runs_of(batch)[0].status == GenerationStatus.LOST
