"""Administrators' scripts have pictures stored again, and hide those without an original: in parts, and told before."""

from io import BytesIO

import pytest

from pindeck import storage
from pindeck.imaging.presets import EAGER
from pindeck.models import Blob, Derivative, Image, StoredFile
from pindeck.services.actions import shown
from pindeck.services.images import undoing
from tests.factories import fresh, make_active, make_row
from tests.programs import new_key, refused

BACKFILL, QUARANTINE = "/admin/backfill-storage", "/admin/quarantine-broken"


def blob_of(image) -> Blob:
    return Blob.select(Blob).join(StoredFile).where(StoredFile.id == fresh(image).file_id).get()


@pytest.fixture
def admin(mo) -> str:
    return new_key("master", actor=mo)


def test_who_may(post, client_for, olga, mo, gus, admin):
    for path in (BACKFILL, QUARANTINE):
        refused(post(path), 403, "FORBIDDEN")  # the key of the settings is for bots
        refused(post(path, key=None), 401, "UNAUTHORIZED")
        for key in (new_key("master", actor=mo, scopes=("images:write",)), new_key("project"), new_key("master", scopes=("ingest",))):
            refused(post(path, key=key), 403, "FORBIDDEN")
        for actor in (olga, gus):
            assert client_for(actor).post(path, json={}).status_code == 403
        assert post(path, key=admin).status_code == 200 and client_for(mo).post(path).status_code == 200
        assert client_for(mo, csrf=False).post(path, json={}).status_code in (400, 403)
        assert client_for(mo).get(path).status_code == 405
        refused(post(path, key=admin, limit="x"), 400, "VALIDATION_ERROR")
    for old in ("/admin/backfillNextcloud", "/admin/quarantineBrokenNextcloud"):
        assert post(old, key=admin, dryRun=True).json["dryRun"] is True


def test_what_lacks_something_is_stored_sized_or_shown_again(post, olga, admin, run_jobs):
    whole, sizeless, unstored, hidden, lost = (make_active(olga) for _ in range(5))
    bare = make_row(olga, file=None, external_url="", persist_status="failed")
    Derivative.delete().where((Derivative.blob == blob_of(sizeless)) & (Derivative.preset == "small")).execute()
    Image.update(persist_status="failed").where(Image.seq == unstored.seq).execute()
    Image.update(status="broken").where(Image.seq == hidden.seq).execute()
    Image.update(status="broken").where(Image.seq == lost.seq).execute()
    storage.current().delete(blob_of(lost).object_key)
    modes = {
        sizeless.id: "rebuild_renditions", unstored.id: "reupload_from_source", hidden.id: "republish_existing",
        lost.id: "unrecoverable", bare.id: "unrecoverable",
    }  # fmt: skip
    told = post(BACKFILL, key=admin, dryRun=True).json
    assert {line["imageId"]: line["mode"] for line in told["results"]} == modes
    assert (told["scanned"], told["migrated"], told["failed"], told["skipped"]) == (5, 3, 2, 0)
    assert fresh(hidden).status == "broken" and fresh(unstored).persist_status == "failed"
    assert post(BACKFILL, key=admin, imageIds=[whole.id]).json["results"] == [{"imageId": whole.id, "mode": "already_stored"}]
    done = post(BACKFILL, key=admin).json
    assert (done["dryRun"], done["migrated"]) == (False, 3)
    again = post(BACKFILL, key=admin).json
    assert (again["migrated"], again["skipped"]) == (0, 2)  # jobs are about those two
    run_jobs()
    for image in (whole, sizeless, unstored, hidden):
        assert (fresh(image).status, fresh(image).persist_status) == ("active", "succeeded")
        made = {row.preset for row in Derivative.select().where(Derivative.blob == blob_of(image))}
        assert made >= {preset.name for preset in EAGER}
    assert post(BACKFILL, key=admin, refreshVariants=True, limit=1, imageIds=[whole.id]).json["migrated"] == 1
    assert (fresh(lost).status, post(BACKFILL, key=admin, limit=0).json["limit"]) == ("broken", 1)


def test_what_has_no_original_is_hidden_and_comes_back(post, olga, mo, admin, run_jobs):
    whole, gone, damaged = (make_active(olga) for _ in range(3))
    key = blob_of(gone).object_key
    with storage.current().open(key) as file:
        kept = file.read()
    storage.current().delete(key)
    Blob.update(damaged_at=1, damage="differs").where(Blob.id == blob_of(damaged).id).execute()
    for dry_run in (True, False):
        told = post(QUARANTINE, key=admin, dryRun=dry_run).json
        assert (told["scanned"], told["quarantined"], told["dryRun"]) == (3, 2, dry_run)
        assert {line["imageId"] for line in told["results"]} == {gone.id, damaged.id}
        assert all(line["reason"].endswith(".") for line in told["results"])
        assert fresh(gone).status == ("active" if dry_run else "broken")
    run_jobs()
    assert fresh(whole).status == "active" and fresh(gone).public_token is None
    assert post(QUARANTINE, key=admin).json["quarantined"] == 0
    action = shown.list_actions(mo)[0][0]
    assert (action.what, action.images) == ("Hid pictures without an original", 2)
    storage.current().put(key, BytesIO(kept), content_type="image/jpeg")
    assert post(BACKFILL, key=admin).json["migrated"] == 1
    assert fresh(gone).status == "active" and fresh(damaged).status == "broken"
    undoing.undo(mo, action.id)
    assert fresh(damaged).status == "active"
