"""Store and database side by side: what no row names and what is gone is found and reported, and nothing is touched."""

import logging
from collections.abc import Callable, Iterator

import pytest

from pindeck import db, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.jobs import files as file_jobs
from pindeck.models import Activity, Blob, Crop, Derivative, Job, StoredFile
from pindeck.services.blobs import deletion
from pindeck.services.maintenance import consistency
from pindeck.states import BlobState
from pindeck.storage import keys
from pindeck.storage.base import ObjectInfo
from tests.conftest import RunJobs
from tests.factories import blob_of, make_active, make_draft, new_photo, objects, overwrite

Later = Callable[[], None]

LOST = "media-uploads/2026/01_01/original/lost-0123456789abcdef.jpg"


@pytest.fixture
def two_days_later(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Later:
    """Moves the clock: when an object came to lie in the store cannot be written over."""
    now = db.now_ms
    return lambda: monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.DAY_MS)


def counts(found: consistency.Found) -> tuple[int, int, int]:
    return found.unnamed, found.originals, found.renditions


def test_a_library_in_use_agrees_with_its_store(olga: Actor, run_jobs: RunJobs, two_days_later: Later) -> None:
    make_active(olga)
    make_draft(olga)
    run_jobs(include_later=True)
    make_draft(olga, new_photo())  # still staged
    two_days_later()
    before = objects()
    found = consistency.compare()
    assert (counts(found), found.objects, found.since) == ((0, 0, 0), len(before), None)
    assert found.complete and objects() == before


def test_an_empty_store_and_an_empty_database_agree(database: Settings) -> None:
    assert counts(consistency.compare()) == (0, 0, 0)


def test_an_object_that_no_row_names_is_reported_after_a_day_and_stays(
    olga: Actor, two_days_later: Later, caplog: pytest.LogCaptureFixture
) -> None:
    for key in (LOST, keys.general_key("ab" * 32)):
        overwrite(key, b"lost")
    assert counts(consistency.compare()) == (0, 0, 0)
    two_days_later()
    with caplog.at_level(logging.WARNING):
        found = consistency.compare()
    assert (counts(found), found.keys) == ((2, 0, 0), sorted([LOST, keys.general_key("ab" * 32)]))
    assert LOST in caplog.text
    assert len(objects()) == 2


def test_what_the_sweeps_clear_away_by_themselves_is_not_reported(database: Settings, two_days_later: Later) -> None:
    for key in (keys.staging_key(), keys.crop_key()):
        overwrite(key, b"left over")
    two_days_later()
    assert counts(consistency.compare()) == (0, 0, 0)


def test_a_replaced_object_that_waits_for_its_job_is_not_reported(database: Settings, two_days_later: Later) -> None:
    overwrite(LOST, b"replaced")
    queue.enqueue(queue.DELETE_OBJECTS, payload={"object": LOST})
    two_days_later()
    assert counts(consistency.compare()) == (0, 0, 0)
    Job.update(status="failed").execute()
    assert counts(consistency.compare()) == (1, 0, 0)


def test_rows_whose_object_is_gone_are_reported_with_their_digest(
    olga: Actor, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture
) -> None:
    blob = blob_of(make_active(olga))
    run_jobs(include_later=True)
    blob, rendition = Blob.get_by_id(blob.id), Derivative.select().first()
    for row in (blob, rendition):
        storage.current().delete(row.object_key)
    with caplog.at_level(logging.WARNING):
        found = consistency.compare()
    assert (counts(found), found.missing) == ((0, 1, 1), 2)
    assert set(found.keys) == {blob.object_key, rendition.object_key}
    assert blob.object_key in caplog.text and blob.sha256 in caplog.text
    assert (Blob.select().count(), Derivative.select().where(Derivative.id == rendition.id).count()) == (1, 1)


def test_a_crop_that_is_gone_is_reported(olga: Actor, run_jobs: RunJobs) -> None:
    blob = blob_of(make_active(olga))
    run_jobs(include_later=True)
    Crop.create(
        id=db.new_id(), blob=blob.id, variant="x", object_key=keys.crop_key(), sha256="0" * 64, mime="image/webp",
        width=1, height=1, bytes=1, created_at=1, used_at=1,
    )  # fmt: skip
    assert counts(consistency.compare()) == (0, 0, 1)


