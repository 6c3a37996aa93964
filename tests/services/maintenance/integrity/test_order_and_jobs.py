"""Stored files are read again in turn: in which order, how much, and by which jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError
from rq.timeouts import JobTimeoutException

from pindeck import db, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import NoSpace
from pindeck.jobs import files as file_jobs
from pindeck.models import Blob, Derivative, Job
from pindeck.services.maintenance import damage, inspection, integrity
from pindeck.states import Damage
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, jobs_of, make_active, make_draft, objects, overwrite
from tests.services.maintenance.integrity.reading import DAY_MS, Clock, is_whole, read_all, stored, verbs

# In which order, and how much


def test_what_is_right_is_only_noted_as_read(olga: Actor, run_jobs: RunJobs) -> None:
    make_active(olga)
    run_jobs(include_later=True)
    before = objects()
    total = sum(row.size for row in Blob.select()) + sum(row.bytes for row in Derivative.select())
    assert read_all() == total
    assert min(row.checked_at for table in (Blob, Derivative) for row in table.select()) >= db.now_ms() - 60_000
    assert (objects(), verbs()) == (before, [])
    invariants.check()


def test_a_night_reads_its_share_and_the_longest_unread_first(database: Settings, later: Clock) -> None:
    made = []
    for number in range(56):
        made.append(stored(b"%04d" % number * 250).id)
        later(0.1)
    assert integrity.share() == 2000
    later(20)
    reader = integrity.Reader(integrity.share(), db.now_ms(), lambda: None)
    assert reader.read()
    day_ago = db.now_ms() - DAY_MS
    assert {row.id for row in Blob.select().where(Blob.checked_at > day_ago)} == set(made[:2])


def test_everything_is_read_within_thirty_days_and_missed_nights_are_caught_up_with(
    database: Settings, later: Clock
) -> None:
    """Ninety nights of a library that grows, of large files and small ones; five nights are missed in the middle."""
    for number in range(40):
        stored(b"%d" % number * (1 if number % 7 else 1000))
    ages = []
    for night in range(90):
        later(1.007)  # a night begins when a worker comes by
        if night % 3 == 0:
            stored(b"new %d" % night * 100)
        if 40 <= night < 45:
            continue
        integrity.Reader(integrity.share(), db.now_ms(), lambda: None).read()
        ages.append((db.now_ms() - (integrity.oldest_check() or 0)) / DAY_MS)
    assert max(ages[:40]) < 30 and max(ages[45:]) < 30
    assert max(ages) < 35


def test_a_library_that_was_never_read_is_read_in_some_nights_and_not_in_one(database: Settings, later: Clock) -> None:
    for number in range(28):
        stored(b"%04d" % number * 25)
    later(1000)
    assert integrity.share() == 4 * 100
    told = damage.summary()
    assert (told.overdue_bytes, told.nightly_bytes, told.oldest_check) == (2800, 400, integrity.oldest_check())
    assert told.read_by is not None and round((told.read_by - db.now_ms()) / DAY_MS) == 7
    read_all()
    assert damage.summary().read_by is None


@pytest.mark.plans
def test_the_longest_unread_are_found_by_an_index(database: Settings) -> None:
    rows = [
        dict(
            id=f"blob {number}", sha256=f"{number:064x}", size=1, bucket="", object_key=f"files/{number}", created_at=1,
            checked_at=number,
        )
        for number in range(4000)
    ]  # fmt: skip
    made = [
        dict(
            id=f"size {row['id']}", blob=row["id"], preset="small", preset_version=1, object_key=f"{row['object_key']}s",
            sha256=row["sha256"], mime="image/webp", width=1, height=1, bytes=1, created_at=1,
            checked_at=row["checked_at"],
        )
        for row in rows
    ]  # fmt: skip
    with db.writing():
        for start in range(0, len(rows), 500):
            Blob.insert_many(rows[start : start + 500]).execute()
            Derivative.insert_many(made[start : start + 500]).execute()
    db.database.execute_sql("ANALYZE")
    head = "EXPLAIN " if db.is_postgres() else "EXPLAIN QUERY PLAN "
    for table, index in ((Blob, "blob_longest_unread"), (Derivative, "derivative_longest_unread")):
        for sql in (integrity._LONGEST_UNREAD[table], integrity._OLDEST[table]):
            values = dict(until=5000, most=integrity.BATCH) if ":until" in sql else {}
            found = db.sql(head + sql, **values).fetchall()
            plan = " ".join(str(row) for row in found)
            assert index in plan and "Sort" not in plan and "TEMP B-TREE" not in plan


# Jobs


def test_a_night_is_read_in_jobs_that_follow_one_another(
    olga: Actor, database: Settings, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    monkeypatch.setattr(integrity, "SLICE_S", 0)
    many = [stored(b"%04d" % number * 10).id for number in range(5)]
    Blob.update(checked_at=1).execute()
    integrity.begin_night()
    with db.writing():
        integrity.ask(integrity.EVERYTHING)  # while a smaller one waits: one job, which reads it all
    assert len(jobs_of(queue.READ_FILES.kind)) == 1
    run_jobs()
    jobs = jobs_of(queue.READ_FILES.kind)
    assert len(jobs) == len(many) + 1 and {job.status for job in jobs} == {"completed"}
    assert not Blob.select().where(Blob.checked_at == 1).exists()


def test_a_reader_gives_way_to_other_work(
    olga: Actor, database: Settings, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    for number in range(3):
        stored(b"%d" % number)
    Blob.update(checked_at=1).execute()
    make_draft(olga)
    reader = integrity.Reader(integrity.EVERYTHING, db.now_ms(), lambda: None)
    assert not reader.read(gives_way=True)
    assert Blob.select().where(Blob.checked_at == 1).count() == 2
    Job.update(due_at=db.now_ms() - 2 * integrity.RECENT_MS).execute()  # nobody does that work
    assert reader.read(gives_way=True)


def test_a_reader_that_dies_goes_on_where_it_was(
    database: Settings, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    for number in range(4):
        stored(b"%04d" % number)
    Blob.update(checked_at=1).execute()
    looked = inspection.original
    seen: list[str] = []

    def die_at_the_third(blob: Blob, beat: inspection.Beat) -> None:
        seen.append(blob.id)
        if len(seen) == 3:
            raise KeyboardInterrupt
        looked(blob, beat)

    monkeypatch.setattr(inspection, "original", die_at_the_third)
    with db.writing():
        integrity.ask(16)
    (job,) = jobs_of(queue.READ_FILES.kind)
    Job.update(status="running").execute()
    with pytest.raises(KeyboardInterrupt):
        integrity.run(job)
    assert Job.get_by_id(job.id).payload["bytes"] == 8
    integrity.run(Job.get_by_id(job.id))
    assert len(seen) == 5 and seen[2] == seen[3]
    assert not Blob.select().where(Blob.checked_at == 1).exists()


def test_the_nightly_job_asks_once_and_looks_at_what_is_missing_at_once(
    olga: Actor, run_jobs: RunJobs, backed_up: Callable[[], Path]
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    backed_up()
    blob, size = blob_of(image), Derivative.get(Derivative.preset == "small")
    for row in (blob, size):
        storage.current().delete(row.object_key)
    file_jobs.check(Job())
    file_jobs.check(Job())
    assert len(jobs_of(queue.READ_FILES.kind)) == 1
    run_jobs()
    assert is_whole(blob) and damage.summary().originals == damage.summary().sizes == 0
    assert verbs() == ["file.differs", "file.restored", "rendition.differs"]
    run_jobs(include_later=True)
    invariants.check()


def test_a_file_that_cannot_be_read_to_the_end_is_told_and_keeps_no_other_from_being_read(
    mo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stored(b"one"), stored(b"two")
    Blob.update(checked_at=1).where(Blob.id == first.id).execute()
    looked = inspection.look

    def stumble(opened: Any, sha256: str, *more: Any) -> Any:
        if sha256 == first.sha256:
            raise JobTimeoutException("an hour was not enough")
        return looked(opened, sha256, *more)

    with monkeypatch.context() as patched:
        patched.setattr(inspection, "look", stumble)
        overwrite(second.object_key, b"bad")
        read_all()
    slow, bad = damage.list_damaged(mo)
    assert (slow.key, slow.problem, bad.key, bad.problem) == (
        first.object_key, Damage.UNREADABLE, second.object_key, Damage.DIFFERS
    )  # fmt: skip
    assert slow.note and "JobTimeoutException" in slow.note
    integrity.begin_night()
    read_all()
    assert [found.key for found in damage.list_damaged(mo)] == [second.object_key]


@pytest.mark.parametrize(
    "trouble", [OperationalError("database is locked"), NoSpace("The disk is full.")], ids=["database", "disk"]
)
def test_trouble_of_our_own_says_nothing_about_a_file(
    database: Settings, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    blob = stored(b"as it was")

    def fails(*_: Any) -> None:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(inspection, "_is_whole", fails)
        with pytest.raises(type(trouble)):
            read_all()
    left = Blob.get_by_id(blob.id)
    assert (left.damaged_at, left.checked_at) == (None, 0)
    read_all()
    assert damage.summary().originals == 0
