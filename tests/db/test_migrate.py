"""The schema: there and back again, and two processes that come at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import db, locks
from pindeck.config import Settings
from pindeck.db import migrate, migrate_down
from pindeck.errors import Conflict, Invalid
from pindeck.models import Blob, Generation, GenerationInput, Image, ImageTag, Job, Project, StoredFile, User
from pindeck.services.images import projects, search
from tests.conftest import disconnect, load_settings
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]

_MIGRATE = """
import os, sys
from pindeck import config, db
from pindeck.db import migrate
settings = config.load(os.environ)
db.bind(db.make(settings))
print("ready", flush=True)
sys.stdin.readline()
print(len(migrate.migrate(settings)))
"""


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """An empty database without a schema."""
    if engine == "sqlite":
        settings = load_settings(tmp_path / "empty")
        db.bind(db.make(settings))
        yield settings
        disconnect()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    settings = load_settings(tmp_path / "empty", DATABASE_URL=server.create_database("empty_one"))
    db.bind(db.make(settings))
    yield settings
    disconnect()
    server.drop_database("empty_one")


def test_each_migration_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "migrations").glob("0*.py"))]
    assert numbers == sorted(set(numbers)) and numbers[0] == "0001"


def shape() -> dict[str, tuple[list[str], list[str]]]:
    """Tables with their columns and indexes."""
    db.connect()
    return {
        name: (
            sorted(column.name for column in db.database.get_columns(name)),
            sorted(index.name for index in db.database.get_indexes(name)),
        )
        for name in db.database.get_tables()
    }


def test_up_down_and_up_again_leaves_the_same_tables(empty: Settings) -> None:
    db.connect()
    before = migrate.pending()
    assert before
    assert migrate.migrate(empty) == before
    first = shape()
    assert {"image", "blob", "job", "user", "image_search"} <= set(first)
    assert migrate.pending() == migrate.unknown() == []
    assert migrate.migrate(empty) == []
    while migrate_down.migrate_down(empty):
        pass
    assert not {"image", "blob", "job", "user", "image_search"} & set(shape())
    assert migrate.pending() == before
    assert migrate.migrate(empty) == before
    assert shape() == first
    assert [project.slug for project in Project.select()] == ["library"]


def test_the_inputs_of_runs_that_are_there_already_become_rows(empty: Settings) -> None:
    migrate.migrate(empty)
    while "generation_input" in db.database.get_tables():
        migrate_down.migrate_down(empty)
    who = User.create(id="u", role="guest", created_at=1)
    place = dict(project=projects.DEFAULT_ID, user=who, external_url="", status="active", created_at=1, updated_at=1)
    for name in ("a", "b"):
        Image.create(id=name, **place)
    for name, inputs in (("one", ["a", "b", "a", "gone"]), ("two", ["b"]), ("three", [])):
        Generation.create(
            id=name, project_id=projects.DEFAULT_ID, status="completed", inputs=inputs, created_at=1, updated_at=1
        )
    migrate.migrate(empty)
    found = {(row.generation_id, row.image_id) for row in GenerationInput.select()}
    assert found == {("one", "a"), ("one", "b"), ("two", "b")}


def test_words_that_are_there_already_are_indexed_anew_and_back(empty: Settings) -> None:
    def index() -> list[tuple[str, ...]]:
        return sorted(map(repr, db.sql("SELECT title, body FROM image_search").fetchall()))

    def found(text: str) -> int:
        rows = Image.select().where(Image.status == "active")
        return search.matching(rows, str(search.query(text)))[0].count()

    migrate.migrate(empty)
    while migrate.pending()[:1] != ["0012_search_words"]:
        migrate_down.migrate_down(empty)
    who = User.create(id="u", role="guest", created_at=1)
    place = dict(project=projects.DEFAULT_ID, user=who, external_url="", status="active", created_at=1, updated_at=1)
    for number in range(3):
        Image.create(id=f"i{number}", title="東京タワー Ørsted", description=f"word{number}", **place)
    tags = ["ﬁlm", "film", "red, blue", "🎬"]
    ImageTag.insert_many([{"image_id": "i1", "tag": tag, "position": n} for n, tag in enumerate(tags)]).execute()
    migrate.migrate(empty)
    assert [row.tag for row in ImageTag.select().order_by(ImageTag.position)] == ["film", "red", "blue", "🎬"]
    assert [found(text) for text in ("タワー", "orsted", "word1", "word", "🎬 film", "library")] == [3, 3, 1, 3, 1, 0]
    migrated = index()
    while migrate.pending()[:1] != ["0012_search_words"]:
        migrate_down.migrate_down(empty)
    assert [found(text) for text in ("東京タワー", "ørsted", "word1", "タワー")] == [0, 0, 1, 0]
    assert all("東京タワー" in row and "ørsted" in row for row in index())
    migrate.migrate(empty)
    assert index() == migrated


def test_images_of_the_library_get_a_unique_id_that_they_are_found_by(empty: Settings) -> None:
    migrate.migrate(empty)
    while migrate.pending()[:1] != ["0014_unique_ids"]:
        migrate_down.migrate_down(empty)
    who = User.create(id="u", role="guest", created_at=1)
    place = dict(project=projects.DEFAULT_ID, user=who, external_url="", created_at=1, updated_at=1, title="Rain")
    for number in range(3):
        Image.create(id=f"i{number}", status="active", **place)
    Image.create(id="typed", status="active", unique_tag="BR-1", **place)
    Image.create(id="draft", status="draft", **place)
    for _ in range(2):
        migrate.migrate(empty)
        tags = {image.id: image.unique_tag for image in Image.select()}
        assert (tags.pop("typed"), tags.pop("draft")) == ("BR-1", None)
        assert len(set(tags.values())) == 3
        for image_id, tag in tags.items():
            rows = search.matching(Image.select(Image.id), str(search.query(str(tag))))[0]
            assert [image.id for image in rows] == [image_id]
        migrate_down.migrate_down(empty)


def test_shots_that_are_there_already_tell_of_the_frame(empty: Settings) -> None:
    migrate.migrate(empty)
    while "image_craft" in db.database.get_tables():
        migrate_down.migrate_down(empty)
    who = User.create(id="u", role="guest", created_at=1)
    place = dict(project=projects.DEFAULT_ID, user=who, external_url="", status="active", created_at=1, updated_at=1)
    for name, shot in (("near", "Close-Up"), ("too", "Close-Up"), ("low", "Low Angle"), ("other", "Tilt"), ("none", None)):
        Image.create(id=name, shot=shot, **place)
    for _ in range(2):
        migrate.migrate(empty)
        found = db.sql("SELECT i.id, c.field, c.term, c.place FROM image_craft c JOIN image i ON i.seq = c.seq").fetchall()
        near = [(name, "size", "Close-Up", None) for name in ("near", "too")]
        assert sorted(found) == [("low", "angle", "Low Angle", None), *near]
        while "image_craft" in db.database.get_tables():
            migrate_down.migrate_down(empty)  # loses nothing, as it comes back by itself


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables but the history's."""
    return {
        name: sorted(db.database.execute_sql(f'SELECT * FROM "{name}"').fetchall(), key=repr)
        for name in db.database.get_tables()
        if "migrat" not in name
    }


