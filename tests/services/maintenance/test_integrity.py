"""Stored files are read again in turn; what is damaged is mended where it can be, and told where it cannot."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError
from rq.timeouts import JobTimeoutException

from pindeck import db, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Damaged, NoSpace, Unavailable, Upstream
from pindeck.jobs import files as file_jobs
from pindeck.models import Activity, Blob, Derivative, Image, Job, StoredFile
from pindeck.services import backup
from pindeck.services.blobs import blobs
from pindeck.services.derivatives import crop_urls, crops, delivery, on_demand
from pindeck.services.files import intake
from pindeck.services.images import moderation
from pindeck.services.ingest import tickets
from pindeck.services.maintenance import damage, inspection, integrity
from pindeck.states import BlobState, Damage
from pindeck.storage import keys
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, fresh, jobs_of, make_active, make_draft, new_photo, objects, overwrite, redeem

DAY_MS = db.DAY_MS
Clock = Callable[[float], None]


@pytest.fixture(autouse=True)
def second_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)


@pytest.fixture
def later(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the clock forward by so many days."""
    real, moved = db.now_ms, [0]

    def move(days: float) -> None:
        moved[0] += int(days * DAY_MS)

    monkeypatch.setattr(db, "now_ms", lambda: real() + moved[0])
    return move


@pytest.fixture
def backed_up(database: Settings, tmp_path: Path, change_settings: ChangeSettings) -> Iterator[Callable[[], Path]]:
    """Takes a backup, and makes its folder that of BACKUP_DIR."""
    folder = tmp_path / "backup"

    def take() -> Path:
        backup.backup(database, folder)
        change_settings(backup_dir=str(folder))
        return folder

    yield take


def read_all() -> int:
    """Read everything in this process; the bytes that were read."""
    for table in (Blob, Derivative):
        table.update(checked_at=0).execute()
    reader = integrity.Reader(integrity.EVERYTHING, db.now_ms(), lambda: None)
    assert reader.read()
    return integrity.EVERYTHING - reader.left


def stored(data: bytes) -> Blob:
    """A file without a picture."""
    file = StoredFile.get_by_id(intake.store(intake.Owner(), data))
    return Blob.get_by_id(file.blob_id)


def verbs() -> list[str]:
    wanted = Activity.verb.startswith("file.") | Activity.verb.startswith("rendition.")
    return [row.verb for row in Activity.select().where(wanted).order_by(Activity.id)]


def is_whole(blob: Blob) -> bool:
    return hashlib.sha256(invariants.read(blob.object_key)).hexdigest() == blob.sha256


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


# Originals


