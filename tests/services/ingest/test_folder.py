"""A folder from disk: every picture once, however often it is run."""

import hashlib
import os
import unicodedata
from pathlib import Path

import pytest

from pindeck import storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, NotSignedIn, Upstream
from pindeck.models import Blob, Client, FieldEvent, Image, ImportBatch, User
from pindeck.services.images import trash
from pindeck.services.ingest import folder as folder_import
from pindeck.services.ingest import folder_files
from pindeck.services.ingest.folder import Outcome, Result
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import make_draft, new_photo, photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stills"
    (made / "sub").mkdir(parents=True)
    (made / ".hidden").mkdir()
    for name in ("b.jpg", "a.JPG", "sub/c.jpg", ".hidden/d.jpg", ".e.jpg"):
        (made / name).write_bytes(new_photo())
    (made / "notes.txt").write_text("no")
    return made


def run(actor: Actor, folder: Path, **options: object) -> list[Result]:
    """What became of the pictures below a folder."""
    results = folder_import.run(actor, folder_files.look(folder), **options)  # type: ignore[arg-type]
    return [result for result in results if result.outcome != Outcome.LEFT_OUT]


def outcomes(results: list[Result]) -> list[tuple[str, str]]:
    return [(result.path.name, str(result.outcome)) for result in results]


def test_pictures_below_a_folder_are_found_in_order(folder: Path) -> None:
    found = folder_files.look(folder)
    assert [path.relative_to(folder).as_posix() for path in found.pictures] == ["a.JPG", "b.jpg", "sub/c.jpg"]
    assert [path.name for path in found.left_out] == ["notes.txt"]
    assert found.unread == []


def test_every_picture_becomes_a_draft(olga: Actor, folder: Path, run_jobs: RunJobs) -> None:
    results = run(olga, folder)
    assert [result.error for result in results] == [None] * 3
    rows = list(Image.select().order_by(Image.seq))
    assert [row.id for row in rows] == [result.image_id for result in results]
    digests = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("a.JPG", "b.jpg", "sub/c.jpg")]
    assert [row.external_id for row in rows] == [f"folder:sha256:{digest}" for digest in digests]
    assert {(row.status, row.user_id) for row in rows} == {("draft", olga.user_id)}
    batch = ImportBatch.get()
    assert (batch.created_count, batch.skipped_count) == (3, 0)
    assert {row.import_batch_id for row in rows} == {batch.id}
    run_jobs(include_later=True)
    invariants.check()


def test_running_it_again_brings_only_what_is_new(olga: Actor, folder: Path) -> None:
    first = run(olga, folder)
    (folder / "z.jpg").write_bytes(new_photo())
    again = run(olga, folder)
    assert [str(result.outcome) for result in again] == ["there", "there", "there", "added"]
    assert [result.image_id for result in again[:3]] == [result.image_id for result in first]
    assert Image.select().count() == 4
    batches = ImportBatch.select().order_by(ImportBatch.created_at, ImportBatch.id)
    assert [(batch.created_count, batch.skipped_count) for batch in batches] == [(3, 0), (1, 3)]


def test_another_person_imports_the_same_folder_as_its_own(olga: Actor, sam: Actor, folder: Path) -> None:
    run(olga, folder)
    assert {result.outcome for result in run(sam, folder)} == {Outcome.ADDED}
    assert Image.select().count() == 6


def test_what_is_refused_does_not_hold_up_the_others(olga: Actor, folder: Path) -> None:
    (folder / "a.JPG").write_bytes(b"no picture")
    (folder / "aa.jpg").mkdir()
    (folder / "ab.jpg").symlink_to(folder / "missing.jpg")
    results = run(olga, folder)
    assert [(result.path.name, bool(result.error)) for result in results] == [
        ("a.JPG", True),
        ("b.jpg", False),
        ("c.jpg", False),
    ]
    assert ImportBatch.get().skipped_count == 1


