"""Backups that are taken while people and jobs work."""

import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from pindeck import db, jobs
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Conflict
from pindeck.models import Image, Job
from pindeck.services import backup as backups
from pindeck.services import jobs as work_services
from pindeck.services.backup import take
from pindeck.services.images import publishing, trash
from pindeck.services.ingest import uploads
from pindeck.states import JobStatus, PersistStatus
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import blob_of, fresh, make_active, make_draft, new_photo
from tests.services.backup.library import OTHER, PlaceOn, enter

# While the application works


def test_bytes_that_a_job_files_away_meanwhile_are_found(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_draft(olga, title="Being stored")
    original = take.write_rows

    def then_file_it(*words: Any) -> Any:
        manifest = original(*words)
        run_due_jobs(include_later=True)
        return manifest

    monkeypatch.setattr(take, "copy_present", lambda *_: None)
    monkeypatch.setattr(take, "write_rows", then_file_it)
    report = backups.backup(library, folder)
    assert report.faults == ()
    backups.restore(enter(place_on(engine)), folder)
    assert blob_of(image).object_key.startswith("staging/"), "the rows are those of their moment"
    run_due_jobs()
    assert fresh(image).persist_status == PersistStatus.SUCCEEDED
    invariants.check()


def test_what_is_purged_meanwhile_does_not_come_back(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga, title="Purged meanwhile")
    trash.trash(olga, image.id)
    original = take.write_rows

    def then_purge_it(*words: Any) -> Any:
        manifest = original(*words)
        trash.purge(olga, image.id)
        run_due_jobs()
        return manifest

    monkeypatch.setattr(take, "copy_present", lambda *_: None)
    monkeypatch.setattr(take, "write_rows", then_purge_it)
    report = backups.backup(library, folder)
    assert (report.damage, {fault.problem for fault in report.faults}) == ([], {"gone"})
    restored = backups.restore(enter(place_on(engine)), folder)
    assert restored.damage == []
    assert Image.get_or_none(Image.id == image.id) is None
    run_due_jobs()
    invariants.check()


def test_a_backup_taken_while_people_work_restores_to_a_sound_library(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor, sam: Actor
) -> None:
    stop, errors = threading.Event(), []

    def work(number: int) -> None:
        actor, mine = (olga, sam)[number], []
        while not stop.is_set():
            try:
                image = uploads.accept(actor, BytesIO(new_photo()), f"{number}.jpg").image
                mine.append(image.id)
                publishing.publish(actor, image.id)
                if len(mine) > 2:
                    first = mine.pop(0)
                    trash.trash(actor, first)
                    trash.purge(actor, first)
            except (Conflict, OperationalError):
                pass  # somebody was first, or two transactions waited for each other: a person tries again
            except Exception as error:  # the test looks at it
                errors.append(error)
        db.close()

    def serve() -> None:
        while not stop.is_set():
            for job in list(Job.select().where((Job.status == JobStatus.QUEUED) & (Job.due_at <= db.now_ms()))):
                jobs.run(job.id)
        db.close()

    threads = [threading.Thread(target=work, args=(0,)), threading.Thread(target=work, args=(1,))]
    threads.append(threading.Thread(target=serve))
    for thread in threads:
        thread.start()
    try:
        reports = [backups.backup(library, folder) for _ in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert errors == []
    assert [report.damage for report in reports] == [[], [], []]
    restored = backups.restore(enter(place_on(OTHER[engine])), folder, verify=True)
    assert restored.damage == []
    invariants.check()
    Job.update(lease_until=0).where(Job.status == JobStatus.RUNNING).execute()
    work_services.reclaim(lambda job, message: None)
    run_due_jobs(include_later=True)
    invariants.check()
    assert not Image.select().where(Image.persist_status != PersistStatus.SUCCEEDED).exists()
