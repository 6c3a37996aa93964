"""Folders of the server as sources: for administrators, below those that a setting names, and never through a link."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Busy, Forbidden, Invalid, NoSpace, Upstream
from pindeck.models import Image, ImageTag, User
from pindeck.services.images import trash
from pindeck.services.ingest.sources import folders, runs, sending, sources, trying
from pindeck.states import Role
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import photo
from tests.fetching.hostile import HostileServer
from tests.services.ingest.sources.conftest import Feed


@pytest.fixture
def top(tmp_path: Path, change_settings: ChangeSettings, feed: Feed) -> Path:
    made = tmp_path / "stills"
    (made / "deep").mkdir(parents=True)
    change_settings(source_folders=f"/nowhere, {made}")
    return made


@pytest.fixture
def stills(web: HostileServer, mo: Actor, run_jobs: RunJobs, top: Path) -> Feed:
    """A source of the administrator's, of that folder."""
    (top / "one_alley.jpg").write_bytes(photo(mark="one"))
    (top / "deep" / "two.JPG").write_bytes(photo(mark="two"))
    (top / os.fsdecode(b"three\xff.jpg")).write_bytes(photo(mark="three"))
    (top / "notes.txt").write_text("no picture")
    (top / ".hidden.jpg").write_bytes(photo(mark="hidden"))
    made = Feed(web, mo, run_jobs)
    made.id = sources.create(mo, "folder", path=str(top), tags=["scan"], project="Alley").source.id
    return made


def test_files_of_a_folder_become_drafts_each_once(stills: Feed, top: Path) -> None:
    batch = stills.run()
    assert (batch.status, batch.created_count) == ("done", 3)
    assert {image.title for image in Image.select()} == {"one alley", "two", "three\xff"}
    assert {(image.status, image.persist_status) for image in Image.select()} == {("draft", "succeeded")}
    assert {row.tag for row in ImageTag.select()} == {"scan", "original"}
    (top / "again.jpg").write_bytes(photo(mark="one"))
    (top / "broken.jpg").write_bytes(b"no picture")
    batch = stills.run()
    assert (batch.created_count, batch.skipped_count, batch.failed_count) == (0, 1, 1)
    trash.trash(stills.owner, Image.get(Image.title == "two").id)
    (top / "deep" / "two.JPG").touch()
    os.utime(top / "deep" / "two.JPG", (1, 1))
    stills.run()
    assert sending.TRASHED in {item.reason for item in stills.items} and Image.select().count() == 3


def test_a_trusted_folder_is_published(stills: Feed) -> None:
    sources.update(stills.owner, stills.id, moderated=False)
    stills.run()
    assert {image.status for image in Image.select()} == {"active"}


