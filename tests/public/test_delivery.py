"""Bytes over HTTP: strong ETags, 304, single ranges, cache words, and nothing a file could do as a page."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image as Picture

from pindeck.models import StoredFile
from pindeck.services.files import intake
from pindeck.services.images import moderation, trash
from tests.factories import fresh, make_active, make_draft, new_photo

OFFSET = 10


@pytest.fixture
def data() -> bytes:
    return new_photo(size=(900, 600))


@pytest.fixture
def public(olga, run_jobs, data):
    image = make_active(olga, data)
    run_jobs()
    return fresh(image)


def test_an_original_has_its_hash_as_etag_and_may_be_kept(client_for, public, data):
    answer = client_for().get(f"/i/{public.id}")
    assert answer.data == data
    assert answer.headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert answer.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.mimetype == "image/jpeg"


def test_what_is_known_already_is_not_sent_again(client_for, public):
    client = client_for()
    etag = client.get(f"/i/{public.id}").headers["ETag"]
    again = client.get(f"/i/{public.id}", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    small = client.get(f"/i/{public.id}?size=small")
    assert small.headers["ETag"] != etag
    assert client.get(f"/i/{public.id}?size=small", headers={"If-None-Match": small.headers["ETag"]}).status_code == 304


def test_one_range_is_answered_and_one_outside_is_refused(client_for, public, data):
    client = client_for()
    part = client.get(f"/i/{public.id}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    tail = client.get(f"/i/{public.id}", headers={"Range": "bytes=-5"})
    assert tail.data == data[-5:]
    outside = client.get(f"/i/{public.id}", headers={"Range": f"bytes={len(data) + 5}-"})
    assert outside.status_code == 416


def test_renditions_answer_by_size_and_an_unknown_size_is_refused(client_for, public):
    widths = {}
    for size in ("preview", "small", "medium", "large"):
        answer = client_for().get(f"/i/{public.id}?size={size}")
        assert answer.mimetype == "image/webp"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        widths[size] = Picture.open(BytesIO(answer.data)).width
    assert widths == {"preview": 540, "small": 320, "medium": 768, "large": 900}
    assert client_for().get(f"/i/{public.id}?size=").status_code == 400
    refused = client_for().get(f"/i/{public.id}?size=giant")
    assert refused.status_code == 400
    assert b"giant" in refused.data


def test_a_public_copy_is_immutable_and_needs_no_session_and_no_database(client_for, public, app):
    address = f"/media/{public.public_token[:2]}/{public.public_token}-w320.webp"
    answer = client_for().get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert client_for().get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("key", ["../secret-key", "ab/../../pindeck.sqlite3", "ab/x.webp", "ab/" + "0" * 32 + "-w320.png", "%00"])
def test_the_public_place_answers_nothing_but_its_own_names(client_for, database, key):
    assert client_for().get(f"/media/{key}").status_code == 404


def test_a_draft_is_seen_by_its_owner_and_administrators_alone(client_for, olga, sam, mo, gus, run_jobs):
    draft = make_draft(olga)
    run_jobs()
    for who, status in ((olga, 200), (mo, 200), (sam, 404), (gus, 404), (None, 404)):
        answer = client_for(who).get(f"/i/{draft.id}?size=small")
        assert answer.status_code == status
        if status == 200:
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "Cookie" in answer.headers["Vary"]


def test_what_leaves_the_library_is_out_of_reach_at_once(client_for, olga, sam, public):
    address = f"/media/{public.public_token[:2]}/{public.public_token}-w320.webp"
    assert client_for().get(address).status_code == 200
    trash.trash(olga, public.id)
    assert client_for().get(address).status_code == 404
    assert client_for().get(f"/i/{public.id}").status_code == 404
    assert client_for(sam).get(f"/i/{public.id}").status_code == 404
    assert client_for(olga).get(f"/i/{public.id}?size=small").status_code == 200
    trash.purge(olga, public.id)
    assert client_for(olga).get(f"/i/{public.id}").status_code == 404


def test_a_private_picture_is_its_owners(client_for, olga, sam, public):
    moderation.update(olga, public.id, {}, visibility="private")
    assert client_for(sam).get(f"/i/{public.id}").status_code == 404
    assert client_for(olga).get(f"/i/{public.id}").headers["Cache-Control"] == "private, no-cache"


def test_the_original_downloads_under_its_own_name(client_for, olga, run_jobs):
    image = make_active(olga, name="Straße bei Nacht.jpg")
    run_jobs()
    answer = client_for().get(f"/i/{image.id}?download=1")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Stra%C3%9Fe%20bei%20Nacht.jpg"


def test_the_storage_address_is_itself_the_right_to_read(client_for, olga, public, data):
    loose = StoredFile.get_by_id(intake.store(intake.owner_of(olga), data))
    for file in (loose, StoredFile.get_by_id(public.file_id)):
        answer = client_for().get(f"/storage/{file.file_key}")
        assert (answer.status_code, answer.data) == (200, data)
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert client_for().get(f"/storage/{file.id}").status_code == 404
    assert client_for().get("/storage/" + "0" * 32).status_code == 404


def test_the_storage_address_of_a_picture_answers_whoever_sees_the_picture(client_for, olga, sam, mo):
    draft = make_draft(olga)
    address = f"/storage/{StoredFile.get_by_id(draft.file_id).file_key}"
    for stranger in (None, sam):
        answer = client_for(stranger).get(address)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "FILE_NOT_FOUND")
    for reader in (olga, mo):
        answer = client_for(reader).get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")
