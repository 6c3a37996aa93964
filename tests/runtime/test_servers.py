"""The servers of the tests start wherever the checkout lies."""

import shutil
from pathlib import Path

import psycopg
import pytest

from tests.servers import postgres


def test_postgresql_starts_from_a_folder_that_its_user_may_not_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = postgres.programs_folder().parents[1]
    closed = tmp_path / "closed"
    for whole in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(whole, closed / whole.name, symlinks=True)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "programs_folder", lambda: closed / package.name / "pginstall" / "bin")
    server = postgres.start_postgres(tmp_path)
    try:
        with psycopg.connect(server.create_database("anywhere")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            # A library of its own is loaded, not found somewhere else on this machine.
            connection.execute("CREATE EXTENSION pg_trgm")
    finally:
        server.stop()
    assert not server.folder.exists()
