"""A library, a folder for its backup, and places to restore it to: SQLite with files, or PostgreSQL with an S3 server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from tests.conftest import load_settings
from tests.services.backup.library import PlaceOn, fill


@pytest.fixture
def environ(store_of_pair: dict[str, str]) -> dict[str, str]:
    return store_of_pair


@pytest.fixture
def library(database: Settings, olga: Actor, sam: Actor, mo: Actor, gus: Actor) -> Settings:
    fill(olga, sam, mo)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


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
        url = request.getfixturevalue("postgres").create_database(names[-1])
        return load_settings(home, DATABASE_URL=url, **request.getfixturevalue("ministack").environ())

    yield make
    db.close()
    db.bind(before)
    for name in filter(None, names):
        request.getfixturevalue("postgres").drop_database(name)
