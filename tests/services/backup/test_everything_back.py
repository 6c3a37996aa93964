"""A backup brings everything back, on either engine, also one of an older version."""

import json
from pathlib import Path

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.db import migrate, migrate_down
from pindeck.models import Derivative, Image, Worker
from pindeck.services import backup as backups
from pindeck.services.backup import load, objects, rows, take
from pindeck.states import ImageStatus
from tests import invariants
from tests.conftest import run_due_jobs
from tests.factories import make_active, make_row, public_objects
from tests.services.backup.library import (
    OTHER,
    PlaceOn,
    buckets,
    change_manifest,
    change_rows,
    contents,
    enter,
    everything,
    public_bytes,
    searched,
)


def counted() -> list[tuple[object, ...]]:
    sql = "SELECT project_id, kind, n FROM project_count WHERE n > 0 ORDER BY 1, 2"
    return [tuple(row) for row in db.database.execute_sql(sql).fetchall()]


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
    assert (contents(), buckets()) == (bytes_before, {place.minio_bucket})
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


def test_a_table_that_once_travelled_and_does_not_any_more_is_passed_over(
    library: Settings, folder: Path, place_on: PlaceOn, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = Image.select().count()
    Worker.insert(name="w", host="here", pid=1, queues="io", started_at=1, seen_at=1).execute()
    with monkeypatch.context() as patched:
        patched.delitem(rows.LEFT_BEHIND, "worker")
        backups.backup(library, folder)
    assert "worker" in json.loads((folder / "manifest.json").read_text())["tables"]
    backups.restore(enter(place_on(OTHER[engine])), folder)
    assert Image.select().count() == images > 0 and not Worker.select().exists()


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
        known = set(older[name]) - {"bucket"}  # a newer column begins empty
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
