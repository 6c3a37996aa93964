"""What lies in DATA_DIR is its owner's: real modes of real files, made under a umask that hides nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pindeck import bootstrap, config, data_folder, db
from pindeck.db import migrate
from pindeck.services.derivatives import single_flight
from tests.conftest import disconnect
from tests.stack import ROOT

_MAKE = """
import json, os, sys
from pathlib import Path
os.umask(0)
from pindeck import config, db, storage
from pindeck.bootstrap import connect_parts
from pindeck.db import migrate
from pindeck.services.derivatives import single_flight
settings = config.load(os.environ)
connect_parts(settings)
migrate.migrate(settings)
config.secret_key(settings)
store = storage.current()
store.prepare()
store.put("staging/one", [b"secret"], content_type="image/png")
store.publish("staging/one", "ab/" + "0" * 32 + "-w320.webp", content_type="image/webp")
store.put("staging/two", [b"secret"], content_type="image/png")
with db.writing(), single_flight.alone("any"):
    db.database.execute_sql("INSERT INTO setup (name, value) VALUES ('x', 'y')")
found = {".": settings.data_dir.stat().st_mode & 0o777}
for path in settings.data_dir.rglob("*"):
    found[str(path.relative_to(settings.data_dir))] = path.stat().st_mode & 0o777
print(json.dumps(found))
"""


def made(folder: Path, **environ: str) -> dict[str, int]:
    """The modes of everything in a new DATA_DIR while its database is in use."""
    done = subprocess.run(
        [sys.executable, "-c", _MAKE], cwd=ROOT, env={"DATA_DIR": str(folder), "HOST": "127.0.0.1", **environ},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_nobody_else_reads_what_is_made(tmp_path: Path) -> None:
    found = made(tmp_path / "new" / "data")
    assert found["."] == 0o700
    files = {"pindeck.sqlite3", "pindeck.sqlite3-wal", "pindeck.sqlite3-shm", "pindeck.turn", "pindeck.line", "migrate.lock", "secret-key"}
    assert {name: found[name] for name in files} == dict.fromkeys(files, 0o600)
    assert found["files"] == found["making"] == 0o700
    assert found["files/staging/two"] == 0o600
    open_to_all = {name for name, mode in found.items() if mode & 0o077 and "/" not in name}
    assert open_to_all == {"public"}, "nothing else is readable, and this lies behind a closed door"


def test_a_front_server_gets_through_to_the_public_pictures_and_sees_nothing_else(tmp_path: Path) -> None:
    found = made(tmp_path / "data", MEDIA_BASE_URL="https://pins.example.org/media")
    assert found["."] == 0o711
    picture = f"public/ab/{'0' * 32}-w320.webp"
    assert (found["public"], found["public/ab"], found[picture]) == (0o755, 0o755, 0o644)
    assert [name for name, mode in found.items() if mode & 0o077 and "/" not in name] == [".", "public"]
    assert found["files"] == 0o700


def test_an_older_installation_is_closed_when_it_starts_and_its_folder_keeps_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    settings = config.load({"DATA_DIR": str(tmp_path / "data"), "HOST": "127.0.0.1"})
    made(settings.data_dir)
    for path in settings.data_dir.glob("*"):
        if path.is_file():
            path.chmod(0o644)
    settings.data_dir.chmod(0o755)
    bootstrap.connect_parts(settings)
    db.connect()
    try:
        with db.writing(), single_flight.alone("any"):
            modes = {path.name: path.stat().st_mode & 0o777 for path in settings.data_dir.iterdir() if path.is_file()}
        assert set(modes) >= {"pindeck.sqlite3", "pindeck.sqlite3-wal", "secret-key", "migrate.lock"}
        assert set(modes.values()) == {0o600}
        assert settings.data_dir.stat().st_mode & 0o777 == 0o755
        assert migrate.pending() == []
    finally:
        disconnect()


def test_what_is_no_folder_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(NotADirectoryError):
        data_folder.make(tmp_path / "data", is_passed_through=False)