def test_a_run_of_a_folder_that_dies_changes_nothing_twice(stills: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = runs.run(stills.owner, stills.id)
    really, calls = sending.folder.bring, 0

    def dies(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        made = really(*args, **more)
        if calls == 2:
            raise SystemExit
        return made

    monkeypatch.setattr(sending.folder, "bring", dies)
    with pytest.raises(SystemExit):
        runs.go_on(batch.id, lambda done, of: None)
    runs.go_on(batch.id, lambda done, of: None)
    assert stills.states == ["sent"] * 3 and Image.select().count() == 3


@pytest.mark.parametrize(
    "trouble", [Upstream("Away."), NoSpace("Full."), Busy("Busy."), OSError(errno.EMFILE, "Too many open files")], ids=lambda error: type(error).__name__
)
def test_files_wait_while_the_store_is_away_or_full(stills: Feed, monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise trouble

    with monkeypatch.context() as away:
        away.setattr(sending.folder.uploads, "stage", fails)
        batch = stills.run()
    assert (batch.status, batch.failed_count) == ("running", 0) and stills.states == ["new"] * 3
    stills.run_jobs(include_later=True)
    assert stills.states == ["sent"] * 3 and stills.source.last_run_id == batch.id


def test_a_file_that_may_not_be_read_fails_alone(stills: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Path.open

    def closed(path: Path, *args: Any, **more: Any) -> Any:
        if path.name == "one_alley.jpg":
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, *args, **more)

    monkeypatch.setattr(Path, "open", closed)
    batch = stills.run()
    assert (batch.status, batch.created_count, batch.failed_count) == ("done", 2, 1)
    assert "Permission denied" in {item.state: str(item.reason) for item in stills.items}["failed"]


def test_links_are_not_followed_and_what_moved_is_told(stills: Feed, top: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(photo(mark="outside"))
    (top / "link.jpg").symlink_to(outside)
    (top / "linked").symlink_to(tmp_path)
    assert len(folders.look(str(top))) == 3
    found = next(each for each in folders.look(str(top)) if each.title.startswith("one"))
    (top / "one_alley.jpg").unlink()
    (top / "one_alley.jpg").symlink_to(outside)
    with pytest.raises(Invalid):
        folders.file_at(str(top), str(found.path))
    with pytest.raises(Invalid):
        folders.file_at(str(top), "../outside.jpg")


def test_a_folder_that_goes_away_while_it_is_read_fails_none_of_its_files(top: Path, monkeypatch: pytest.MonkeyPatch, stills: Feed) -> None:
    really = folders.file_at

    def away(folder: str, quoted: str) -> Path:
        if top.exists():
            top.rename(top.with_name("away"))
        return really(folder, quoted)

    monkeypatch.setattr(folders, "file_at", away)
    batch = stills.run()
    assert (batch.status, batch.failed_count, {item.state for item in stills.items}) == ("running", 0, {"new"})
    top.with_name("away").rename(top)
    monkeypatch.undo()
    stills.run_jobs(include_later=True)
    assert {item.state for item in stills.items} == {"sent"}


def test_where_a_source_may_lie(mo: Actor, olga: Actor, top: Path, tmp_path: Path, database: Settings, change_settings: ChangeSettings) -> None:
    (tmp_path / "link").symlink_to(top)
    change_settings(source_folders=f"{top},{tmp_path}/link,{database.data_dir}")
    data = database.data_dir
    for wrong in (tmp_path, top / "missing", top / ".." / "stills", tmp_path / "link", data, data / "files", "relative", "", "\0", None, 5):
        with pytest.raises(Invalid) as error:
            sources.create(mo, "folder", path=wrong if wrong is None or isinstance(wrong, int) else str(wrong))
        assert set(error.value.fields) == {"path"}
    change_settings(source_folders=str(tmp_path))
    with pytest.raises(Invalid):  # our own files would be below it
        sources.create(mo, "folder", path=str(tmp_path))
    with pytest.raises(Forbidden):
        sources.create(olga, "folder", path=str(top))
    assert sources.create(mo, "folder", path=str(top / "deep")).source.path == str(top / "deep")


def test_a_folder_is_read_only_while_its_owner_is_an_administrator(stills: Feed, top: Path, change_settings: ChangeSettings) -> None:
    User.update(role=Role.CURATOR).where(User.id == stills.owner.user_id).execute()
    assert stills.run().error == runs.OWNER_GONE and stills.source.is_paused
    demoted = Actor(stills.owner.user_id, Role.CURATOR)
    with pytest.raises(Forbidden):
        sources.update(demoted, stills.id, path=str(top / "deep"))
    User.update(role=Role.ADMIN).where(User.id == stills.owner.user_id).execute()
    change_settings(source_folders="")
    assert "SOURCE_FOLDERS" in stills.run().error


def test_a_test_of_a_folder_shows_its_first_pictures(stills: Feed) -> None:
    job = trying.ask(stills.owner, stills.id)
    stills.run_jobs()
    result = trying.result_of(stills.owner, stills.id, job.id).result
    assert result["count"] == 3 and all(each["picture"].startswith("data:image/webp") for each in result["first"])
