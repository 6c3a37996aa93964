"""Files on their way in, where something goes wrong: they are there whole or not at all."""

import os
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Blob, StoredFile
from pindeck.services.files import intake, records
from pindeck.services.maintenance import cleanup
from tests.conftest import RunJobs
from tests.factories import objects

DATA = os.urandom(5000)


def test_bytes_deleted_between_the_look_and_the_record_are_written_again(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = intake.owner_of(olga)
    first = intake.store(owner, DATA)
    known = intake._is_stored
    looks = []

    def delete_after_the_look(sha256: str) -> bool:
        found = known(sha256)
        if not looks:
            records.delete_many(Actor(role="admin", user_id="x"), [first])
            run_jobs()
        looks.append(found)
        return found

    monkeypatch.setattr(intake, "_is_stored", delete_after_the_look)
    second = intake.store(owner, DATA)
    assert looks == [True, False]
    with records.open(second) as stream:
        assert stream.read() == DATA
    assert len(objects()) == 1


def test_a_crash_between_the_object_and_its_record_is_swept(
    run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_settle", _die)
    monkeypatch.setattr(intake, "_give_back", lambda room: None)
    with pytest.raises(KeyboardInterrupt):
        intake.store(intake.Owner(), DATA)
    assert len(objects("files/")) == 1 and StoredFile.select().count() == 0
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.HOUR_MS)
    cleanup.sweep_orphaned_blobs()
    cleanup.sweep_staging()
    run_jobs(include_later=True)
    assert (StoredFile.select().count(), Blob.select().count(), objects()) == (0, 0, [])


def _die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_result_that_is_never_recorded_is_swept_and_a_claimed_one_stays(
    olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    owner = intake.owner_of(olga)
    lost, kept = (intake.store(owner, data, to_be_claimed=True) for data in (b"lost", b"kept"))
    with db.writing():
        assert records.claim(kept)
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 25 * db.HOUR_MS)
    cleanup.sweep_unclaimed()
    run_jobs(include_later=True)
    assert records.get(lost) is None and records.get(kept) is not None
    assert len(objects()) == 1 and not records.claim(lost)
