"""`pindeck backup`, `restore` and `move` as somebody types them, the last one between real servers."""

import hashlib
import json
import re
from pathlib import Path

import pytest
import urllib3

from pindeck.models import Image
from pindeck.services.backup import objects, rows
from pindeck.services.derivatives import crop_urls
from tests import invariants
from tests.cli.test_commands import pindeck
from tests.kill.test_web_queue_and_disk import PASSWORD, Person, all_safe
from tests.servers.postgres import start_postgres
from tests.servers.s3 import start_ministack
from tests.stack import Stack, wait_for
from tests.stills import jpeg


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A whole Pindeck on SQLite and files, at work, with three pictures, two of them published."""
    stack = Stack(tmp_path_factory.mktemp("library")).start()
    person = Person(stack.base).sign_up()
    ids = []
    for number in range(3):
        answer = person.upload(jpeg(number, (900, 600)), f"still {number}.jpg")
        assert answer.status == 200, answer.data
        ids.append(re.search(rb'data-id="([^"]+)"', answer.data).group(1).decode())
    with stack.bound():
        wait_for(all_safe, 60, "the pictures to be safe", stack.log)
    for image_id in ids[1:]:
        assert person.post(f"/review/{image_id}/publish", {}).status == 303
    with stack.bound():
        wait_for(
            lambda: Image.select().where(Image.public_token.is_null(False)).count() == 2, 30, "copies", stack.log
        )
    yield stack
    stack.stop()


def look() -> tuple[dict[str, list[rows.Row]], dict[str, str]]:
    """The rows of people and pictures, and the SHA-256 of every object."""

    read = rows.reader()
    names = [table.name for table in rows.tables()]
    found = {name: list(read(name)) for name in names if name not in ("job", "image")}
    found["image"] = [row | {"public_token": None} for row in read("image")]
    stored = {one.key for one in objects.listed(read, names)}
    return found, {key: hashlib.sha256(invariants.read(key)).hexdigest() for key in stored}


def test_a_backup_is_taken_while_it_runs_and_restored_elsewhere(library, tmp_path):
    folder = tmp_path / "backup"
    first = json.loads(library.run("backup", str(folder), "--json"))
    assert (first["rows"]["image"], first["objects"], first["faults"]) == (3, 15, [])
    assert re.search(r"^ +3 image$", library.run("backup", str(folder), "--verify"), re.M)
    with library.bound():
        before = look()
    other = Stack(tmp_path / "other")
    try:
        other.run("restore", str(folder), "--verify")
        with other.bound():
            after = look()
            for found in (before, after):
                for row in found[0]["blob"]:
                    row.pop("bucket")
            assert after == before
        twice = pindeck(other.folder / "data", "restore", str(folder))
        assert (twice.returncode, "a restore needs an empty database" in twice.stderr) == (1, True)
        assert "Traceback" not in twice.stderr
        other.start()
        with other.bound():
            wait_for(
                lambda: Image.select().where(Image.public_token.is_null(False)).count() == 2, 60, "copies", other.log
            )
            invariants.check()
        page = urllib3.request("GET", other.base + "/", timeout=60).data.decode()
        sources = re.findall(r'src="(/media/[^"]+-w320\.webp)"', page)
        assert len(sources) == 2
        assert urllib3.request("GET", library.base + sources[0], timeout=60).data == (
            urllib3.request("GET", other.base + sources[0], timeout=60).data
        )
        person = Person(other.base)
        person.get("/sign-in")
        answer = person.post("/sign-in", {"email": "olga@example.org", "password": PASSWORD})
        assert answer.status == 303, "the password is the same"
    finally:
        other.stop()


def test_damage_is_named_and_makes_the_exit_code_one(library, tmp_path):
    folder = tmp_path / "backup"
    library.run("backup", str(folder))
    (original,) = (library.folder / "data" / "files").rglob("original/still-0-*.jpg")
    data = original.read_bytes()
    original.write_bytes(data[:-1] + b"!")
    try:
        answer = pindeck(library.folder / "data", "backup", str(tmp_path / "another"))
    finally:
        original.write_bytes(data)
    assert answer.returncode == 1
    assert re.search(rf"^damaged: media-uploads/\S+/{original.name} ", answer.stderr, re.M)
    assert hashlib.sha256(data).hexdigest() in answer.stderr


def test_what_is_no_backup_is_said_in_a_sentence(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    answer = pindeck(tmp_path / "data", "restore", str(empty))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "is not a finished backup" in answer.stderr
    nowhere = pindeck(tmp_path / "data", "move", "--to", "postgresql://nobody@127.0.0.1:1/none", "--store", "s3")
    assert "Set MINIO_ENDPOINT" in nowhere.stderr
    assert "Traceback" not in nowhere.stderr


def test_addresses_that_are_signed_already_outlive_a_move(tmp_path):
    """They stand on customers' pages. The key that was made in DATA_DIR has to be set at the new place."""
    old = Stack(tmp_path / "old", {"SECRET_KEY": ""}).start()
    new = None
    try:
        person = Person(old.base).sign_up()
        answer = person.upload(jpeg(1, (900, 600)), "still.jpg")
        image_id = re.search(rb'data-id="([^"]+)"', answer.data).group(1).decode()
        with old.bound():
            wait_for(all_safe, 60, "the picture to be safe", old.log)
        assert person.post(f"/review/{image_id}/publish", {}).status == 303
        with old.bound():
            address = crop_urls.signed_path(image_id, w=100, h=100)
        shown = urllib3.request("GET", old.base + address, timeout=60)
        assert shown.status == 200
        home = tmp_path / "home"
        told = old.run("move", "--to", f"sqlite:{home}", "--store", "files")
        kept = re.search(r"^SECRET_KEY=…   \(what stands in (/\S+/secret-key),", told, re.M)
        assert kept and (tmp_path / "old" / "data" / "secret-key").read_text() == Path(kept[1]).read_text()
        assert Path(kept[1]).read_text() not in told
        new = Stack(tmp_path / "new", {"DATA_DIR": str(home), "SECRET_KEY": Path(kept[1]).read_text()})
        new.start_web()
        moved = urllib3.request("GET", new.base + address, timeout=60)
        assert (moved.status, moved.data) == (200, shown.data)
    finally:
        old.stop()
        if new:
            new.stop()


