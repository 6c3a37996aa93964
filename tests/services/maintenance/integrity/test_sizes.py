"""Damaged sizes and public copies are made again."""

import hashlib
from typing import Any

import pytest

from pindeck import storage
from pindeck.access import Actor
from pindeck.errors import Unavailable
from pindeck.models import Derivative, Image
from pindeck.services.derivatives import delivery, on_demand
from pindeck.services.images import moderation
from pindeck.services.maintenance import damage, inspection, integrity
from pindeck.storage import keys
from tests import invariants
from tests.conftest import RunJobs
from tests.factories import blob_of, fresh, make_active, make_draft, new_photo, overwrite
from tests.services.maintenance.integrity.reading import read_all, stored, verbs

# Sizes and public copies


@pytest.mark.parametrize("how", ["differs", "missing"])
def test_a_damaged_size_is_made_again_and_published_again(how: str, olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(size=(900, 700)))
    run_jobs(include_later=True)
    token = fresh(image).public_token
    for preset in ("small", "large"):
        row = Derivative.get(Derivative.preset == preset)
        public_key = keys.public_key(str(token), preset)
        if how == "missing":
            storage.current().delete(row.object_key)
        else:
            overwrite(row.object_key, b"rotten")
            storage.current().publish(row.object_key, public_key, content_type="image/webp")
    read_all()
    for preset in ("small", "large"):
        row = Derivative.get(Derivative.preset == preset)
        with storage.current().open_public(keys.public_key(str(token), preset)) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == row.sha256
        assert hashlib.sha256(invariants.read(row.object_key)).hexdigest() == row.sha256
        assert row.damaged_at is None
    assert fresh(image).public_token == token
    run_jobs(include_later=True)
    invariants.check()


def test_a_public_copy_that_is_damaged_or_gone_is_put_again(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    token = str(fresh(image).public_token)
    rows = {row.preset: row for row in Derivative.select()}
    overwrite("media-uploads/other", b"rotten")
    storage.current().publish("media-uploads/other", keys.public_key(token, "small"), content_type="image/webp")
    storage.current().delete("media-uploads/other")
    storage.current().unpublish(keys.public_key(token, "large"))
    read_all()
    for preset in ("preview", "small", "medium", "large"):
        with storage.current().open_public(keys.public_key(token, preset)) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == rows[preset].sha256
    assert verbs() == []


def test_a_picture_that_is_hidden_meanwhile_does_not_become_public_again(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    token = str(fresh(image).public_token)
    storage.current().unpublish(keys.public_key(token, "small"))
    published = storage.current().publish

    def hide_first(*args: Any, **more: Any) -> None:
        moderation.update(olga, image.id, {}, visibility="private")
        published(*args, **more)

    monkeypatch.setattr(storage.current(), "publish", hide_first)
    read_all()
    assert list(storage.current().list_public()) == []


def test_a_damaged_size_of_a_damaged_original_is_not_sent_and_made_when_that_is_healed(
    olga: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    data = new_photo()
    image = make_active(olga, data)
    run_jobs(include_later=True)
    blob, row = blob_of(image), Derivative.get(Derivative.preset == "medium")
    for key in (blob.object_key, row.object_key):
        overwrite(key, b"rotten")
    read_all()
    assert [found.preset for found in damage.list_damaged(mo)] == [None, "medium"]
    with pytest.raises(Unavailable):
        delivery.picture(olga, image.id, "medium")
    stored(data)
    integrity.begin_night()
    run_jobs(include_later=True)
    assert damage.list_damaged(mo) == [] and delivery.picture(olga, image.id, "medium").size > 0
    invariants.check()


def test_a_size_is_not_drawn_from_a_damaged_one(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga, new_photo(size=(900, 700)))
    run_jobs(include_later=True)
    right = on_demand.make(blob_of(image).id, "sm", (900, 700))
    Derivative.delete().where(Derivative.id == right.id).execute()
    overwrite(Derivative.get(Derivative.preset == "medium").object_key, b"rotten")
    made = on_demand.make(blob_of(image).id, "sm", (900, 700))
    assert (made.width, made.height) == (right.width, right.height)


def test_no_sizes_are_made_of_bytes_that_are_known_to_be_wrong(olga: Actor, run_jobs: RunJobs) -> None:
    """They may still be a picture, and its sizes would stay when the original is mended."""
    image, right = make_draft(olga), new_photo()
    blob = blob_of(image)
    overwrite(blob.object_key, right)
    inspection.original(blob, lambda: None)
    run_jobs(include_later=True)
    after = Image.get_by_id(image.seq)
    assert (after.persist_status, Derivative.select().count()) == ("failed", 0)
    assert "damaged" in after.persist_error
