"""A backup brings everything back, on either engine, whatever happens while it is taken."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from pindeck import db, jobs, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.db import migrate, migrate_down
from pindeck.errors import Conflict, Invalid, NotFound, PindeckError, Upstream
from pindeck.models import Derivative, Image, Job, Project, Session, UploadTicket
from pindeck.services import backup as backups
from pindeck.services import jobs as work_services
from pindeck.services.backup import archive as archives
from pindeck.services.backup import load, objects, rows, take
from pindeck.services.clients import api_keys
from pindeck.services.images import detail, ledger, moderation, publishing, trash
from pindeck.services.ingest import uploads
from pindeck.services.library import filters, gallery
from pindeck.states import ImageStatus, JobStatus, PersistStatus
from tests import invariants
from tests.conftest import load_settings, run_due_jobs
from tests.factories import blob_of, fresh, make_active, make_draft, make_row, new_photo, overwrite, public_objects

OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


# A library, and a place to restore it to


def fill(olga: Actor, sam: Actor, mo: Actor) -> None:
    """Something of everything that people make."""
    # Large enough that no two sizes are the same bytes.
    large = new_photo(colour=(20, 90, 200), size=(1400, 900))
    first = make_active(olga, large, title="Neon alley", tags=["night", "rain"], project="Nocturne")
    twin = make_active(sam, title="Straße im Regen", description="mit „Zeichen“ und\nZeilen", tags=["night"])
    private = make_active(olga, title="Private harbour")
    moderation.update(olga, private.id, {}, visibility="private")
    make_draft(sam, name="draft.jpg", title="Waiting draft")
    equal = new_photo()
    make_active(olga, equal, title="Equal one")
    make_active(sam, equal, title="Equal two")
    run_due_jobs()
    gone = make_active(olga, title="Trashed")
    trash.trash(olga, gone.id)
    purged = make_active(olga, title="Purged")
    trash.trash(olga, purged.id)
    trash.purge(olga, purged.id)
    detail.toggle_like(sam, first.id)
    detail.toggle_like(mo, first.id)
    ledger.write(first.id, {"title": "Neon alley, wide", "group": "Film"}, ledger.person(sam))
    api_keys.create(api_keys.NewClient("project", name="Site", project="library"))
    now = db.now_ms()

    def insert(table: str, **values: object) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        named = ", ".join(f":{name}" for name in values)
        db.sql(f'INSERT INTO "{table}" ({names}) VALUES ({named})', **values)

    project = Project.get(Project.name == "Nocturne").id
    insert("flow", id="flow-1", project_id=project, created_at=now, updated_at=now)
    insert(
        "alias", id="alias-1", project_id=project, name="Hero", name_key="hero", image_id=first.id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    insert(
        "generation", id="gen-1", project_id=project, flow_id="flow-1", user_id=sam.user_id, status="done",
        params='{"a": [1, null, "é"]}', inputs=f'["{first.id}"]', output_image_id=twin.id, created_at=now, updated_at=now,
    )  # fmt: skip
    insert("generation_input", generation_id="gen-1", image_id=first.id)
    insert("idempotency", id="once", request_hash="h", status=None, body=None, created_at=now)
    insert("attempt", kind="sign-in", subject="x", at=now)
    UploadTicket.create(
        id="t", token_hash="h", user=sam.user_id, purpose="file", max_bytes=10, created_at=now, expires_at=now + 10**9
    )
    # An image may name one that came later.
    Image.update(parent_id=twin.id, focal_x=0.1, focal_y=1 / 3, flow_id="flow-1").where(
        Image.id == first.id
    ).execute()


@pytest.fixture
def library(database: Settings, olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> Settings:
    fill(olga, sam, mo)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def enter(settings: Settings) -> Settings:
    """Services speak to that installation from now on."""
    db.close()
    db.bind(db.make(settings))
    storage.bind(storage.from_settings(settings))
    db.connect()
    return settings


PlaceOn = Callable[[str], Settings]


@pytest.fixture
def place_on(database: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PlaceOn]:
    """`place_on(engine)` is an installation where nothing is, not even a schema."""
    before, names = db.database.obj, []

    def make(engine: str) -> Settings:
        home = tmp_path / f"new-{len(names)}"
        names.append("")
        if engine == "sqlite":
            return load_settings(home)
        names[-1] = f"restored_{os.getpid()}_{db.new_token()[:8]}"
        return load_settings(home, DATABASE_URL=request.getfixturevalue("postgres").create_database(names[-1]))

    yield make
    db.close()
    db.bind(before)
    for name in filter(None, names):
        request.getfixturevalue("postgres").drop_database(name)


# What is compared


def everything() -> dict[str, list[rows.Row]]:
    """Every row that travels."""
    return {
        table.name: sorted(rows.read(table), key=lambda row: [str(row[name]) for name in table.key])
        for table in rows.tables()
    }


def contents() -> dict[str, str]:
    """The SHA-256 of the bytes of every object that a row names, by key."""
    tables = [table.name for table in rows.tables()]
    keys_of = [one.key for one in objects.listed(rows.reader(), tables)]
    return {key: hashlib.sha256(invariants.read(key)).hexdigest() for key in keys_of}


def counted() -> list[tuple[object, ...]]:
    sql = "SELECT project_id, kind, n FROM project_count WHERE n > 0 ORDER BY 1, 2"
    return [tuple(row) for row in db.database.execute_sql(sql).fetchall()]


def searched(actor: Actor) -> list[list[str]]:
    words = ("night", "strasse", "neon wide", "nocturne", "film", "equal", "purged", "private")
    return [[image.id for image in gallery.list_page(actor, filters.wanted(q=word)).images] for word in words]


def public_bytes() -> dict[str, bytes]:
    found = {}
    for key in public_objects():
        with storage.current().open_public(key) as stream:
            found[key] = stream.read()
    return found


# Everything comes back


@pytest.mark.parametrize("other", [False, True], ids=["same engine", "other engine"])
def test_everything_comes_back(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor, other: bool
) -> None:
    rows_before, bytes_before, public_before = everything(), contents(), public_bytes()
    counts_before, searched_before = counted(), searched(olga)
    assert sum(map(len, searched_before)) >= 8
    report = backups.backup(library, folder, verify=True)
    assert (report.faults, report.objects) == ((), len(bytes_before))
    assert everything() == rows_before, "a backup changes nothing"
    place = enter(place_on(OTHER[engine] if other else engine))
    restored = backups.restore(place, folder, verify=True)
    assert (restored.faults, restored.objects, restored.copied) == ((), len(bytes_before), len(bytes_before))
    assert restored.tables == {name: len(found) for name, found in rows_before.items()}
    assert contents() == bytes_before
    assert (counted(), searched(olga)) == (counts_before, searched_before)
    rows_after = everything()
    jobs_before, jobs_after = rows_before.pop("job"), rows_after.pop("job")
    images_before, images_after = rows_before.pop("image"), rows_after.pop("image")
    assert rows_after == rows_before
    assert images_after == [image | {"public_token": None} for image in images_before]
    assert [job for job in jobs_after if job in jobs_before] == jobs_before
    assert {job["kind"] for job in jobs_after if job not in jobs_before} == {"publish"}
    assert public_objects() == []
    run_due_jobs()
    assert public_bytes() == public_before, "public copies come back under the addresses they had"
    assert everything()["image"] == images_before
    invariants.check()


def test_what_is_made_after_a_restore_is_new(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    backups.backup(library, folder)
    known = {image.seq for image in Image.select()}
    backups.restore(enter(place_on(OTHER[engine])), folder)
    run_due_jobs()
    image = make_active(olga, title="Afterwards")
    assert image.seq not in known
    assert searched(olga)[0]
    invariants.check()


def test_every_table_travels_or_has_a_reason_not_to(database: Settings) -> None:
    named = set(db.database.get_tables())
    if not db.is_postgres():
        named = {name for name in named if not name.startswith(("sqlite_", "image_search_"))}
    assert {table.name for table in rows.tables()} | set(rows.LEFT_BEHIND) == named
    holders = {table.name for table in rows.tables() if any("object_key" in column for column in table.columns)}
    assert holders == {"blob", *objects.MADE_OF_BLOBS}, "the objects of another table would be forgotten"


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    before = everything()
    backups.backup(library, folder)
    place = enter(place_on(engine))
    migrate.migrate(place)
    migrate_down.migrate_down(place, take.known_schema()[1])
    older = {table.name: table.columns for table in rows.tables()}
    manifest = json.loads((folder / "manifest.json").read_text())
    change_manifest(
        folder,
        schema=list(take.known_schema()[:1]),
        tables={name: told for name, told in manifest["tables"].items() if name in older},
    )
    for name, columns in older.items():
        change_rows(
            folder, name, lambda row, kept=columns: [row.pop(other) for other in set(row) - set(kept)], every=True
        )
    backups.restore(enter(place_on(OTHER[engine])), folder)
    assert not migrate.pending()
    after = everything()
    for name in ("user", "field_event", "stored_file", "upload_ticket", "blob"):
        known = older[name]  # a newer column begins empty
        assert [{c: row[c] for c in known} for row in after[name]] == [{c: row[c] for c in known} for row in before[name]]
    assert searched(olga)[0]
    run_due_jobs()
    invariants.check()


def test_many_rows_are_read_in_batches(
    database: Settings, folder: Path, place_on: PlaceOn, monkeypatch: pytest.MonkeyPatch, olga: Actor, engine: str
) -> None:
    monkeypatch.setattr(rows, "BATCH", 3)
    monkeypatch.setattr(load, "BATCH", 3)
    for number in range(10):
        make_row(olga, title=f"Row {number}", tags=[f"tag {n}" for n in range(number)], public_token=db.new_token())
    Derivative.delete().execute()
    before = everything()
    report = backups.backup(database, folder)
    assert len(report.damage) == 10, "no bytes lie behind these rows"
    backups.restore(enter(place_on(OTHER[engine])), folder)
    after = everything()
    for name in ("image_tag", "field_event", "blob", "user", "stored_file"):
        assert after[name] == before[name]
    assert [row["title"] for row in after["image"]] == [row["title"] for row in before["image"]]
    assert {row["status"] for row in after["image"]} == {ImageStatus.BROKEN}


# Again, and after an interruption


def test_a_second_backup_copies_only_what_is_new(library: Settings, folder: Path, olga: Actor) -> None:
    backups.backup(library, folder)
    assert backups.backup(library, folder).copied == 0
    known = set(contents().values())
    make_active(olga, new_photo(colour=(1, 2, 3), size=(1400, 900)), title="Later")
    assert backups.backup(library, folder).copied == len(set(contents().values()) - known) == 5
    assert len(list((folder / "rows").iterdir())) == 1, "the rows of earlier backups go"


def test_pruning_removes_what_the_library_has_no_more(library: Settings, folder: Path, olga: Actor) -> None:
    image = make_active(olga, title="Soon gone")
    sha256 = blob_of(image).sha256
    backups.backup(library, folder)
    trash.trash(olga, image.id)
    trash.purge(olga, image.id)
    run_due_jobs()
    backups.backup(library, folder)
    assert (folder / "objects" / sha256[:2] / sha256).exists()
    report = backups.backup(library, folder, prune=True)
    assert not (folder / "objects" / sha256[:2] / sha256).exists()
    assert len(list((folder / "objects").rglob("?" * 64))) == len(set(contents().values())) <= report.objects


def test_nobody_else_can_read_a_backup(library: Settings, folder: Path) -> None:
    backups.backup(library, folder)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


class Interrupted(Exception):
    pass


def stop_after(count: int) -> Callable[[str, int, int], None]:
    """Progress that ends the run at a call of that number."""
    calls = iter(range(count))

    def progress(what: str, done: int, total: int) -> None:
        if next(calls, None) is None:
            raise Interrupted(what)

    return progress


def test_an_interrupted_backup_is_none_and_goes_on(library: Settings, folder: Path, place_on: PlaceOn) -> None:
    with pytest.raises(Interrupted):
        backups.backup(library, folder, progress=stop_after(5))
    with pytest.raises(NotFound, match="not a finished backup"):
        backups.restore(library, folder)
    there = {path: path.stat().st_ino for path in (folder / "objects").rglob("?" * 64)}
    assert len(there) >= 5
    copied = backups.backup(library, folder).copied
    left = len(list((folder / "objects").rglob("?" * 64))) - len(there)  # none, where the threads were quicker than the end
    assert copied >= left
    assert {path: path.stat().st_ino for path in there} == there, "what lay there was not written again"


def test_an_interrupted_backup_leaves_the_one_before_it(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    before = everything()
    backups.backup(library, folder)
    make_active(olga, title="Later")
    total = len(contents())
    with pytest.raises(Interrupted, match="Rows"):
        backups.backup(library, folder, progress=stop_after(total + 3))
    backups.restore(enter(place_on(engine)), folder)
    assert everything()["field_event"] == before["field_event"]


@pytest.mark.parametrize("what", ["Pictures", "Rows", "Words"])
def test_an_interrupted_restore_goes_on(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, what: str, olga: Actor
) -> None:
    backups.backup(library, folder)
    before, bytes_before, searched_before = everything(), contents(), searched(olga)

    def progress(stage: str, done: int, total: int) -> None:
        if stage == what and done >= min(5, total):
            raise Interrupted(stage)

    place = enter(place_on(OTHER[engine]))
    with pytest.raises(Interrupted, match=what):
        backups.restore(place, folder, progress=progress)
    there = len(list(storage.current().list("")))
    assert there >= 5
    report = backups.restore(place, folder)
    assert report.copied == len(bytes_before) - there
    assert (contents(), searched(olga)) == (bytes_before, searched_before)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    invariants.check()


def test_rows_of_an_interrupted_restore_stay_once_somebody_uses_them(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, olga: Actor
) -> None:
    backups.backup(library, folder)
    place = enter(place_on(engine))

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "Words":
            raise Interrupted(stage)

    with pytest.raises(Interrupted):
        backups.restore(place, folder, progress=progress)
    Session.create(id="s", user=olga.user_id, created_at=1, last_used_at=1, expires_at=2)
    with pytest.raises(Conflict, match="signed in"):
        backups.restore(place, folder)


# Damage


def test_a_damaged_object_is_named_and_the_rest_goes_on(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str
) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    blob = blob_of(image)
    overwrite(blob.object_key, b"not what was stored")
    report = backups.backup(library, folder)
    (fault,) = report.damage
    assert (fault.stored.key, fault.stored.sha256, fault.problem) == (blob.object_key, blob.sha256, "damaged")
    assert report.objects == len(contents()) - 1
    restored = backups.restore(enter(place_on(engine)), folder)
    assert [one.stored.key for one in restored.damage] == [blob.object_key]
    broken = fresh(image)
    assert (broken.status, broken.persist_status, broken.public_token) == (
        ImageStatus.BROKEN, PersistStatus.FAILED, None,
    )  # fmt: skip
    assert Image.select().where(Image.status == ImageStatus.BROKEN).count() == 1


def test_an_object_that_is_lost_is_named(library: Settings, folder: Path) -> None:
    blob = blob_of(Image.get(Image.title == "Neon alley, wide"))
    storage.current().delete(blob.object_key)
    (fault,) = backups.backup(library, folder).damage
    assert (fault.stored.key, fault.problem) == (blob.object_key, "lost")


def test_a_lost_rendition_is_made_again(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    row = Derivative.get((Derivative.blob == blob_of(image).id) & (Derivative.preset == "small"))
    storage.current().delete(row.object_key)
    (fault,) = backups.backup(library, folder).damage
    assert fault.stored.key == row.object_key
    backups.restore(enter(place_on(engine)), folder)
    run_due_jobs()
    assert fresh(image).public_token
    invariants.check()


def test_damage_inside_the_backup_is_found(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> None:
    image = Image.get(Image.title == "Neon alley, wide")
    sha256 = blob_of(image).sha256
    backups.backup(library, folder)
    path = folder / "objects" / sha256[:2] / sha256
    path.write_bytes(b"x" * path.stat().st_size)
    assert backups.backup(library, folder).copied == 0, "an object of the right size is trusted"
    assert backups.backup(library, folder, verify=True).copied == 1, "unless it is to be proved"
    path.write_bytes(b"x" * path.stat().st_size)
    (fault,) = backups.restore(enter(place_on(engine)), folder).damage
    assert (fault.stored.sha256, fault.problem) == (sha256, "damaged")
    assert fresh(image).status == ImageStatus.BROKEN


def test_a_store_that_is_away_ends_the_run(library: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Upstream("The object store does not answer.")

    monkeypatch.setattr(type(storage.current()), "open", away)
    with pytest.raises(Upstream, match="20 objects in a row"):
        backups.backup(library, folder)


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


# What is refused


def test_a_library_is_not_overwritten(library: Settings, folder: Path) -> None:
    backups.backup(library, folder)
    before = everything()
    with pytest.raises(Conflict, match="library here already"):
        backups.restore(library, folder)
    assert everything() == before


def test_bytes_of_somebody_else_are_not_overwritten_unless_allowed(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str
) -> None:
    key = blob_of(Image.get(Image.title == "Neon alley, wide")).object_key
    backups.backup(library, folder)
    place = enter(place_on(engine))
    overwrite(key, b"somebody else's")
    with pytest.raises(Conflict, match="other bytes"):
        backups.restore(place, folder)
    assert invariants.read(key) == b"somebody else's"
    backups.restore(place, folder, overwrite=True)
    assert contents()
    run_due_jobs()
    invariants.check()


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_rows(folder: Path, table: str, change: Callable[[dict[str, Any]], object], *, every: bool = False) -> None:
    """Change the first row, or every one, as somebody would who also puts the checksum right."""
    (path,) = (folder / "rows").glob(f"*/{table}.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines if every else lines[:1]:
        change(line)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    tables[table][1] = hashlib.sha256(path.read_bytes()).hexdigest()
    change_manifest(folder, tables=tables)


@pytest.fixture
def backed_up(library: Settings, folder: Path, place_on: PlaceOn, engine: str) -> Settings:
    """There is a backup in the folder, and nothing where services look now."""
    backups.backup(library, folder)
    return enter(place_on(engine))


def assert_nothing_came(place: Settings) -> None:
    assert not db.database.obj.table_exists("image") or not Image.select().exists()
    assert not any(place.files_dir.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"format": 2}, Invalid, "format"),
        ({"schema": ["0001_initial", "9999_later"]}, Conflict, "newer Pindeck"),
        ({"tables": {"../../etc": [1, "x"]}}, Invalid, "names that are not valid"),
        ({"id": "../../../etc"}, Invalid, "names that are not valid"),
        ({"tables": {}}, Invalid, "damaged"),
        ({"faults": [{"problem": "gone"}]}, Invalid, "damaged"),
    ],
)
def test_a_backup_that_cannot_be_trusted_is_refused(
    backed_up: Settings, folder: Path, changes: dict[str, object], error: type[PindeckError], words: str
) -> None:
    change_manifest(folder, **changes)
    with pytest.raises(error, match=words):
        backups.restore(backed_up, folder)
    assert_nothing_came(backed_up)


@pytest.mark.parametrize(
    "key", ["../../escaped.jpg", "/etc/escaped.jpg", "media-uploads/../../escaped.jpg", ".tmp/x"]
)
def test_a_key_that_leads_out_of_the_store_is_refused(backed_up: Settings, folder: Path, key: str) -> None:
    change_rows(folder, "blob", lambda row: row.update(object_key=key))
    with pytest.raises(Invalid, match="not a valid storage key"):
        backups.restore(backed_up, folder)
    assert_nothing_came(backed_up)


@pytest.mark.parametrize("change", [{"sha256": "../../../../etc/passwd"}, {"sha256": None}, {"size": "much"}])
def test_an_object_that_is_none_is_refused(backed_up: Settings, folder: Path, change: dict[str, object]) -> None:
    change_rows(folder, "blob", lambda row: row.update(change))
    with pytest.raises(Invalid, match="damaged"):
        backups.restore(backed_up, folder)
    assert_nothing_came(backed_up)


def test_rows_that_were_changed_are_refused(backed_up: Settings, folder: Path) -> None:
    (path,) = (folder / "rows").glob("*/user.jsonl")
    path.write_text(path.read_text().replace("curator", "admin"))
    with pytest.raises(Invalid, match="not those that were written"):
        backups.restore(backed_up, folder)
    assert_nothing_came(backed_up)


def test_rows_that_break_a_promise_of_the_schema_leave_nothing_behind(backed_up: Settings, folder: Path) -> None:
    change_rows(folder, "image", lambda row: row.update(likes=-1))
    with pytest.raises(Invalid, match="rows of image cannot be loaded"):
        backups.restore(backed_up, folder)
    assert not Project.select().where(~Project.is_default).exists()
    change_rows(folder, "image", lambda row: row.update({"likes": 0, 'x") VALUES (1); --': 1}))
    with pytest.raises(Invalid, match="other columns"):
        backups.restore(backed_up, folder)
    assert not Project.select().where(~Project.is_default).exists()


def test_a_folder_of_other_things_is_left_alone(library: Settings, folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.txt").write_text("mine")
    with pytest.raises(Invalid, match="other things"):
        backups.backup(library, folder)
    with pytest.raises(Invalid, match="own files"):
        backups.backup(library, library.files_dir / "backup")
    assert [path.name for path in folder.iterdir()] == ["holiday.txt"]


def test_two_backups_do_not_write_to_one_folder_at_once(library: Settings, folder: Path) -> None:
    with archives.Archive(folder).held(), pytest.raises(Conflict, match="Another backup"):
        backups.backup(library, folder)


# Moving


@pytest.mark.parametrize("other", [False, True], ids=["same engine", "other engine"])
def test_a_library_moves_with_its_pictures(
    library: Settings, place_on: PlaceOn, engine: str, olga: Actor, other: bool
) -> None:
    before, bytes_before, public_before = everything(), contents(), public_bytes()
    target = place_on(OTHER[engine] if other else engine)
    report = backups.move(library, target, verify=True)
    assert (report.faults, report.objects, report.copied) == ((), len(bytes_before), len(bytes_before))
    assert everything() == before, "the source is only read"
    assert public_bytes() == public_before
    searched_before = searched(olga)
    assert list(library.data_dir.glob(".moving-*")) == []
    enter(target)
    assert (contents(), searched(olga)) == (bytes_before, searched_before)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    assert public_bytes() == public_before
    invariants.check()


def test_a_move_of_the_rows_alone_leaves_the_pictures_where_they_are(
    library: Settings, place_on: PlaceOn, engine: str
) -> None:
    before, public_before = everything(), public_bytes()
    target = place_on("postgres").model_copy(update={"data_dir": library.data_dir})
    report = backups.move(library, target)
    assert (report.objects, report.copied) == (0, 0)
    enter(target)
    assert everything() == before, "not even public copies change"
    assert public_bytes() == public_before
    invariants.check()


def test_an_interrupted_move_goes_on(library: Settings, place_on: PlaceOn, engine: str) -> None:
    target = place_on(OTHER[engine])
    before = everything()
    for what in ("Pictures", "Rows", "Words"):

        def progress(stage: str, done: int, total: int, what: str = what) -> None:
            if stage == what and done >= min(5, total):
                raise Interrupted(stage)

        with pytest.raises(Interrupted, match=what):
            backups.move(library, target, progress=progress)
    assert backups.move(library, target).copied == 0
    with pytest.raises(Conflict, match="library here already"):
        backups.move(library, target)
    assert everything() == before
    enter(target)
    run_due_jobs()
    assert everything()["image"] == before["image"]
    invariants.check()


def test_a_library_does_not_move_to_where_it_is(library: Settings) -> None:
    with pytest.raises(Invalid, match="in use"):
        backups.move(library, library)
