"""A folder from disk: every picture once, however often it is run."""

from pathlib import Path

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, NotFound, NotSignedIn
from pindeck.models import FieldEvent, Image, ImportBatch, User
from pindeck.services.ingest import folder as folder_import
from pindeck.services.ingest.folder import Result
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import new_photo


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
    return list(folder_import.run(actor, folder, folder_import.find_files(folder), **options))  # type: ignore[arg-type]


def test_pictures_below_a_folder_are_found_in_order(folder: Path) -> None:
    found = [path.relative_to(folder).as_posix() for path in folder_import.find_files(folder)]
    assert found == ["a.JPG", "b.jpg", "sub/c.jpg"]


def test_every_picture_becomes_a_draft(olga: Actor, folder: Path, run_jobs: RunJobs) -> None:
    results = run(olga, folder)
    assert [result.error for result in results] == [None] * 3
    rows = list(Image.select().order_by(Image.seq))
    assert [row.id for row in rows] == [result.image_id for result in results]
    assert [row.external_id for row in rows] == [f"folder:stills/{name}" for name in ("a.JPG", "b.jpg", "sub/c.jpg")]
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
    assert [result.was_there for result in again] == [True, True, True, False]
    assert [result.image_id for result in again[:3]] == [result.image_id for result in first]
    assert Image.select().count() == 4
    batches = ImportBatch.select().order_by(ImportBatch.created_at, ImportBatch.id)
    assert [(batch.created_count, batch.skipped_count) for batch in batches] == [(3, 0), (1, 3)]


def test_another_person_imports_the_same_folder_as_its_own(olga: Actor, sam: Actor, folder: Path) -> None:
    run(olga, folder)
    assert not any(result.was_there or result.error for result in run(sam, folder))
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


def test_a_file_that_vanished_is_told(olga: Actor, folder: Path) -> None:
    files = folder_import.find_files(folder)
    files[0].unlink()
    results = list(folder_import.run(olga, folder, files))
    assert "could not be read" in str(results[0].error)
    assert Image.select().count() == 2


def test_a_project_and_publishing_can_be_asked_for(olga: Actor, folder: Path) -> None:
    run(olga, folder, project="Blade", publish=True)
    assert {(row.project.name, row.status) for row in Image.select()} == {("Blade", "active")}
    events = FieldEvent.select().where(FieldEvent.field == "project")
    assert {(event.writer, event.new) for event in events} == {("import", "Blade")}


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
