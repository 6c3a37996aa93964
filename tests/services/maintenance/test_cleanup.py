"""Sweeps: they remove what nobody names, leave what somebody may still need, and can run twice."""

from collections.abc import Callable
from io import BytesIO

import pytest

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Upstream
from pindeck.models import Attempt, Blob, Derivative, Image, Job, StoredFile, UploadTicket
from pindeck.services.accounts import throttle
from pindeck.services.blobs import deletion
from pindeck.services.images import trash
from pindeck.services.ingest import ticket_uploads, tickets
from pindeck.services.maintenance import cleanup, sweeps
from pindeck.states import BlobState
from pindeck.storage import keys
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import (
    blob_of,
    jobs_of,
    make_active,
    make_draft,
    make_row,
    new_photo,
    objects,
    overwrite,
    public_objects,
    redeem,
)

Later = Callable[[], None]


@pytest.fixture
def two_hours_later(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Later:
    """Moves the clock: when an object came to lie in the store cannot be written over."""
    now = db.now_ms
    return lambda: monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.HOUR_MS)


def test_staged_objects_that_nobody_names_go_after_an_hour(olga: Actor, two_hours_later: Later) -> None:
    make_draft(olga)
    (named,) = objects(keys.STAGING_PREFIX)
    lost = keys.staging_key()
    overwrite(lost, b"lost")
    assert cleanup.sweep_staging() == 0
    two_hours_later()
    assert cleanup.sweep_staging() == 1
    assert objects() == [named]
    assert cleanup.sweep_staging() == 0


