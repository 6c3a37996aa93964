"""A damaged original is set apart and told; what may pass is no damage."""

import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.errors import Damaged, Upstream
from pindeck.models import Blob, Derivative, StoredFile
from pindeck.services.derivatives import crop_urls, crops, delivery
from pindeck.services.maintenance import damage, inspection, integrity
from pindeck.states import BlobState
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, make_active, make_draft, new_photo, objects, overwrite
from tests.services.maintenance.integrity.reading import Clock, is_whole, read_all, stored, verbs

# Originals


@pytest.mark.parametrize("how", ["differs", "missing"])
def test_a_damaged_original_is_set_apart_and_told(
    how: str, olga: Actor, mo: Actor, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    blob = blob_of(image)
    if how == "missing":
        storage.current().delete(blob.object_key)
    else:
        overwrite(blob.object_key, b"rotten")
    with caplog.at_level(logging.ERROR):
        read_all()
    assert blob.object_key in caplog.text and blob.sha256 in caplog.text
    (found,) = damage.list_damaged(mo)
    assert (found.problem, found.images, found.key) == (how, [image], blob.object_key)
    assert found.note == "BACKUP_DIR is not set, so nothing was restored."
    assert (how == "missing") or invariants.read(blob.object_key) == b"rotten"  # kept: it may be mended by hand
    for refused in (None, "full"):
        with pytest.raises(Damaged) as caught:
            delivery.picture(olga, image.id, refused)
        assert (caught.value.code, caught.value.status) == ("FILE_DAMAGED", 503)
    with pytest.raises(Damaged):
        delivery.of_file(StoredFile.select(StoredFile, Blob).join(Blob).get())
    assert delivery.picture(olga, image.id, "medium").size > 0
    read_all()
    assert Blob.get_by_id(blob.id).damaged_at == found.since and verbs() == ["file.differs"]


def test_what_would_need_the_damaged_bytes_is_refused(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    overwrite(blob_of(image).object_key, b"rotten")
    read_all()
    assert delivery.picture(olga, image.id, "sm").size > 0  # from a size that is whole
    Derivative.delete().where(Derivative.preset == "large").execute()
    for ask in (
        lambda: delivery.picture(olga, image.id, "large"),
        lambda: crops.crop(olga, image.id, crop_urls.CropSpec(width=20, height=20, format="webp")),
    ):
        with pytest.raises(Damaged):
            ask()


def test_an_original_that_was_put_back_by_hand_is_whole_again(olga: Actor, later: Clock) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    overwrite(blob.object_key, b"as it was")
    later(1)
    integrity.begin_night()
    assert integrity.Reader(0, db.now_ms(), lambda: None).read()
    assert Blob.get_by_id(blob.id).damaged_at is None and verbs() == ["file.differs", "file.whole"]


def test_one_wrong_read_is_no_verdict(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stored(b"right")
    reads = [b"wrong", b"right"]
    monkeypatch.setattr(storage.current(), "open", lambda key: BytesIO(reads.pop(0)))
    inspection.original(blob, lambda: None)
    assert (reads, verbs(), Blob.get_by_id(blob.id).damaged_at) == ([], [], None)


def test_a_store_that_is_away_is_no_damage(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = stored(b"right")

    def away(*_: Any) -> Any:
        raise Upstream("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "open", away)
        patched.setattr(storage.current(), "check", away)
        with pytest.raises(Upstream):
            read_all()
    assert (Blob.get_by_id(blob.id).damaged_at, Blob.get_by_id(blob.id).checked_at) == (None, 0)
    assert verbs() == []


def test_one_file_that_cannot_be_read_is_told_and_stays_on_offer(
    database: Settings, mo: Actor, monkeypatch: pytest.MonkeyPatch, backed_up: Callable[[], Path]
) -> None:
    blob, other = stored(b"right"), stored(b"other")
    backed_up()
    opened = storage.current().open

    def bad_sector(key: str, *range_: Any) -> Any:
        if key == blob.object_key:
            raise Upstream("The file store cannot be used: Input/output error.")
        return opened(key, *range_)

    with monkeypatch.context() as patched:
        patched.setattr(storage.current(), "open", bad_sector)
        read_all()
    (found,) = damage.list_damaged(mo)
    assert (found.problem, found.key) == ("unreadable", blob.object_key)
    assert Blob.get_by_id(other.id).damaged_at is None
    file = StoredFile.select(StoredFile, Blob).join(Blob).where(StoredFile.blob == blob.id).get()
    assert delivery.of_file(file).sha256 == blob.sha256
    read_all()
    assert damage.list_damaged(mo) == []


def test_a_store_that_is_empty_all_at_once_has_lost_nothing(database: Settings) -> None:
    """Such as a folder whose disk is not mounted."""
    for number in range(inspection.OTHERS + 1):
        stored(b"%d" % number)
    for key in objects():
        storage.current().delete(key)
    with pytest.raises(Upstream, match="mounted"):
        read_all()
    assert damage.summary().originals == 0


def test_an_object_that_moves_or_goes_while_it_is_read_is_not_damaged(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_draft(olga, new_photo())
    going = stored(b"going")
    looked = inspection.look

    def move_first(*args: Any) -> Any:
        run_jobs(include_later=True)  # files the picture away and removes the staged object
        Blob.update(state=BlobState.DELETING).where(Blob.id == going.id).execute()
        storage.current().delete(going.object_key)
        return looked(*args)

    monkeypatch.setattr(inspection, "look", move_first)
    for blob in list(Blob.select()):
        inspection.original(blob, lambda: None)
    assert verbs() == [] and damage.summary().originals == 0


def test_bytes_that_were_healed_while_they_were_read_are_not_called_damaged_again(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = stored(b"as it was")
    overwrite(blob.object_key, b"rotten")
    read_all()
    looked = inspection.look

    def heal_afterwards(*args: Any) -> Any:
        found = looked(*args)
        stored(b"as it was")
        return found

    monkeypatch.setattr(inspection, "look", heal_afterwards)
    inspection.original(Blob.get_by_id(blob.id), lambda: None)
    assert Blob.get_by_id(blob.id).damaged_at is None and is_whole(blob)