def test_a_library_moves_to_postgresql_and_s3_and_back(library, tmp_path):
    s3, postgres = start_ministack(tmp_path), start_postgres(tmp_path)
    deployed = None
    try:
        with library.bound():
            before = look()
        url = postgres.create_database("moved")
        store = s3.environ()
        library.environ.update(store)
        told = library.run("move", "--to", url, "--store", "s3", "--verify")
        assert f"DATABASE_URL={url}" in told
        assert "MINIO_ENDPOINT" in told
        deployed = Stack(tmp_path / "deployed", {**store, "DATABASE_URL": url})
        with deployed.bound():
            rows_after, objects_after = look()
            buckets = {row.pop("bucket") for row in rows_after["blob"]}
            assert buckets == {store["MINIO_BUCKET"]}
        for row in before[0]["blob"]:
            row.pop("bucket")
        assert (rows_after, objects_after) == before
        deployed.start()
        with deployed.bound():
            wait_for(
                lambda: Image.select().where(Image.public_token.is_null(False)).count() == 2,
                60,
                "copies",
                deployed.log,
            )
            invariants.check()
        page = urllib3.request("GET", deployed.base + "/", timeout=60).data.decode()
        source = re.search(r'src="(/media/[^"]+-w320\.webp)"', page).group(1)
        assert urllib3.request("GET", deployed.base + source, timeout=60).status == 200
        home = tmp_path / "home"
        deployed.run("move", "--to", f"sqlite:{home}", "--store", "files", "--json")
        back = Stack(tmp_path / "back", {"DATA_DIR": str(home)})
        try:
            with back.bound():
                rows_back, objects_back = look()
            assert objects_back == before[1]
            for name in ("user", "field_event", "stored_file", "derivative"):
                assert rows_back[name] == before[0][name]
            assert rows_back["image"] == before[0]["image"]
        finally:
            back.stop()
    finally:
        for name in s3.environ():
            library.environ.pop(name, None)
        if deployed:
            deployed.stop()
        postgres.stop()
        s3.stop()
