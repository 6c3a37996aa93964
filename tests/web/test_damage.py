"""Damaged files: the list for administrators, what it offers, and what the picture's own page says."""

from pathlib import Path

import pytest

from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import Blob, Image, Job
from pindeck.services import backup
from pindeck.services.maintenance import damage, inspection
from tests.conftest import HTMX, ChangeSettings, ClientFor, RunJobs
from tests.factories import blob_of, make_active, overwrite

PAGE = "/admin/files"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"BACKUP_DIR": str(tmp_path / "backup")}


@pytest.fixture
def damaged(
    olga: Actor, database: Settings, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, change_settings: ChangeSettings
) -> Image:
    """A picture whose original was found damaged, when there was no backup yet."""
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)
    image = make_active(olga, name="storm light.jpg")
    run_jobs(include_later=True)
    backup.backup(database, Path(database.backup_dir))
    change_settings(backup_dir="")
    overwrite(blob_of(image).object_key, b"rotten")
    inspection.original(blob_of(image), lambda: None)
    change_settings(backup_dir=database.backup_dir)
    return image


def test_the_list_names_each_with_its_picture_and_what_may_be_done(
    client_for: ClientFor, mo: Actor, damaged: Image
) -> None:
    page = client_for(mo).get(PAGE)
    assert page.status_code == 200
    assert f'href="/images/{damaged.id}"' in page.text and "storm light" in page.text
    assert "has other bytes than were stored" in page.text and blob_of(damaged).object_key in page.text
    assert "Check again" in page.text and "Restore from backup" in page.text
    fragment = client_for(mo).get(PAGE, headers=HTMX)
    assert 'id="admin-files"' in fragment.text and "<html" not in fragment.text
    assert PAGE in client_for(mo).get("/").text


def test_with_nothing_damaged_it_says_so(client_for: ClientFor, mo: Actor) -> None:
    assert "No stored file is known to be damaged" in client_for(mo).get(PAGE).text


def test_restoring_works_without_javascript(
    client_for: ClientFor, mo: Actor, damaged: Image, run_jobs: RunJobs
) -> None:
    client, blob = client_for(mo), blob_of(damaged)
    assert client.get(f"/i/{damaged.id}").status_code == 503
    answer = client.post(f"{PAGE}/{blob.id}/from-backup")
    assert (answer.status_code, answer.location) == (303, PAGE)
    client.post(f"{PAGE}/{blob.id}/from-backup")
    assert Job.select().where(Job.kind == "restore_file").count() == 1
    run_jobs()
    assert client.get(f"/i/{damaged.id}").status_code == 200
    assert "No stored file is known to be damaged" in client.get(PAGE).text
    assert client.post(f"{PAGE}/{blob.id}/from-backup").status_code == 404


def test_checking_again_reads_it_at_once(client_for: ClientFor, mo: Actor, damaged: Image, run_jobs: RunJobs) -> None:
    client, blob = client_for(mo), blob_of(damaged)
    answer = client.post(f"{PAGE}/{blob.id}/check", headers=HTMX)
    assert answer.status_code == 200 and "being read again" in answer.text
    run_jobs()
    assert Blob.get_by_id(blob.id).damaged_at is None  # restored, as there is a backup by now
    assert client.post(f"{PAGE}/nothing/check").status_code == 404


def test_everything_may_be_read_at_once(client_for: ClientFor, mo: Actor, damaged: Image, run_jobs: RunJobs) -> None:
    Blob.update(checked_at=1).execute()
    assert client_for(mo).post(f"{PAGE}/read").status_code == 303
    run_jobs()
    assert not Blob.select().where(Blob.checked_at == 1).exists()


def test_without_a_backup_folder_nothing_is_offered(client_for: ClientFor, mo: Actor, damaged: Image, change_settings: ChangeSettings) -> None:
    change_settings(backup_dir="")
    answer = client_for(mo).post(f"{PAGE}/{blob_of(damaged).id}/from-backup")
    assert answer.status_code == 409 and "BACKUP_DIR" in answer.text


def test_only_administrators_come_in(client_for: ClientFor, damaged: Image, olga: Actor, gus: Actor) -> None:
    paths = [f"{PAGE}/{blob_of(damaged).id}/check", f"{PAGE}/{blob_of(damaged).id}/from-backup", f"{PAGE}/read"]
    for actor, status in ((None, 303), (gus, 403), (olga, 403)):
        client = client_for(actor)
        assert client.get(PAGE).status_code == status
        assert [client.post(path).status_code for path in paths] == [status] * 3
    assert Job.select().where(Job.kind.in_(["read_files", "restore_file"])).count() == 0
    for actor in (olga, gus):
        for refused in (
            lambda actor=actor: damage.list_damaged(actor),
            lambda actor=actor: damage.check_again(actor, "x"),
            lambda actor=actor: damage.restore(actor, "x"),
            lambda actor=actor: damage.read_everything(actor),
        ):
            with pytest.raises(Exception) as caught:
                refused()
            assert caught.value.status == 403  # type: ignore[attr-defined]


def test_the_page_of_the_picture_says_it_and_offers_no_original(
    client_for: ClientFor, damaged: Image, olga: Actor
) -> None:
    for actor in (None, olga):
        client = client_for(actor)
        page = client.get(f"/images/{damaged.id}").text
        assert "has been damaged since" in page and "its sizes still exist" in page
        assert "Download the original" not in page
        assert ("Upload the same file again" in page) == (actor is olga)
        assert client.get(f"/i/{damaged.id}?size=large").status_code == 200
        answer = client.get(f"/i/{damaged.id}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "FILE_DAMAGED")
