"""Stored files by their records: read as often as one likes, deleted with the transaction that says so."""

import hashlib
import os

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Job
from pindeck.services.files import intake, records

DATA = os.urandom(5000)


def test_jobs_read_the_bytes_as_often_as_they_like(olga: Actor) -> None:
    storage_id = intake.store(intake.owner_of(olga), DATA)
    for _ in range(2):
        with records.open(storage_id) as stream:
            assert stream.read() == DATA
    found = records.get(storage_id)
    assert found is not None and found.blob.sha256 == hashlib.sha256(DATA).hexdigest()
    assert records.get(db.new_id()) is None


def test_a_deletion_goes_with_its_transaction(olga: Actor) -> None:
    storage_id = intake.store(intake.owner_of(olga), DATA)
    with pytest.raises(RuntimeError), db.writing():
        records.delete(olga, storage_id)
        assert records.get(storage_id) is None
        raise RuntimeError("The handler fails.")
    with records.open(storage_id) as stream:
        assert stream.read() == DATA
    assert Job.select().count() == 0
    with db.writing():
        records.delete(olga, storage_id)
    assert records.get(storage_id) is None
