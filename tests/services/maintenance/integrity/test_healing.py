"""Damaged originals are mended from the backup, or by equal bytes that are sent again."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pindeck import storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Upstream
from pindeck.models import Blob, Image
from pindeck.services.blobs import blobs
from pindeck.services.derivatives import delivery
from pindeck.services.files import intake
from pindeck.services.ingest import tickets
from pindeck.services.maintenance import damage
from pindeck.storage import keys
from tests import invariants
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import blob_of, make_active, make_draft, new_photo, objects, overwrite, redeem
from tests.services.maintenance.integrity.reading import is_whole, read_all, stored, verbs

# From the backup


def test_a_damaged_original_is_restored_from_the_backup(
    olga: Actor, run_jobs: RunJobs, backed_up: Callable[[], Path]
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    backed_up()
    blob = blob_of(image)
    overwrite(blob.object_key, b"rotten")
    read_all()
    assert is_whole(blob) and verbs() == ["file.differs", "file.restored"]
    assert delivery.picture(olga, image.id, None).sha256 == blob.sha256
    invariants.check()


@pytest.mark.parametrize("copy", ["missing", "damaged", "short"])
def test_a_copy_that_is_not_whole_restores_nothing(
    copy: str, olga: Actor, mo: Actor, backed_up: Callable[[], Path]
) -> None:
    blob = stored(b"as it was")
    path = backed_up() / "objects" / blob.sha256[:2] / blob.sha256
    if copy == "missing":
        path.unlink()
    else:
        path.write_bytes(b"AS IT WAS" if copy == "damaged" else b"as")
    overwrite(blob.object_key, b"rotten")
    read_all()
    (found,) = damage.list_damaged(mo)
    assert found.note == (
        "The backup in BACKUP_DIR has no copy of it." if copy == "missing" else "The copy in BACKUP_DIR is damaged too."
    )
    assert invariants.read(blob.object_key) == b"rotten"


def test_a_backup_taken_later_keeps_the_whole_copy_and_a_restore_forgets_the_damage(
    olga: Actor, database: Settings, backed_up: Callable[[], Path], change_settings: ChangeSettings
) -> None:
    blob = stored(b"as it was")
    folder = backed_up()
    change_settings(backup_dir="")
    overwrite(blob.object_key, b"rotten")
    read_all()
    backed_up()
    assert (folder / "objects" / blob.sha256[:2] / blob.sha256).read_bytes() == b"as it was"
    assert Blob.get_by_id(blob.id).damaged_at is not None


# Equal bytes


def test_sending_the_same_file_again_heals_it(olga: Actor, mo: Actor, sam: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    image = make_active(olga, data)
    run_jobs(include_later=True)
    blob = blob_of(image)
    overwrite(blob.object_key, b"rotten")
    read_all()
    again = make_draft(sam, data)
    assert blob_of(again).id == blob.id and is_whole(blob)
    assert damage.list_damaged(mo) == [] and delivery.picture(olga, image.id, None).sha256 == blob.sha256
    run_jobs(include_later=True)
    read_all()
    assert verbs() == ["file.differs", "file.healed"] and not objects(keys.STAGING_PREFIX)
    invariants.check()


def test_every_way_in_heals(olga: Actor, run_jobs: RunJobs) -> None:
    data = new_photo()
    blob = stored(data)

    def by_ticket(purpose: str) -> None:
        redeem(tickets.make_ticket(olga, purpose=purpose), BytesIO(data), filename="again.jpg")

    for send in (lambda: stored(data), lambda: by_ticket("image"), lambda: by_ticket("file")):
        overwrite(blob.object_key, b"rotten")
        read_all()
        assert Blob.get_by_id(blob.id).damaged_at is not None
        send()
        assert is_whole(blob) and Blob.get_by_id(blob.id).damaged_at is None
    assert Blob.select().count() == 1 and not objects(keys.STAGING_PREFIX)


def test_a_damaged_file_that_comes_alive_in_the_last_moment_is_healed_too(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    looked, looks = blobs.live, []

    def not_at_first(sha256: str) -> Blob | None:
        looks.append(sha256)
        return None if len(looks) == 1 else looked(sha256)

    monkeypatch.setattr(intake, "_is_stored", lambda sha256: False)
    monkeypatch.setattr(blobs, "live", not_at_first)
    assert stored(b"as it was").id == blob.id
    assert is_whole(blob) and Blob.get_by_id(blob.id).damaged_at is None
    assert Blob.select().count() == 1 and not objects(keys.STAGING_PREFIX)


def test_where_the_store_is_away_no_upload_points_to_damaged_bytes(
    olga: Actor, sam: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = new_photo()
    blob = blob_of(make_active(olga, data))
    run_jobs(include_later=True)
    blob = Blob.get_by_id(blob.id)
    overwrite(blob.object_key, b"rotten")
    read_all()

    def away(*_: Any) -> None:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "copy", away)
        with pytest.raises(Upstream):
            make_draft(sam, data)
    assert Image.select().where(Image.user == sam.user_id).count() == 0 and not objects(keys.STAGING_PREFIX)
