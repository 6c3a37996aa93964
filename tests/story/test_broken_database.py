"""A database that cannot be used ends every command in a sentence that says what to do, and shows no password."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import pindeck
from tests.servers.postgres import PostgresServer
from tests.servers.s3 import free_port
from tests.stack import ROOT

COMMANDS = {
    "migrate": ["migrate"],
    "down": ["migrate", "--down"],
    "up": ["up"],
    "backup": ["backup", "FOLDER"],
    "move": ["move", "--to", "sqlite:FOLDER"],
    "user": ["user", "create", "mo@example.org", "--password-stdin"],
    "reset": ["user", "reset", "mo@example.org"],
    "key": ["key", "list"],
    "import": ["import", "FOLDER", "--user", "mo@example.org"],
    "sweep": ["sweep"],
    "restore": ["restore", "FOLDER"],
}


def run(folder: Path, words: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    other = folder.parent / "other"
    other.mkdir(exist_ok=True)
    words = [word.replace("FOLDER", str(other)) for word in words]
    environ = {"PORT": str(free_port()), **environ}
    if words[0] in ("python", "gunicorn"):
        program = [sys.executable, *words[1:]] if words[0] == "python" else [sys.executable, "-m", "gunicorn", *words[1:]]
        return subprocess.run(
            program, cwd=ROOT, env={"DATA_DIR": str(folder), "HOST": "127.0.0.1", **environ}, capture_output=True, text=True
        )
    return pindeck(folder, *words, stdin="correct horse battery\n", **environ)


@pytest.mark.parametrize("what", ["no database", "a database with a hole"])
def test_a_damaged_file_of_sqlite(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "data"
    assert pindeck(folder, "migrate").returncode == 0
    path = folder / "pindeck.sqlite3"
    for side in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        side.unlink(missing_ok=True)
    whole = path.read_bytes()
    path.write_bytes(b"This is no database.\n" * 4000 if what == "no database" else whole[:100] + b"\xff" * (len(whole) - 100))
    servers = {"worker": ["python", "worker.py"], "web": ["gunicorn", "app:app"]}
    for name, words in {**COMMANDS, **servers}.items():
        if name == "restore":  # which reads the backup first, and here there is none
            continue
        done = run(folder, words)
        told = done.stdout + done.stderr
        assert done.returncode not in (0, -9), name
        assert "Traceback" not in told, f"{name}: {told}"
        assert f"The database {path} is damaged" in told and "pindeck restore" in told, f"{name}: {told}"
        assert len(told.strip().splitlines()) == 1, f"{name}: {told}"
    doctor = pindeck(folder, "doctor")
    assert doctor.returncode == 1
    assert "BAD  database" in doctor.stdout and "pindeck restore" in doctor.stdout
    assert "Traceback" not in doctor.stdout + doctor.stderr


def test_a_database_without_tables(tmp_path: Path) -> None:
    for name in ("user", "key", "sweep"):
        done = run(tmp_path / "data", COMMANDS[name])
        assert done.returncode == 1
        assert "Traceback" not in done.stderr and "Run: pindeck migrate" in done.stderr, f"{name}: {done.stderr}"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    for name in ("migrate", "up", "key"):
        done = run(tmp_path / "data", COMMANDS[name])
        assert done.returncode == 1
        assert "Traceback" not in done.stderr and str(tmp_path / "data") in done.stderr, f"{name}: {done.stderr}"


def test_a_postgresql_that_says_no(postgres: PostgresServer, tmp_path: Path) -> None:
    right = postgres.create_database("says_no")
    secret = "wrong-horse/battery"
    place = right.partition("@")[2]
    wrong = f"postgresql://nobody:wrong-horse%2Fbattery@{place}"
    away = f"postgresql://nobody:wrong-horse%2Fbattery@127.0.0.1:{free_port()}/x"
    environ = {"SECRET_KEY": "k" * 32, "ALLOW_LOCAL_FILES": "1"}
    try:
        for url in (wrong, away):
            for name in ("migrate", "user", "backup", "up"):
                done = run(tmp_path / "data", COMMANDS[name], DATABASE_URL=url, **environ)
                told = done.stdout + done.stderr
                assert done.returncode == 1, f"{name}: {told}"
                assert "Traceback" not in told and "DATABASE_URL" in told, f"{name}: {told}"
                assert secret not in told and "wrong-horse" not in told
            doctor = pindeck(tmp_path / "data", "doctor", DATABASE_URL=url, **environ)
            assert "BAD  database" in doctor.stdout and "wrong-horse" not in doctor.stdout + doctor.stderr
    finally:
        postgres.drop_database("says_no")
