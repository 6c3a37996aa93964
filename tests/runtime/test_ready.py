"""A start with nothing to do: known without peewee, and only where it is certain."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.runtime.ready import is_ready
from tests.conftest import disconnect, load_settings

ROOT = Path(__file__).resolve().parents[2]
_PREPARE = """
import os, sys
from pindeck import config
from pindeck.cli import start
print(start._prepare(config.load(os.environ)))
print([name for name in ("peewee", "flask", "argon2") if name in sys.modules])
"""


@pytest.fixture
def library(sqlite_template: Path, tmp_path: Path) -> Settings:
    """An installation with its first account."""
    settings = load_settings(tmp_path / "data")
    settings.make_data_dir()
    shutil.copy(sqlite_template, settings.sqlite_path)
    change(settings, "INSERT INTO setup (name, value) VALUES ('first_account', 'x')")
    return settings


def change(settings: Settings, statement: str) -> None:
    db.bind(db.make(settings))
    db.connect()
    db.sql(statement)
    disconnect()


def prepared(settings: Settings) -> list[str]:
    """What `pindeck up` says once the site answers, and what it had loaded by then."""
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(settings.data_dir), "HOST": "127.0.0.1", "PORT": "8123"}
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_the_usual_start_loads_neither_peewee_nor_the_services(library: Settings) -> None:
    assert is_ready(library)
    assert prepared(library) == ["Pindeck is at http://localhost:8123", "[]"]
    assert (library.data_dir / "files").is_dir()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM schema_migration WHERE name LIKE '0014%'",
        "INSERT INTO schema_migration (name, applied) VALUES ('9999_newer', '2030-01-01')",
        "DELETE FROM setup WHERE name = 'first_account'",
        "DROP TABLE schema_migration",
    ],
)
def test_whatever_differs_is_looked_after(library: Settings, statement: str) -> None:
    change(library, statement)
    assert not is_ready(library)


def test_without_an_account_the_way_to_one_is_told(library: Settings) -> None:
    change(library, "DELETE FROM setup WHERE name = 'first_account'")
    said = prepared(library)
    assert said[1].startswith("Make the first account at http://localhost:8123/sign-up")


def test_what_is_no_library_is_not_ready(library: Settings, tmp_path: Path) -> None:
    library.sqlite_path.write_bytes(b"no database at all" * 500)
    assert not is_ready(library)
    assert not is_ready(load_settings(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()
