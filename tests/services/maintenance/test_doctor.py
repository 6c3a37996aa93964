"""The doctor: every illness is a finding that says how to mend it, never an exception."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pindeck import config, db, queue, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Upstream
from pindeck.models import Blob, Image, Job
from pindeck.services import backup
from pindeck.services.maintenance import consistency, doctor, inspection, workers
from pindeck.times import iso_day
from tests.conftest import ChangeSettings, RunJobs, disconnect
from tests.factories import blob_of, make_active, make_row, overwrite
from tests.servers.embeddings import NUMBERS, serving_embeddings


def well() -> bool:
    return True


def ill(ping: Callable[[], bool] = well) -> dict[str, doctor.Finding]:
    return {finding.part: finding for finding in doctor.examine(ping) if not finding.ok}


def test_a_healthy_installation_has_nothing(olga: Actor, database: Settings, run_jobs: RunJobs) -> None:
    make_active(olga)
    run_jobs(include_later=True)
    found = doctor.examine(well)
    assert [finding for finding in found if not finding.ok] == []
    assert [finding.part for finding in found] == [
        "settings", "versions", "database", "schema", "invariants", "objects", "files", "likeness", "index", "webhooks", "work",
        "queue", "store", "disk",
    ]  # fmt: skip
    assert all(finding.message for finding in found)


def test_a_site_that_strangers_reach_without_an_address_is_found(database: Settings, tmp_path: Path) -> None:
    def told(**environ: str) -> doctor.Finding | None:
        environ = {"DATA_DIR": str(tmp_path), **environ}
        config.bind(config.load(environ))
        found = {finding.part: finding for finding in doctor.examine(well)}
        return found.get("address")

    for environ in ({"HOST": "0.0.0.0"}, {"TRUSTED_PROXIES": "1"}, {"HOST": "10.0.0.5", "ALLOWED_HOSTS": "pins.lan"}):
        found = told(**environ)
        assert found and not found.ok and "SITE_URL" in found.mend
        assert ("any host" in found.message) is ("ALLOWED_HOSTS" not in environ)
    alone = told()
    assert alone and alone.ok
    assert told(HOST="127.0.0.1") is None
    assert told(HOST="0.0.0.0", SITE_URL="https://pins.example.org") is None


def test_a_bot_that_is_not_connected_is_found(database: Settings, change_settings: ChangeSettings) -> None:
    change_settings(discord_token="a-token")
    assert "pindeck discord" in ill()["discord"].mend
    workers.tell("bot", host="here", pid=7, queues=[workers.BOT], started_at=1, memory_bytes=None)
    assert "discord" not in ill() and "discord" in [finding.part for finding in doctor.examine(well)]
    workers.leave("bot")
    change_settings(discord_dry_run=True)
    assert "discord" not in ill()


def test_an_address_of_embeddings_is_asked_where_one_is_named(database: Settings, change_settings: ChangeSettings) -> None:
    with serving_embeddings() as server:
        change_settings(embeddings_base_url=server.base, embeddings_model="good,keyless")
        found = [finding for finding in doctor.examine(well) if finding.part == "embeddings"]
        assert [finding.ok for finding in found] == [True] and f"with {NUMBERS} dimensions" in found[0].message
        told = ill()["embeddings"]
    assert "(401)" in told.message and "EMBEDDINGS_MODEL" in told.mend


def test_no_finding_shows_a_password(database: Settings) -> None:
    config.load({"REDIS_URL": "redis://:correct-horse@queue"})

    def away() -> bool:
        raise ConnectionError("redis://:correct-horse@queue said no to correct-horse")

    found = ill(away)["queue"]
    assert "correct-horse" not in found.message


def test_a_queue_that_is_away_is_found(database: Settings) -> None:
    def away() -> bool:
        raise ConnectionError("refused")

    found = {finding.part: finding for finding in doctor.examine(away)}
    assert not found["queue"].ok
    assert "REDIS_URL" in found["queue"].mend
    assert found["store"].ok


def test_a_store_that_is_away_is_found(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise Upstream("The store does not answer.")

    monkeypatch.setattr(storage.current(), "check", away)
    assert ill()["store"].message == "The store does not answer."


def test_a_database_without_a_schema_is_found(database: Settings) -> None:
    history = next(name for name in db.database.get_tables() if "migrat" in name)
    db.database.execute_sql(f"ALTER TABLE {history} RENAME TO put_aside")
    try:
        found = ill()
    finally:
        if history in db.database.get_tables():
            db.database.execute_sql(f"DROP TABLE {history}")
        db.database.execute_sql(f"ALTER TABLE put_aside RENAME TO {history}")
    assert set(found) == {"schema"}
    assert "pindeck migrate" in found["schema"].mend


def test_what_the_last_comparison_of_store_and_database_found_is_told(
    olga: Actor, database: Settings, run_jobs: RunJobs
) -> None:
    def told() -> doctor.Finding:
        return next(finding for finding in doctor.examine(well) if finding.part == "objects")

    assert told().ok and "not been compared yet" in told().message
    make_active(olga)
    run_jobs(include_later=True)
    consistency.compare()
    assert told().ok and "agreed" in told().message
    storage.current().delete(Blob.get().object_key)
    consistency.compare()
    today = f"{datetime.fromtimestamp(db.now_ms() / 1000, UTC):%Y-%m-%d}"
    assert not told().ok and "backup" in told().mend
    assert "1 originals" in told().message and f"since {today}" in told().message
    assert Blob.get().object_key in told().message


def test_objects_that_no_row_names_are_told_and_make_nobody_ill(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite("media-uploads/2026/lost.jpg", b"lost")
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.DAY_MS)
    consistency.compare()
    (told,) = [finding for finding in doctor.examine(well) if finding.part == "objects"]
    assert told.ok and "1 objects" in told.message and "lost.jpg" in told.message


def test_damaged_files_are_named_and_so_is_how_long_ago_all_was_read(
    olga: Actor, database: Settings, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)

    def told() -> doctor.Finding:
        return next(finding for finding in doctor.examine(well) if finding.part == "files")

    assert told().ok and "none is damaged" in told().message
    image = make_active(olga, name="storm light.jpg")
    run_jobs(include_later=True)
    today = iso_day(db.now_ms())
    assert told().ok and f"all were read after {today}, within 30 days" in told().message
    Blob.update(checked_at=db.now_ms() - 31 * db.DAY_MS).execute()
    assert told().ok and "will be by " in told().message
    overwrite(blob_of(image).object_key, b"rotten")
    inspection.original(blob_of(image), lambda: None)
    assert not told().ok and "1 originals and 0 sizes" in told().message and "BACKUP_DIR" in told().mend
    assert "storm light" in told().message and blob_of(image).object_key in told().message


def test_a_backup_folder_without_a_backup_is_found(database: Settings, tmp_path: Path, change_settings: ChangeSettings) -> None:
    settings = change_settings(backup_dir=str(tmp_path / "backup"))
    assert "not a finished backup" in ill()["backup"].message
    backup.backup(settings, tmp_path / "backup")
    (told,) = [finding for finding in doctor.examine(well) if finding.part == "backup"]
    assert told.ok and iso_day(db.now_ms()) in told.message


def test_likes_that_do_not_count_what_is_there_are_found(olga: Actor, database: Settings) -> None:
    make_row(olga, likes=3)
    assert "likes" in ill()["invariants"].message.lower()


def test_a_named_blob_that_is_being_deleted_is_found(olga: Actor, database: Settings) -> None:
    make_row(olga)
    Blob.update(state="deleting").execute()
    assert "deleted" in ill()["invariants"].message


def test_a_wrong_count_of_a_project_is_found(olga: Actor, database: Settings) -> None:
    make_row(olga)
    db.database.execute_sql("UPDATE project_count SET n = n + 1")
    assert "project" in ill()["invariants"].message


def test_the_counts_of_projects_follow_every_way_an_image_changes(olga: Actor, database: Settings) -> None:
    rows = [make_row(olga, project=name) for name in (None, "Blade", "Blade")]
    for columns in (
        {"status": "draft"}, {"status": "active"}, {"visibility": "private"}, {"visibility": "unlisted"},
        {"deleted_at": 1}, {"deleted_at": None}, {"project": rows[0].project_id}, {"project": rows[1].project_id},
    ):  # fmt: skip
        Image.update(**columns).where(Image.seq == rows[2].seq).execute()
        assert ill() == {}, columns
    Image.delete().where(Image.seq == rows[1].seq).execute()
    assert ill() == {}


def test_jobs_that_wait_too_long_are_found(olga: Actor, database: Settings) -> None:
    with db.writing():
        queue.enqueue(queue.ANALYSE)
    assert ill() == {}
    Job.update(due_at=db.now_ms() - 301_000).execute()
    assert "worker" in ill()["work"].message


def test_a_database_that_is_away_is_a_finding(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(db, "connect", away)
        found = ill()
    assert set(found) == {"database"}
    assert ("DATABASE_URL" if database.is_postgres else "pindeck restore") in found["database"].mend
    disconnect()
    db.connect()
