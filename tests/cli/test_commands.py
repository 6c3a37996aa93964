"""The command line as a person and as a script use it, and `pindeck up` from start to Ctrl-C."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.factories import photo
from tests.servers.s3 import free_port
from tests.stack import ROOT, wait_for
from tests.stack import Stack as _Stack


def pindeck(folder: Path, *words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pindeck.cli", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "HOST": "127.0.0.1", **environ},
        input=stdin,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    assert pindeck(tmp_path, "migrate").returncode == 0
    return tmp_path


def test_migrate_applies_once_and_goes_down_and_up_again(tmp_path):
    assert "0001_initial" in pindeck(tmp_path, "migrate").stdout
    assert "up to date" in pindeck(tmp_path, "migrate").stdout
    last = sorted(path.stem for path in (ROOT / "migrations").glob("[0-9]*.py"))[-1]
    assert pindeck(tmp_path, "migrate", "--down").stdout == f"Taken back: {last}.\n"
    assert pindeck(tmp_path, "migrate").stdout == f"Applied: {last}.\n"
    pindeck(tmp_path, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    for words in ([], ["--yes"]):
        refused = pindeck(tmp_path, "migrate", "--down", "--to", "0001_initial", *words)
        assert refused.returncode == 1 and "whole library (1 accounts)" in refused.stderr
    assert "up to date" in pindeck(tmp_path, "migrate").stdout
    assert pindeck(tmp_path, "migrate", "--to", "0001_initial").returncode == 2


def test_the_first_account_is_an_administrator_and_the_next_is_what_was_said(folder):
    made = pindeck(folder, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    assert made.stdout == "mo@example.org is a new admin.\n"
    again = pindeck(folder, "user", "create", "sam@example.org", "--password-stdin", stdin="correct horse battery\n")
    assert again.stdout == "sam@example.org is a new curator.\n"
    twice = pindeck(folder, "user", "create", "sam@example.org", "--password-stdin", stdin="correct horse battery\n")
    assert twice.returncode == 1
    assert "already" in twice.stderr
    assert "Traceback" not in twice.stderr
    short = pindeck(folder, "user", "create", "x@example.org", "--password-stdin", stdin="short\n")
    assert "at least 10 characters" in short.stderr


def test_a_sweep_runs_at_once_by_name_or_all(folder):
    assert "trash  " in pindeck(folder, "sweep", "--list").stdout
    assert pindeck(folder, "sweep", "trash", "jobs").stdout == "trash            0\njobs             0\n"
    assert set(json.loads(pindeck(folder, "sweep", "--json").stdout).values()) == {0}
    wrong = pindeck(folder, "sweep", "moon")
    assert wrong.returncode == 1 and "“moon”" in wrong.stderr and "Traceback" not in wrong.stderr
    with closing(sqlite3.connect(folder / "pindeck.sqlite3")) as connection:
        connection.execute("DROP TABLE upload_ticket")
    failed = pindeck(folder, "sweep", "tickets", "jobs")
    assert failed.returncode == 1 and failed.stdout == "jobs             0\n" and "failed: tickets." in failed.stderr


def test_the_audit_is_a_file_that_says_who_did_it_at_the_command_line(folder):
    pindeck(folder, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    pindeck(folder, "key", "create", "--kind", "master", "--user", "mo@example.org")
    lines = [json.loads(line) for line in pindeck(folder, "audit", "export", "--format", "jsonl").stdout.splitlines()]
    assert [(line["deed"], line["from"]) for line in lines] == [
        ("account.create", "Command line"),
        ("key.create", "Command line"),
    ]
    out = folder / "audit.csv"
    assert pindeck(folder, "audit", "export", "--deed", "key.create", "--output", str(out)).stdout == ""
    assert out.read_text().count("\n") == 2 and "key.create" in out.read_text()
    kept = out.read_text()
    wrong = pindeck(folder, "audit", "export", "--user", "nobody@example.org", "--output", str(out))
    assert wrong.returncode == 1 and "no account" in wrong.stderr and out.read_text() == kept


def test_people_in_discord_are_linked_listed_and_unlinked(folder):
    pindeck(folder, "user", "create", "ava@example.org", "--name", "Ava", "--password-stdin", stdin="correct horse battery\n")
    linked = pindeck(folder, "discord", "link", "80351110224678912", "ava@example.org", "--name", "ava")
    assert linked.stdout == "80351110224678912 is ava@example.org from now on.\n", linked.stderr
    assert pindeck(folder, "discord", "people").stdout == "80351110224678912\tava@example.org\tava\n"
    wrong = pindeck(folder, "discord", "link", "ava", "ava@example.org")
    assert wrong.returncode == 1 and "not the id of a person in Discord" in wrong.stderr
    assert pindeck(folder, "discord", "unlink", "80351110224678912").returncode == 0
    again = pindeck(folder, "discord", "unlink", "80351110224678912")
    assert again.returncode == 1 and "no such person" in again.stderr and pindeck(folder, "discord", "people").stdout == ""


def test_a_key_is_printed_alone_on_standard_output_and_can_be_revoked(folder):
    made = pindeck(folder, "key", "create", "--kind", "project", "--project", "library")
    assert re.fullmatch(r"pd_p_[A-Za-z0-9_-]{43}\n", made.stdout)
    listed = json.loads(pindeck(folder, "key", "list", "--json").stdout)
    assert [row["prefix"] for row in listed] == [made.stdout[: len(listed[0]["prefix"])]]
    assert listed[0]["expiresAt"] - listed[0]["createdAt"] == 90 * 86_400_000
    assert pindeck(folder, "key", "revoke", made.stdout.strip()).returncode == 0
    assert json.loads(pindeck(folder, "key", "list", "--json").stdout)[0]["revokedAt"]
    wrong = pindeck(folder, "key", "create", "--kind", "extension")
    assert wrong.returncode == 1
    assert wrong.stdout == ""
    assert "identifier" in wrong.stderr


def test_a_folder_is_imported_once_and_what_is_refused_is_named(folder, tmp_path):
    pindeck(folder, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    source = tmp_path / "stills"
    (source / "night").mkdir(parents=True)
    (source / "a.jpg").write_bytes(photo(mark="a"))
    (source / "night" / "b.png").write_bytes(photo(format="PNG", mark="b"))
    (source / "broken.jpg").write_bytes(b"not a picture")
    (source / "notes.txt").write_text("leave me")
    first = pindeck(folder, "import", str(source), "--user", "mo@example.org", "--project", "Nocturne", "--json")
    assert first.returncode == 1, first.stderr
    rows = [json.loads(line) for line in first.stdout.splitlines()]
    assert [(Path(r["path"]).name, bool(r["id"]), bool(r["error"])) for r in rows] == [
        ("a.jpg", True, False), ("broken.jpg", False, True), ("b.png", True, False), ("notes.txt", False, False),
    ]  # fmt: skip
    assert [row["outcome"] for row in rows] == ["added", "refused", "added", "left_out"]
    (source / "broken.jpg").unlink()
    with closing(sqlite3.connect(folder / "pindeck.sqlite3")) as database:
        database.execute("UPDATE image SET deleted_at = 1 WHERE id = ?", (rows[2]["id"],))
        database.commit()
    second = pindeck(folder, "import", str(source), "--user", "mo@example.org")
    assert second.returncode == 0
    assert second.stdout.splitlines()[-3:] == [
        "0 imported, 1 were there already, 0 refused.",
        f"1 in the trash (open /trash to restore): {source / 'night' / 'b.png'}.",
        "1 left out (not pictures by their names): 1 .txt.",
    ]


def test_sources_are_added_listed_and_run(folder):
    pindeck(folder, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    assert "There is no source yet" in pindeck(folder, "source", "list").stdout
    refused = pindeck(folder, "source", "add", "ftp://x", "--user", "mo@example.org", "--every", "1")
    assert refused.returncode == 1 and "https://" in refused.stderr and "from 15" in refused.stderr
    made = pindeck(folder, "source", "add", "https://stills.example.org/feed", "--user", "mo@example.org", "--every", "60")
    source = made.stdout.split()[0]
    assert made.returncode == 0 and "stills.example.org/feed" in made.stdout
    assert "A worker reads it now" in pindeck(folder, "source", "run", source).stdout
    told = json.loads(pindeck(folder, "source", "list", "--user", "mo@example.org", "--json").stdout)
    assert (told["id"], told["everyMinutes"], told["lastRun"]["status"]) == (source, 60, "running")
    assert "running" in pindeck(folder, "source", "list").stdout
    assert pindeck(folder, "source", "run", "nothing").returncode == 1


def test_failed_uploads_and_missing_runs_are_backfilled(folder, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        (pictures / f"{number}.jpg").write_bytes(photo(mark=f"backfilled {number}"))
    for email in ("a@example.org", "b@example.org"):
        assert pindeck(folder, "user", "create", email, "--password-stdin", stdin="correct horse battery").returncode == 0
    assert pindeck(folder, "import", str(pictures), "--user", "a@example.org", "--json").returncode == 0
    with closing(sqlite3.connect(folder / "pindeck.sqlite3")) as database:
        database.execute("DELETE FROM job")
        database.execute("UPDATE image SET persist_status = 'failed', attribution = 'AI Generation'")
        database.commit()

    def told(*words):
        answer = pindeck(folder, "backfill", *words, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    assert told("persistence", "--user", "b@example.org") == {"scheduled": 0}
    assert told("persistence", "--limit", "0") == {"scheduled": 1}
    assert told("persistence", "--limit", "9999") == {"scheduled": 2}
    assert told("persistence") == {"scheduled": 0}  # they wait for a worker
    assert told("generations", "--user", "b@example.org") == {"scanned": 0, "inserted": 0, "skippedExisting": 0}
    assert told("generations", "--limit", "2") == {"scanned": 2, "inserted": 2, "skippedExisting": 0}
    assert told("generations", "--user", "a@example.org") == {"scanned": 3, "inserted": 1, "skippedExisting": 2}
    with closing(sqlite3.connect(folder / "pindeck.sqlite3")) as database:
        rows = database.execute("SELECT count(*), count(DISTINCT user_id), min(lane) FROM job WHERE kind = 'persist'")
        assert rows.fetchone() == (3, 0, "later")
        assert database.execute("SELECT count(*), count(DISTINCT user_id) FROM generation").fetchone() == (3, 1)
    wrong = pindeck(folder, "backfill", "generations", "--user", "nobody@example.org")
    assert wrong.returncode == 1 and "There is no account nobody@example.org" in wrong.stderr
    assert pindeck(folder, "backfill", "pictures").returncode == 2
    assert "EMBEDDINGS_BASE_URL is empty" in pindeck(folder, "backfill", "embeddings").stderr


def test_tags_that_nobody_chose_are_removed(folder, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "one.jpg").write_bytes(photo(mark="tidied"))
    pindeck(folder, "user", "create", "a@example.org", "--password-stdin", stdin="correct horse battery")
    image_id = json.loads(pindeck(folder, "import", str(tmp_path / "pictures"), "--user", "a@example.org", "--json").stdout)["id"]
    with closing(sqlite3.connect(folder / "pindeck.sqlite3")) as database:
        database.execute("INSERT INTO image_tag (image_id, tag, position) VALUES (?, 'landscape', 1)", [image_id])
        database.execute(
            "INSERT INTO field_event (image_id, field, old, new, writer, program, action_id, at)"
            """ VALUES (?, 'tags', '["original"]', '["original", "landscape"]', 'machine', 'offline', 'earlier', 1)""",
            [image_id],
        )
        database.commit()
        assert pindeck(folder, "tidy", "tags", "--dry-run").stdout == "1 picture would lose such tags.\n"
        told = json.loads(pindeck(folder, "tidy", "tags", "--json").stdout)
        assert told["images"] == 1 and told["action"]
        assert database.execute("SELECT tag FROM image_tag").fetchall() == [("original",)]
    assert pindeck(folder, "tidy", "tags").stdout == "Such tags were removed from 0 pictures.\n"
    assert pindeck(folder, "tidy", "projects").stdout == "0 pictures left such projects.\n"


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(tmp_path):
    sick = pindeck(tmp_path, "doctor", "--json")
    assert sick.returncode == 1
    found = {row["part"]: row for row in json.loads(sick.stdout)}
    assert not found["schema"]["ok"]
    assert "pindeck migrate" in found["schema"]["mend"]
    assert not found["queue"]["ok"]
    stack = _Stack(tmp_path / "well")
    try:
        well = stack.run("doctor")
        assert "BAD" not in well
    finally:
        stack.stop()


def test_files_are_read_again_at_once_and_restored_from_the_folder_of_the_backup(folder, tmp_path):
    pictures, copies = tmp_path / "pictures", {"BACKUP_DIR": str(tmp_path / "copies")}
    pictures.mkdir()
    (pictures / "storm light.jpg").write_bytes(photo())
    owner = pindeck(folder, "user", "create", "mo@example.org", "--password-stdin", stdin="correct horse battery\n")
    assert owner.returncode == 0
    assert pindeck(folder, "import", str(pictures), "--user", "mo@example.org").returncode == 0
    nameless = pindeck(folder, "backup")
    assert nameless.returncode == 1 and "BACKUP_DIR" in nameless.stderr
    assert "not a finished backup" in pindeck(folder, "doctor", **copies).stdout
    assert pindeck(folder, "backup", **copies).returncode == 0

    (stored,) = (path for path in (folder / "files").rglob("*") if path.is_file())
    stored.write_bytes(b"rotten")
    named = pindeck(folder, "check", "--all")
    assert named.returncode == 1 and "the original holds other bytes" in named.stdout
    assert "damaged: storm light" in named.stdout and "BACKUP_DIR is not set" in named.stdout
    assert "1 originals" in pindeck(folder, "doctor").stdout
    mended = pindeck(folder, "check", "--all", "--json", **copies)
    assert mended.returncode == 0 and json.loads(mended.stdout)["damaged"] == []
    assert stored.read_bytes() == photo()
    assert pindeck(folder, "check").returncode == 0


def test_a_wrong_setting_ends_the_start_with_a_sentence_naming_it(tmp_path):
    for words in (["up"], ["migrate"], ["doctor"]):
        done = pindeck(tmp_path, *words, REGISTRATION="sometimes")
        assert done.returncode == 1
        assert "REGISTRATION" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_up_starts_everything_says_how_to_begin_and_ctrl_c_leaves_nothing(tmp_path):
    import urllib3

    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "pindeck.cli", "up"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data"), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )

    def page() -> bool:
        try:
            return urllib3.request("GET", f"http://127.0.0.1:{port}/", timeout=1, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    try:
        wait_for(page, 60, "the first page")
        wait_for(
            lambda: urllib3.request("GET", f"http://127.0.0.1:{port}/readyz", retries=False, timeout=60).status == 200, 60, "readiness"
        )
        tree = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        assert len(tree) >= 5  # the watcher, the queue, gunicorn and its workers, the worker
    finally:
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 130), said
    assert f"http://localhost:{port}" in said
    assert "becomes the administrator" in said
    assert "Traceback" not in said
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in tree), 60, "every process to be gone")