@pytest.mark.parametrize("may_lose", [False, True])
def test_nothing_takes_back_a_library(empty: Settings, may_lose: bool) -> None:
    migrate.migrate(empty)
    first = migrate.runner().migrations()[0].name
    who = User.create(id="u", role="guest", created_at=1)
    before, shaped = everything(), shape()
    with pytest.raises(Conflict, match="1 accounts"):
        migrate_down.migrate_down(empty, first, may_lose=may_lose)
    assert (everything(), shape(), migrate.pending()) == (before, shaped, [])
    place = dict(project=projects.DEFAULT_ID, user=who, external_url="", status="active", created_at=1, updated_at=1)
    Image.create(id="a", **place)
    before = everything()
    with pytest.raises(Conflict, match="1 accounts and 1 pictures|1 pictures and 1 accounts"):
        migrate_down.migrate_down(empty, first, may_lose=may_lose)
    assert (everything(), shape(), migrate.pending()) == (before, shaped, [])


def test_what_would_be_lost_is_named_and_lost_only_when_that_is_said(empty: Settings) -> None:
    migrate.migrate(empty)
    User.create(id="u", role="guest", created_at=1)
    Job.create(id="j", kind="sweep", queue="io", due_at=1, created_at=1, result={"trash": 3}, client_id="c")
    before, shaped = everything(), shape()
    second = migrate.runner().migrations()[1].name
    with pytest.raises(Conflict, match=r"1 of job\.client_id, 1 of job\.result.*--yes"):
        migrate_down.migrate_down(empty, second)
    assert (everything(), shape(), migrate.pending()) == (before, shaped, [])
    assert migrate_down.migrate_down(empty, second, may_lose=True)[-1] == second
    assert "result" not in shape()["job"][0]
    migrate.migrate(empty)
    assert Job.get().result is None
    assert User.select().count() == 1


