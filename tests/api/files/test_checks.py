"""Files that changed behind our back, and results that nobody claims."""

import os

import pytest

from pindeck import db, queue
from pindeck.jobs import files as file_jobs
from pindeck.models import Activity, Blob, Job
from pindeck.services.maintenance import inspection, integrity
from tests.api.storing import API, hex_of, store
from tests.conftest import run_due_jobs
from tests.factories import jobs_of, overwrite
from tests.programs import Program, refused

DATA = os.urandom(5000)


@pytest.fixture
def environ() -> dict[str, str]:
    return {"WEB_THREADS": "24"}


# Reports and reading again


def test_what_has_changed_behind_our_back_is_reported_and_refused(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)
    storage_id = store(program, DATA)
    good_id = store(program, b"good")
    address = program.get(f"{API}/{storage_id}/url").json["url"]
    key = Blob.get(Blob.sha256 == hex_of(DATA)).object_key
    overwrite(key, b"rotten")
    assert program.get(address).status_code == 200  # nobody has looked yet
    Blob.update(checked_at=0).execute()
    file_jobs.check(Job())
    run_due_jobs()
    event = Activity.get(Activity.verb == "file.differs")
    assert event.detail["key"] == key and event.detail["found"] == hex_of(b"rotten")
    refused(program.get(f"{API}/{storage_id}/content"), 503, "FILE_DAMAGED")
    for answer in (program.get(f"{API}/{storage_id}/content"), program.get(address)):
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "3600"
        assert not {"ETag", "Digest", "Repr-Digest"} & set(answer.headers.keys())
    assert program.get(f"{API}/{good_id}/content").data == b"good"
    assert program.get(f"{API}/{storage_id}").status_code == 200  # its record is there
    assert store(program, DATA) != storage_id
    assert program.get(f"{API}/{storage_id}/content").data == program.get(address).data == DATA


def test_the_check_is_asked_for_once_a_day(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [integrity.ask_nightly(), integrity.ask_nightly()] == [1, 0]
    run_due_jobs()
    assert integrity.ask_nightly() == 0
    assert [job.status for job in jobs_of(queue.CHECK_FILES.kind)] == ["completed"]
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + integrity.EVERY_MS + 1)
    assert integrity.ask_nightly() == 1