def test_a_blob_that_is_being_deleted_is_not_missed(olga: Actor, run_jobs: RunJobs) -> None:
    blob = blob_of(make_active(olga))
    run_jobs(include_later=True)
    Blob.update(state=BlobState.DELETING).execute()
    for key in objects():
        storage.current().delete(key)
    assert counts(consistency.compare()) == (0, 0, 0)
    Blob.update(state=BlobState.LIVE).where(Blob.id == blob.id).execute()
    assert counts(consistency.compare())[1] == 1


def test_what_changes_while_it_compares_is_no_difference(
    olga: Actor, run_jobs: RunJobs, two_days_later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The objects are listed, then a picture is filed away and another is deleted, then the rows are read."""
    make_draft(olga, new_photo())
    image = make_active(olga)
    gone = blob_of(image)
    run_jobs(include_later=True)
    make_draft(olga, new_photo())
    two_days_later()
    listed = list(storage.current().list(""))

    def list_first(prefix: str) -> Iterator[ObjectInfo]:
        run_jobs(include_later=True)
        Blob.update(state=BlobState.DELETING).where(Blob.id == gone.id).execute()
        deletion.delete_blob(gone.id)
        return iter(listed)

    monkeypatch.setattr(storage.current(), "list", list_first)
    image.delete_instance()
    StoredFile.delete().where(StoredFile.blob == gone.id).execute()
    assert counts(consistency.compare()) == (0, 0, 0)


def test_many_pages_are_compared_in_the_order_of_the_store(
    olga: Actor, two_days_later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys in an order that a language would choose otherwise: capitals, hyphens and underscores."""
    monkeypatch.setattr(consistency, "PAGE", 3)
    monkeypatch.setattr(consistency, "_is_live", lambda key, table: pytest.fail(f"{key} was taken for missing"))
    monkeypatch.setattr(consistency, "_still_unnamed", lambda found: found)
    for number, name in enumerate(("B", "a", "_a", "-a", "A-b", "A_b", "Ab", "ab", "a0", "A0")):
        key = f"media-uploads/{name}.jpg"
        overwrite(key, b"1")
        Blob.create(
            id=db.new_id(), sha256=f"{number:064x}", size=1, bucket="", object_key=key, state="live", created_at=1
        )
    two_days_later()
    found = consistency.compare()
    assert (found.objects, counts(found)) == (10, (0, 0, 0))


def test_it_stops_when_nearly_everything_differs(
    database: Settings, two_days_later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistency, "MOST", 3)
    monkeypatch.setattr(consistency, "BATCH", 3)
    for number in range(5):
        overwrite(f"media-uploads/{number}.jpg", b"1")
    two_days_later()
    found = consistency.compare()
    assert (found.unnamed, found.complete) == (3, False)


def test_many_deletions_at_once_do_not_end_the_comparison(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "MOST", 2)
    for number, state in enumerate(("deleting", "deleting", "deleting", "live")):
        Blob.create(
            id=db.new_id(), sha256=f"{number:064x}", size=1, bucket="", object_key=f"files/{number}", state=state,
            created_at=1,
        )  # fmt: skip
    found = consistency.compare()
    assert (counts(found), found.keys, found.complete) == ((0, 1, 0), ["files/3"], True)


def test_the_first_time_something_differed_is_kept(database: Settings, two_days_later: Later) -> None:
    overwrite(LOST, b"lost")
    two_days_later()
    first = consistency.compare().since
    assert first is not None
    assert consistency.compare().since == first
    storage.current().delete(LOST)
    assert consistency.compare().since is None
    found = consistency.last()
    assert found is not None and found[1].since is None
    assert Activity.select().where(Activity.verb == consistency.VERB).count() == 3


def test_the_nightly_check_of_files_compares_as_well(database: Settings) -> None:
    file_jobs.check(Job())
    assert consistency.last() is not None