def test_an_unknown_migration_is_not_taken_back(empty: Settings) -> None:
    migrate.migrate(empty)
    with pytest.raises(Invalid, match="0404"):
        migrate_down.migrate_down(empty, "0404_not_there")


def test_types_of_files_and_keys_of_tickets_come_back(empty: Settings) -> None:
    migrate.migrate(empty)
    rights = next(found.name for found in migrate.runner().migrations() if found.name.startswith("0004"))
    User.create(id="u", role="guest", created_at=1)
    now = dict(created_at=1)
    Blob.create(id="b", sha256="a" * 64, size=1, object_key="k", bucket="x", state="live", checked_at=1, **now)
    for name, measured in (("one", "image/png"), ("two", None), ("three", "image/avif")):
        StoredFile.create(
            id=name, file_key=name * 8, blob="b", user="u", filename="a", purpose="image", measured_type=measured, **now
        )
    before = everything()
    for _ in range(2):
        assert rights in migrate_down.migrate_down(empty, rights)
        assert "measured_type" not in shape()["stored_file"][0]
        migrate.migrate(empty)
        assert everything() == before
    migrate_down.migrate_down(empty, rights)
    db.database.execute_sql("DELETE FROM stored_file WHERE id = 'three'")  # the older version works meanwhile
    migrate.migrate(empty)
    assert {file.id: file.measured_type for file in StoredFile.select()} == {"one": "image/png", "two": None}
    assert not [name for name in db.database.get_tables() if name.startswith("kept")]


def test_a_migration_of_a_newer_version_is_noticed(empty: Settings) -> None:
    migrate.migrate(empty)
    history = next(name for name in db.database.get_tables() if "migrat" in name)
    columns = [column.name for column in db.database.get_columns(history) if column.name != "id"]
    names = ", ".join(columns)
    picked = ", ".join("'9999_later'" if column == "name" else column for column in columns)
    db.database.execute_sql(f"INSERT INTO {history} ({names}) SELECT {picked} FROM {history} LIMIT 1")
    assert migrate.unknown() == ["9999_later"]
    assert migrate.pending() == []


def test_two_processes_that_migrate_at_once_apply_everything_once(empty: Settings) -> None:
    environ = {
        "DATA_DIR": str(empty.data_dir),
        "DATABASE_URL": empty.database_url,
        "SECRET_KEY": empty.secret_key,
        "ALLOW_LOCAL_FILES": "1",
        "PYTHONPATH": str(ROOT),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    applied = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    db.connect()
    everything = str(len(list(db.migrations_dir().glob("[0-9]*.py"))))
    assert sorted(applied) == sorted(["0", "0", everything])
    assert migrate.pending() == []


def test_a_new_database_is_opened_by_one_after_the_other(empty: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL, whose lock belongs to a connection, everybody may connect."""
    connect, was_free = db.connect, []

    def look() -> None:
        with locks.opened(empty.data_dir / "migrate.lock") as file:
            was_free.append(locks.lock(file, waits=False))
        connect()

    empty.make_data_dir()
    monkeypatch.setattr(db, "connect", look)
    assert migrate.migrate(empty)
    assert set(was_free) == {empty.is_postgres}