def test_a_store_that_is_away_is_told_of_each_file(olga: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise Upstream("The store is away.")

    monkeypatch.setattr(folder_import.uploads, "stage", fails)
    assert {result.error for result in run(olga, folder)} == {"The store is away."}
    monkeypatch.undo()
    assert {result.outcome for result in run(olga, folder)} == {Outcome.ADDED}


def test_a_file_that_vanished_is_told(olga: Actor, folder: Path) -> None:
    found = folder_files.look(folder)
    found.pictures[0].unlink()
    results = list(folder_import.run(olga, found))
    assert "could not be read" in str(results[0].error)
    assert Image.select().count() == 2


def test_a_project_and_publishing_can_be_asked_for(olga: Actor, folder: Path) -> None:
    run(olga, folder, project="Blade", publish=True)
    assert {(row.project.name, row.status) for row in Image.select()} == {("Blade", "active")}
    events = FieldEvent.select().where(FieldEvent.field == "project")
    assert {(event.writer, event.new) for event in events} == {("import", "Blade")}


def test_a_project_that_cannot_be_leaves_no_picture_behind(olga: Actor, folder: Path) -> None:
    results = run(olga, folder, project="x" * 200)
    assert {result.outcome for result in results} == {Outcome.REFUSED}
    assert Image.select().count() == 0


def test_other_bytes_under_the_same_path_are_another_picture(olga: Actor, tmp_path: Path) -> None:
    seen = []
    for card in ("card1", "card2"):
        place = tmp_path / card / "DCIM" / "100CANON" / "IMG_0001.jpg"
        place.parent.mkdir(parents=True)
        place.write_bytes(new_photo())
        seen += run(olga, tmp_path / card / "DCIM")
        seen += run(olga, tmp_path / card / "DCIM")
    assert [str(result.outcome) for result in seen] == ["added", "there", "added", "there"]
    assert [result.image_id for result in seen[::2]] == [result.image_id for result in seen[1::2]]
    assert Image.select().count() == 2


def test_a_picture_in_the_trash_is_said_to_lie_there(olga: Actor, folder: Path) -> None:
    first = run(olga, folder)[0]
    trash.trash(olga, str(first.image_id))
    again = run(olga, folder)
    assert outcomes(again) == [("a.JPG", "trashed"), ("b.jpg", "there"), ("c.jpg", "there")]
    assert again[0].image_id == first.image_id
    trash.restore(olga, str(first.image_id))
    assert {result.outcome for result in run(olga, folder)} == {Outcome.THERE}


def test_equal_bytes_are_one_picture_whatever_they_are_called(olga: Actor, tmp_path: Path) -> None:
    uploaded, pictures = make_draft(olga, photo(mark="seen")), tmp_path / "nfd"
    pictures.mkdir()
    (pictures / unicodedata.normalize("NFD", "été.jpg")).write_bytes(photo(mark="été"))
    (pictures / "renamed.jpg").write_bytes(photo(mark="seen"))
    decomposed, renamed = run(olga, pictures)
    assert (decomposed.outcome, renamed.outcome, renamed.image_id) == (Outcome.ADDED, Outcome.THERE, uploaded.id)
    assert Image.get(Image.id == decomposed.image_id).title == "été"
    decomposed.path.rename(pictures / "été.jpg")
    (pictures / "copy of été.jpg").write_bytes(photo(mark="été"))
    again = run(olga, pictures)
    assert [str(result.outcome) for result in again] == ["there"] * 3
    assert Image.select().count() == 2


def test_a_damaged_original_gets_its_bytes_again(olga: Actor, folder: Path, run_jobs: RunJobs) -> None:
    run(olga, folder)
    run_jobs(include_later=True)
    damaged = Blob.select().order_by(Blob.id).first()
    Blob.update(damaged_at=1, damage="differs").where(Blob.id == damaged.id).execute()
    storage.current().put(damaged.object_key, [b"rotten"], content_type="image/jpeg")
    assert {result.outcome for result in run(olga, folder)} == {Outcome.THERE}
    assert Blob.get_by_id(damaged.id).damaged_at is None
    with storage.current().open(damaged.object_key) as file:
        assert hashlib.sha256(file.read()).hexdigest() == damaged.sha256
    assert [stored.key for stored in storage.current().list("staging/")] == []
    assert Image.select().count() == 3


def test_what_an_extension_keeps_does_not_stand_for_a_picture_of_the_library(olga: Actor, folder: Path) -> None:
    run(olga, folder)
    client = Client.create(
        id="c1", kind="extension", identifier="ext", install_scope="user", user=olga.user_id, created_at=0
    )
    Image.update(client=client.id, external_id=None).execute()
    assert {result.outcome for result in run(olga, folder)} == {Outcome.ADDED}


def test_a_name_that_is_not_utf_8_is_read_as_latin_1(olga: Actor, tmp_path: Path) -> None:
    pictures = tmp_path / "latin1"
    pictures.mkdir()
    for name in (b"a.jpg", b"caf\xe9.jpg", b"z.jpg"):
        (pictures / os.fsdecode(name)).write_bytes(new_photo())
    assert [str(result.outcome) for result in run(olga, pictures)] == ["added"] * 3
    assert [(row.title, row.original_filename) for row in Image.select().order_by(Image.seq)] == [
        ("a", "a.jpg"), ("café", "café.jpg"), ("z", "z.jpg"),
    ]  # fmt: skip
    assert [str(result.outcome) for result in run(olga, pictures)] == ["there"] * 3


def test_every_ending_of_an_accepted_kind_is_a_picture(olga: Actor, tmp_path: Path) -> None:
    pictures = tmp_path / "endings"
    pictures.mkdir()
    names = ["a.jfif", "b.jpe", "c.apng", "d.mpo", "e.JPEG", "no ending"]
    for name in names:
        (pictures / name).write_bytes(new_photo(format="PNG" if name == "c.apng" else "JPEG"))
    film = b"\x00\x00\x00\x18ftypisom" + bytes(100)
    for name, data in (("notes.txt", b"no"), ("film", film), ("clip.mov", film), ("README", b"no")):
        (pictures / name).write_bytes(data)
    results = list(folder_import.run(olga, folder_files.look(pictures)))
    assert outcomes(results) == [
        *((name, "added") for name in names),
        *((name, "left_out") for name in ("README", "clip.mov", "film", "notes.txt")),
    ]
    assert (ImportBatch.get().created_count, ImportBatch.get().skipped_count) == (6, 0)


def test_a_folder_that_cannot_be_read_is_told(olga: Actor, folder: Path) -> None:
    (result,) = run(olga, folder / "gone")
    assert (result.path.name, result.outcome) == ("gone", Outcome.REFUSED)
    assert "No such file" in str(result.error)


def test_guests_and_visitors_import_nothing(gus: Actor, folder: Path) -> None:
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        with pytest.raises(error):
            run(actor, folder)
    assert (Image.select().count(), ImportBatch.select().count()) == (0, 0)


def test_the_account_is_found_by_its_address(olga: Actor) -> None:
    assert folder_import.actor_for(" Olga@Example.org").user_id == olga.user_id
    User.update(disabled_at=1).execute()
    for email in ("olga@example.org", "nobody@example.org"):
        with pytest.raises(NotFound):
            folder_import.actor_for(email)