@pytest.mark.parametrize("how", ["differs", "missing"])
def test_a_damaged_original_is_set_apart_and_told(
    how: str, olga: Actor, mo: Actor, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    blob = blob_of(image)
    if how == "missing":
        storage.current().delete(blob.object_key)
    else:
        overwrite(blob.object_key, b"rotten")
    with caplog.at_level(logging.ERROR):
        read_all()
    assert blob.object_key in caplog.text and blob.sha256 in caplog.text
    (found,) = damage.list_damaged(mo)
    assert (found.problem, found.images, found.key) == (how, [image], blob.object_key)
    assert found.note == "BACKUP_DIR is not set, so nothing was restored."
    assert (how == "missing") or invariants.read(blob.object_key) == b"rotten"  # kept: it may be mended by hand
    for refused in (None, "full"):
        with pytest.raises(Damaged) as caught:
            delivery.picture(olga, image.id, refused)
        assert (caught.value.code, caught.value.status) == ("FILE_DAMAGED", 503)
    with pytest.raises(Damaged):
        delivery.of_file(StoredFile.select(StoredFile, Blob).join(Blob).get())
    assert delivery.picture(olga, image.id, "medium").size > 0
    read_all()
    assert Blob.get_by_id(blob.id).damaged_at == found.since and verbs() == ["file.differs"]


def test_what_would_need_the_damaged_bytes_is_refused(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    overwrite(blob_of(image).object_key, b"rotten")
    read_all()
    assert delivery.picture(olga, image.id, "sm").size > 0  # from a size that is whole
    Derivative.delete().where(Derivative.preset == "large").execute()
    for ask in (
        lambda: delivery.picture(olga, image.id, "large"),
        lambda: crops.crop(olga, image.id, crop_urls.Wish(width=20, height=20, format="webp")),
    ):
        with pytest.raises(Damaged):
            ask()


def test_an_original_that_was_put_back_by_hand_is_whole_again(olga: Actor, later: Clock) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    overwrite(blob.object_key, b"as it was")
    later(1)
    integrity.begin_night()
    assert integrity.Reader(0, db.now_ms(), lambda: None).read()
    assert Blob.get_by_id(blob.id).damaged_at is None and verbs() == ["file.differs", "file.whole"]


def test_one_wrong_read_is_no_verdict(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stored(b"right")
    reads = [b"wrong", b"right"]
    monkeypatch.setattr(storage.current(), "open", lambda key: BytesIO(reads.pop(0)))
    inspection.original(blob, lambda: None)
    assert (reads, verbs(), Blob.get_by_id(blob.id).damaged_at) == ([], [], None)


def test_a_store_that_is_away_is_no_damage(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stored(b"right")

    def away(*_: Any) -> Any:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "open", away)
        patched.setattr(storage.current(), "check", away)
        with pytest.raises(Upstream):
            read_all()
    assert (Blob.get_by_id(blob.id).damaged_at, Blob.get_by_id(blob.id).checked_at) == (None, 0)
    assert verbs() == []


def test_one_file_that_cannot_be_read_is_told_and_stays_on_offer(
    database: Settings, mo: Actor, monkeypatch: pytest.MonkeyPatch, backed_up: Callable[[], Path]
) -> None:
    blob, other = stored(b"right"), stored(b"other")
    backed_up()
    opened = storage.current().open

    def bad_sector(key: str, *range_: Any) -> Any:
        if key == blob.object_key:
            raise Upstream("The file store cannot be used: Input/output error.")
        return opened(key, *range_)

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "open", bad_sector)
        read_all()
    (found,) = damage.list_damaged(mo)
    assert (found.problem, found.key) == ("unreadable", blob.object_key)
    assert Blob.get_by_id(other.id).damaged_at is None
    file = StoredFile.select(StoredFile, Blob).join(Blob).where(StoredFile.blob == blob.id).get()
    assert delivery.of_file(file).sha256 == blob.sha256
    read_all()
    assert damage.list_damaged(mo) == []


def test_a_store_that_is_empty_all_at_once_has_lost_nothing(database: Settings) -> None:
    """Such as a folder whose disk is not mounted."""
    for number in range(inspection.OTHERS + 1):
        stored(b"%d" % number)
    for key in objects():
        storage.current().delete(key)
    with pytest.raises(Upstream, match="mounted"):
        read_all()
    assert damage.summary().originals == 0


def test_an_object_that_moves_or_goes_while_it_is_read_is_not_damaged(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_draft(olga, new_photo())
    going = stored(b"going")
    looked = inspection.look

    def move_first(*args: Any) -> Any:
        run_jobs(include_later=True)  # files the picture away and removes the staged object
        Blob.update(state=BlobState.DELETING).where(Blob.id == going.id).execute()
        storage.current().delete(going.object_key)
        return looked(*args)

    monkeypatch.setattr(inspection, "look", move_first)
    for blob in list(Blob.select()):
        inspection.original(blob, lambda: None)
    assert verbs() == [] and damage.summary().originals == 0


def test_bytes_that_were_healed_while_they_were_read_are_not_called_damaged_again(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    looked = inspection.look

    def heal_afterwards(*args: Any) -> Any:
        found = looked(*args)
        stored(b"as it was")
        return found

    monkeypatch.setattr(inspection, "look", heal_afterwards)
    inspection.original(Blob.get_by_id(blob.id), lambda: None)
    assert Blob.get_by_id(blob.id).damaged_at is None and is_whole(blob)


# From the backup


def test_a_damaged_original_is_restored_from_the_backup(
    olga: Actor, run_jobs: RunJobs, backed_up: Callable[[], Path]
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    backed_up()
    blob = blob_of(image)
    overwrite(blob.object_key, b"rotten")
    read_all()
    assert is_whole(blob) and verbs() == ["file.differs", "file.restored"]
    assert delivery.picture(olga, image.id, None).sha256 == blob.sha256
    invariants.check()


@pytest.mark.parametrize("copy", ["missing", "damaged", "short"])
def test_a_copy_that_is_not_whole_restores_nothing(
    copy: str, olga: Actor, mo: Actor, backed_up: Callable[[], Path]
) -> None:
    blob = stored(b"as it was")
    path = backed_up() / "objects" / blob.sha256[:2] / blob.sha256
    if copy == "missing":
        path.unlink()
    else:
        path.write_bytes(b"AS IT WAS" if copy == "damaged" else b"as")
    overwrite(blob.object_key, b"rotten")
    read_all()
    (found,) = damage.list_damaged(mo)
    assert found.note == (
        "The backup in BACKUP_DIR has no copy of it." if copy == "missing" else "The copy in BACKUP_DIR is damaged too."
    )
    assert invariants.read(blob.object_key) == b"rotten"


def test_a_backup_taken_later_keeps_the_whole_copy_and_a_restore_forgets_the_damage(
    olga: Actor, database: Settings, backed_up: Callable[[], Path], change_settings: ChangeSettings
) -> None:
    blob = stored(b"as it was")
    folder = backed_up()
    change_settings(backup_dir="")
    overwrite(blob.object_key, b"rotten")
    read_all()
    backed_up()
    assert (folder / "objects" / blob.sha256[:2] / blob.sha256).read_bytes() == b"as it was"
    assert Blob.get_by_id(blob.id).damaged_at is not None


# Equal bytes


def test_sending_the_same_file_again_heals_it(olga: Actor, mo: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    image = make_active(olga, data)
    run_jobs(include_later=True)
    blob = blob_of(image)
    overwrite(blob.object_key, b"rotten")
    read_all()
    again = make_draft(sam, data)
    assert blob_of(again).id == blob.id and is_whole(blob)
    assert damage.list_damaged(mo) == [] and delivery.picture(olga, image.id, None).sha256 == blob.sha256
    run_jobs(include_later=True)
    read_all()
    assert verbs() == ["file.differs", "file.healed"] and not objects(keys.STAGING_PREFIX)
    invariants.check()


def test_every_way_in_heals(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    blob = stored(data)

    def by_ticket(purpose: str) -> None:
        redeem(tickets.make_ticket(olga, purpose=purpose), BytesIO(data), filename="again.jpg")

    for send in (lambda: stored(data), lambda: by_ticket("image"), lambda: by_ticket("file")):
        overwrite(blob.object_key, b"rotten")
        read_all()
        assert Blob.get_by_id(blob.id).damaged_at is not None
        send()
        assert is_whole(blob) and Blob.get_by_id(blob.id).damaged_at is None
    assert Blob.select().count() == 1 and not objects(keys.STAGING_PREFIX)


def test_a_damaged_file_that_comes_alive_in_the_last_moment_is_healed_too(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    looked, looks = blobs.live, []

    def not_at_first(sha256: str) -> Blob | None:
        looks.append(sha256)
        return None if len(looks) == 1 else looked(sha256)

    monkeypatch.setattr(intake, "_is_stored", lambda sha256: False)
    monkeypatch.setattr(blobs, "live", not_at_first)
    assert stored(b"as it was").id == blob.id
    assert is_whole(blob) and Blob.get_by_id(blob.id).damaged_at is None
    assert Blob.select().count() == 1 and not objects(keys.STAGING_PREFIX)


def test_where_the_store_is_away_no_upload_points_to_damaged_bytes(
    olga: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = new_photo()
    blob = blob_of(make_active(olga, data))
    run_jobs(include_later=True)
    blob = Blob.get_by_id(blob.id)
    overwrite(blob.object_key, b"rotten")
    read_all()

    def away(*_: Any) -> None:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "copy", away)
        with pytest.raises(Upstream):
            make_draft(sam, data)
    assert Image.select().where(Image.user == sam.user_id).count() == 0 and not objects(keys.STAGING_PREFIX)


# Sizes and public copies


@pytest.mark.parametrize("how", ["differs", "missing"])
def test_a_damaged_size_is_made_again_and_published_again(how: str, olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(size=(900, 700)))
    run_jobs(include_later=True)
    token = fresh(image).public_token
    for preset in ("small", "large"):
        row = Derivative.get(Derivative.preset == preset)
        public_key = keys.public_key(str(token), preset)
        if how == "missing":
            storage.current().delete(row.object_key)
        else:
            overwrite(row.object_key, b"rotten")
            storage.current().publish(row.object_key, public_key, content_type="image/webp")
    read_all()
    for preset in ("small", "large"):
        row = Derivative.get(Derivative.preset == preset)
        with storage.current().open_public(keys.public_key(str(token), preset)) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == row.sha256
        assert hashlib.sha256(invariants.read(row.object_key)).hexdigest() == row.sha256
        assert row.damaged_at is None
    assert fresh(image).public_token == token
    run_jobs(include_later=True)
    invariants.check()


def test_a_public_copy_that_is_damaged_or_gone_is_put_again(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    token = str(fresh(image).public_token)
    rows = {row.preset: row for row in Derivative.select()}
    overwrite("media-uploads/other", b"rotten")
    storage.current().publish("media-uploads/other", keys.public_key(token, "small"), content_type="image/webp")
    storage.current().delete("media-uploads/other")
    storage.current().unpublish(keys.public_key(token, "large"))
    read_all()
    for preset in keys.PUBLIC_PRESETS:
        with storage.current().open_public(keys.public_key(token, preset)) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == rows[preset].sha256
    assert verbs() == []


def test_a_picture_that_is_hidden_meanwhile_does_not_become_public_again(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    token = str(fresh(image).public_token)
    storage.current().unpublish(keys.public_key(token, "small"))
    published = storage.current().publish

    def hide_first(*args: Any, **more: Any) -> None:
        moderation.update(olga, image.id, {}, visibility="private")
        published(*args, **more)

    monkeypatch.setattr(storage.current(), "publish", hide_first)
    read_all()
    assert list(storage.current().list_public()) == []


def test_a_damaged_size_of_a_damaged_original_is_not_sent_and_made_when_that_is_healed(
    olga: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    data = new_photo()
    image = make_active(olga, data)
    run_jobs(include_later=True)
    blob, row = blob_of(image), Derivative.get(Derivative.preset == "medium")
    for key in (blob.object_key, row.object_key):
        overwrite(key, b"rotten")
    read_all()
    assert [found.preset for found in damage.list_damaged(mo)] == [None, "medium"]
    with pytest.raises(Unavailable):
        delivery.picture(olga, image.id, "medium")
    stored(data)
    integrity.begin_night()
    run_jobs(include_later=True)
    assert damage.list_damaged(mo) == [] and delivery.picture(olga, image.id, "medium").size > 0
    invariants.check()


def test_a_size_is_not_drawn_from_a_damaged_one(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(size=(900, 700)))
    run_jobs(include_later=True)
    right = on_demand.make(blob_of(image).id, "sm", (900, 700))
    Derivative.delete().where(Derivative.id == right.id).execute()
    overwrite(Derivative.get(Derivative.preset == "medium").object_key, b"rotten")
    made = on_demand.make(blob_of(image).id, "sm", (900, 700))
    assert (made.width, made.height) == (right.width, right.height)


def test_no_sizes_are_made_of_bytes_that_are_known_to_be_wrong(olga: Actor, run_jobs: RunJobs) -> None:
    """They may still be a picture, and its sizes would stay when the original is mended."""
    image, right = make_draft(olga), new_photo()
    blob = blob_of(image)
    overwrite(blob.object_key, right)
    inspection.original(blob, lambda: None)
    run_jobs(include_later=True)
    after = Image.get_by_id(image.seq)
    assert (after.persist_status, Derivative.select().count()) == ("failed", 0)
    assert "damaged" in after.persist_error