def test_a_staged_object_that_a_blob_names_is_not_dropped(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_draft(olga)
    key = blob_of(image).object_key
    deletion.drop_staging(key)
    assert objects() == [key]
    run_jobs()
    deletion.drop_staging(blob_of(image).object_key)
    assert blob_of(image).object_key in objects()


def test_files_that_were_never_claimed_go_after_their_deadline(olga: Actor, run_jobs: RunJobs) -> None:
    late = redeem(tickets.make_ticket(olga), BytesIO(new_photo()))
    kept = redeem(tickets.make_ticket(olga), BytesIO(new_photo()))
    StoredFile.update(claim_deadline=db.now_ms() - 1).where(StoredFile.id == late).execute()
    assert cleanup.sweep_unclaimed() == 1
    run_jobs(include_later=True)
    assert [file.id for file in StoredFile.select()] == [kept]
    assert (Blob.select().count(), len(objects())) == (1, 1)


def test_a_claimed_file_is_never_unclaimed(olga: Actor) -> None:
    storage_id = redeem(tickets.make_ticket(olga), BytesIO(new_photo()))
    ticket_uploads.upload_multiple(olga, [{"storageId": storage_id}])
    StoredFile.update(created_at=1).execute()
    assert cleanup.sweep_unclaimed() == 0
    assert StoredFile.select().count() == 1


def test_bytes_that_an_unclaimed_file_shares_with_an_image_stay(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    make_active(olga, data)
    run_jobs(include_later=True)
    before = objects()
    redeem(tickets.make_ticket(olga), BytesIO(data))
    StoredFile.update(claim_deadline=1).where(StoredFile.claim_deadline.is_null(False)).execute()
    assert cleanup.sweep_unclaimed() == 1
    run_jobs(include_later=True)
    assert objects() == before
    invariants.check()


def test_blobs_that_no_file_names_go_after_an_hour(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    blob = blob_of(image)
    Image.delete().execute()
    StoredFile.delete().execute()
    assert cleanup.sweep_orphaned_blobs() == 0
    Blob.update(created_at=blob.created_at - 2 * db.HOUR_MS).execute()
    assert cleanup.sweep_orphaned_blobs() == 1
    run_jobs(include_later=True)
    assert (Blob.select().count(), Derivative.select().count(), objects()) == (0, 0, [])


def test_a_deletion_whose_job_is_lost_is_asked_for_again_once(olga: Actor, run_jobs: RunJobs) -> None:
    trash.purge(olga, make_active(olga).id)
    Job.delete().execute()
    Blob.update(created_at=1).execute()
    assert cleanup.sweep_orphaned_blobs() == 1
    assert cleanup.sweep_orphaned_blobs() == 0
    run_jobs(include_later=True)
    assert Blob.select().count() == 0
    assert objects("media-uploads") == []


def test_a_blob_goes_objects_first_and_row_last(
    olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    trash.purge(olga, image.id)

    def away(key: str) -> None:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "delete", away)
        run_jobs()
    assert Blob.get().state == BlobState.DELETING
    assert len(objects()) == 5
    run_jobs(include_later=True)
    assert (Blob.select().count(), objects()) == (0, [])


def test_a_live_blob_is_not_deleted(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    before = objects()
    deletion.delete_blob(blob_of(image).id)
    deletion.delete_blob("missing")
    assert objects() == before
    invariants.check()


def test_public_copies_of_nothing_go_after_an_hour(olga: Actor, two_hours_later: Later) -> None:
    image = make_active(olga)
    kept = public_objects()
    token = "f" * 32
    source = Derivative.get().object_key
    for key in keys.public_keys(token):
        storage.current().publish(source, key, content_type="image/webp")
    assert cleanup.sweep_public() == 0
    two_hours_later()
    assert cleanup.sweep_public() == 5
    assert public_objects() == kept
    assert image.public_token


def test_public_copies_that_are_just_being_made_stay(olga: Actor, two_hours_later: Later, run_jobs: RunJobs) -> None:
    make_active(olga)
    (job,) = jobs_of("publish")
    Image.update(public_token=None).execute()
    Job.update(status="running").where(Job.id == job.id).execute()
    two_hours_later()
    assert cleanup.sweep_public() == 0
    Job.update(status="completed").where(Job.id == job.id).execute()
    assert cleanup.sweep_public() == 4


def all_is_done(run_jobs: RunJobs) -> None:
    """Pictures are stored, and a sweep has had their duplicates looked for."""
    run_jobs(include_later=True)
    sweeps.sweep()
    run_jobs(include_later=True)


def test_all_sweeps_together_find_what_is_due_and_nothing_twice(
    olga: Actor, two_hours_later: Later, run_jobs: RunJobs
) -> None:
    make_active(olga)
    all_is_done(run_jobs)
    Image.update(deleted_at=1).where(Image.id == make_row(olga).id).execute()
    tickets.make_ticket(olga)
    UploadTicket.update(expires_at=db.now_ms() - 25 * db.HOUR_MS).execute()
    throttle.record("sign_in", "old")
    Attempt.update(at=db.now_ms() - 25 * db.HOUR_MS).execute()
    throttle.record("sign_in", "young")
    overwrite(keys.staging_key(), b"lost")
    two_hours_later()
    found = sweeps.sweep().found
    assert {name: count for name, count in found.items() if count} == {
        "trash": 1,
        "tickets": 1,
        "attempts": 1,
        "staging": 1,
    }
    assert not any(sweeps.sweep().found.values())
    assert [attempt.subject for attempt in Attempt.select()] == ["young"]


def test_the_sweeps_change_nothing_of_a_library_in_use(
    olga: Actor, two_hours_later: Later, run_jobs: RunJobs
) -> None:
    make_active(olga)
    make_draft(olga)
    all_is_done(run_jobs)
    two_hours_later()
    before = (objects(), public_objects())
    assert not any(sweeps.sweep().found.values())
    assert (objects(), public_objects()) == before
    invariants.check()


def test_a_sweep_that_fails_is_told_and_all_others_run(
    olga: Actor, two_hours_later: Later, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> int:
        raise Upstream("The store is away.")

    monkeypatch.setitem(sweeps.SWEEPS, "trash", sweeps.Sweep("Fails.", fails))
    tickets.make_ticket(olga)
    UploadTicket.update(expires_at=db.now_ms() - 25 * db.HOUR_MS).execute()
    swept = sweeps.sweep()
    assert swept.failed == ["trash"] and swept.trouble and "trash" in swept.trouble
    assert [*swept.found] == [name for name in sweeps.SWEEPS if name != "trash"] and swept.found["tickets"] == 1
    assert "“trash” failed" in caplog.text and "The store is away." in caplog.text
    assert sweeps.sweep(["jobs"]).trouble is None
