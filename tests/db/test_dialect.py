"""Which engine there is is asked in one package, and by the index of words; and what differs has the same name on both."""

import re

import pytest

from pindeck import db, resources
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.db import dialect
from pindeck.models import Setup

ENGINES = {"services/images/search.py"}
INSTALLATIONS = {
    "cli/copies.py", "config.py", "runtime/ready.py", "services/maintenance/doctor.py", "setting_checks.py",
}  # fmt: skip


def test_only_the_database_and_the_index_of_words_ask_which_engine_there_is() -> None:
    root = resources.ROOT / "pindeck"
    asking: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        name = str(path.relative_to(root))
        if not name.startswith("db/"):
            for word in re.findall(r"([\w()]+)\.is_postgres|\b(is_postgres|PostgresqlDatabase|SqliteDatabase)\b", path.read_text()):
                asking.setdefault("engine" if word[0] == "db" or word[1] else "installation", set()).add(name)
    asking["engine"] -= {"config.py"}  # which defines the other question
    assert asking == {"engine": ENGINES, "installation": INSTALLATIONS}


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_catalogue_and_loading_are_the_same_on_both(database: Settings, olga: Actor, engine: str) -> None:
    assert dialect.name() == {"sqlite": "sqlite", "postgres": "postgresql"}[engine]
    assert dialect.is_shared() == (engine == "postgres")
    tables = set(dialect.tables())
    assert {"image", "blob", "user"} <= tables and not {name for name in tables if name.startswith("sqlite_")}
    columns = dialect.columns("image")
    assert [name for name, _, counts in columns if counts] == (["seq"] if engine == "postgres" else [])
    assert {"id", "title", "is_listed"} - {name for name, _, _ in columns} <= {"is_listed"}
    with db.writing():
        dialect.begin_load(["setup"])
        dialect.insert("setup", ("name", "value"), [{"name": f"loaded {n}", "value": "a\x00b"} for n in range(3)])
    dialect.end_load()
    found = {row.value for row in Setup.select().where(Setup.name.startswith("loaded "))}
    assert found == {"a\x00b" if engine == "sqlite" else "a\ufffdb"}
    assert dialect.look_over()[1] is None


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_keys_and_references_of_all_tables_are_those_of_each(database: Settings, engine: str) -> None:
    keys, references = dialect.keys(), dialect.references()
    for table in ("storyboard_shot", "image", "project_count"):  # a key of two columns, many references, one column
        assert keys[table] == tuple(db.database.get_primary_keys(table))
        told = {(table, key.column, key.dest_table) for key in db.database.get_foreign_keys(table)}
        assert {each for each in references if each[0] == table} == told
