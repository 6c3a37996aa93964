"""What the four interfaces owe to one another, over HTTP, on both databases."""

import hashlib
import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Blob, Image, ImageTag
from pindeck.services.images import ledger
from tests.conftest import Browser, ClientFor, RunJobs
from tests.factories import new_photo, objects
from tests.programs import Program, ProgramFor, new_key, refused

IMAGES, LIBRARY, FILES, EXTENSION = "/api/v1/images", "/api/v1/library", "/api/v1/storage", "/api/v1/extension"


@pytest.fixture
def owner(client_for: ClientFor, olga: Actor) -> Browser:
    return client_for(olga)


@pytest.fixture
def manager(program_for: ProgramFor, olga: Actor) -> Program:
    """A key of the default project, bound to Olga."""
    return program_for(new_key(actor=olga))


@pytest.fixture
def extension(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(new_key("extension", identifier="gallery_helper", install_scope="user", actor=olga))


def good(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def upload_m(manager: Program, data: bytes, **fields: str) -> dict[str, Any]:
    form = {"file": (BytesIO(data), "still.jpg"), **fields}
    found: dict[str, Any] = good(manager.post(f"{IMAGES}/upload", data=form), 201)["data"]
    return found


def upload_x(extension: Program, data: bytes, **query: str) -> dict[str, Any]:
    answer = extension.post(f"{EXTENSION}/images", data=data, content_type="image/jpeg", query_string=query)
    found: dict[str, Any] = good(answer, 201)
    return found


def upload_g(owner: Browser, data: bytes, **words: Any) -> str:
    """By ticket, claimed and finalised: the id of the library image."""
    address = good(owner.post(f"{LIBRARY}/upload-url"))
    path = re.sub(r"^https?://[^/]+", "", address)
    storage_id = good(owner.put(path, data=data, content_type="image/jpeg"))["storageId"]
    item = {"storageId": storage_id, "title": "Still", "category": "Film", "tags": [], **words}
    (image_id,) = good(owner.post(f"{LIBRARY}/uploads", json={"uploads": [item]}))
    return str(image_id)


def etag(answer: TestResponse) -> str:
    return str(answer.get_etag()[0])


def test_one_image_seen_from_every_interface(
    manager: Program, owner: Browser, program_for: ProgramFor, run_jobs: RunJobs
) -> None:
    data = new_photo()
    sha256 = hashlib.sha256(data).hexdigest()
    image = upload_m(manager, data, alias="@hero")
    run_jobs()
    seen = good(owner.get(f"{LIBRARY}/images/{image['id']}"))
    assert seen["_id"] == image["id"]
    (file,) = [f for f in good(manager.get(FILES))["page"] if f["sha256"] == sha256]
    assert file["size"] == len(data)
    visitor = program_for(None)
    by_alias = visitor.get("/i/@hero")
    assert by_alias.status_code == 200 and by_alias.data == data
    url = good(manager.get(f"{FILES}/{file['_id']}/url"))["url"]
    by_file = visitor.get(re.sub(r"^https?://[^/]+", "", url))
    full = manager.get(f"{IMAGES}/{image['id']}", query_string={"size": "full"})
    content = manager.get(f"{FILES}/{file['_id']}/content")
    assert {etag(answer) for answer in (by_alias, by_file, full, content)} == {sha256}


def test_equal_bytes_are_four_ids_and_one_object(
    manager: Program, owner: Browser, extension: Program, run_jobs: RunJobs
) -> None:
    data = new_photo()
    ids = {upload_g(owner, data), upload_m(manager, data)["id"], upload_x(extension, data)["id"]}
    ids.add(good(manager.post(FILES, data=data, content_type="image/jpeg"), 201)["storageId"])
    run_jobs(include_later=True)
    assert len(ids) == 4
    assert Blob.select().where(Blob.sha256 == hashlib.sha256(data).hexdigest()).count() == 1
    assert len([key for key in objects() if "/original/" in key or key.startswith(("files/", "staging/"))]) == 1


def test_deleting_one_copy_leaves_the_others(
    manager: Program, owner: Browser, extension: Program, run_jobs: RunJobs
) -> None:
    data = new_photo()
    g, m, x = upload_g(owner, data), upload_m(manager, data)["id"], upload_x(extension, data)["id"]
    s = good(manager.post(FILES, data=data, content_type="image/jpeg"), 201)["storageId"]
    run_jobs(include_later=True)
    assert good(manager.delete(f"{IMAGES}/{m}"))["deleted"] is True
    run_jobs(include_later=True)
    assert owner.get(f"/i/{g}").data == data
    assert extension.get(f"{IMAGES}/{x}").data == data
    assert manager.get(f"{FILES}/{s}/content").data == data


def test_an_extension_upload_is_its_owners_until_the_owner_opens_it(
    manager: Program, owner: Browser, extension: Program, program_for: ProgramFor, run_jobs: RunJobs
) -> None:
    data = new_photo()
    image_id = upload_x(extension, data)["id"]
    run_jobs()
    visitor = program_for(None)
    assert image_id not in visitor.get(f"{LIBRARY}/images").text
    assert image_id not in manager.get(IMAGES).text
    refused(visitor.get(f"/i/{image_id}"), 404, "IMAGE_NOT_FOUND")
    good(owner.patch(f"{LIBRARY}/images/{image_id}", json={"visibility": "unlisted"}))
    assert visitor.get(f"/i/{image_id}").data == data


def test_a_move_by_drag_and_drop_releases_the_alias_and_says_so(
    manager: Program, owner: Browser, program_for: ProgramFor, run_jobs: RunJobs
) -> None:
    image = upload_m(manager, new_photo(), alias="@hero")
    run_jobs()
    row = {"projectName": "Blade Runner", "imageIds": [image["id"]]}
    moved = owner.put(f"{LIBRARY}/projects/row-order", json=row)
    assert good(moved) is None and moved.headers["X-Released-Aliases"] == "@hero"
    refused(manager.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    assert program_for(None).get("/i/@hero").status_code == 404
    master = program_for(new_key("master"))
    there = good(master.get(f"{IMAGES}/{image['id']}"))["data"]
    assert there["projectId"] != image["projectId"] and there["alias"] is None


def test_one_path_two_representations(
    manager: Program, owner: Browser, extension: Program, run_jobs: RunJobs
) -> None:
    data = new_photo()
    image_id = upload_m(manager, data)["id"]
    run_jobs()
    path, anything = f"{IMAGES}/{image_id}", {"Accept": "*/*"}
    assert good(manager.get(path, headers=anything))["data"]["id"] == image_id
    assert extension.get(path, headers=anything).data == data
    assert owner.get(path, headers=anything).data == data
    for caller in (manager, owner, extension):
        small = caller.get(path, query_string={"size": "sm"}, headers=anything)
        assert (small.status_code, small.mimetype) == (200, "image/webp")
        as_json = caller.get(path, query_string={"format": "json"}, headers=anything)
        assert good(as_json)["data"]["id"] == image_id
        assert {"Accept", "Cookie", "Authorization", "X-API-Key"} <= set(as_json.vary)
        assert {"Accept", "Cookie", "Authorization", "X-API-Key"} <= set(small.vary)


def test_attribution_and_origin_are_two_things(
    manager: Program, owner: Browser, olga: Actor, run_jobs: RunJobs
) -> None:
    image_id = upload_m(manager, new_photo())["id"]
    run_jobs()
    Image.update(origin="ai").where(Image.id == image_id).execute()
    ledger.write(image_id, {"source": "AI Generation"}, ledger.person(olga))
    g = good(owner.get(f"{LIBRARY}/images/{image_id}"))
    assert (g["source"], g["sourceType"]) == ("AI Generation", "ai")
    assert good(manager.get(f"{IMAGES}/{image_id}"))["data"]["source"] == "generated"


def test_one_instant_in_three_spellings(
    manager: Program, owner: Browser, extension: Program, run_jobs: RunJobs
) -> None:
    image_id = upload_m(manager, new_photo())["id"]
    run_jobs()
    g = good(owner.get(f"{LIBRARY}/images/{image_id}"))["_creationTime"]
    m = good(manager.get(f"{IMAGES}/{image_id}"))["data"]["createdAt"]
    x = good(extension.get(f"{EXTENSION}/images/{image_id}"))["created_at"]
    assert m.endswith("Z")
    assert g // 1000 == x == int(datetime.fromisoformat(m).timestamp())
    assert abs(db.now_ms() - g) < 60_000


def test_a_file_lives_as_long_as_its_image(manager: Program, run_jobs: RunJobs) -> None:
    data = new_photo()
    image_id = upload_m(manager, data)["id"]
    run_jobs()
    (file,) = [f for f in good(manager.get(FILES))["page"] if f["size"] == len(data)]
    refused(manager.delete(f"{FILES}/{file['_id']}"), 409, "FILE_IN_USE")
    good(manager.delete(f"{IMAGES}/{image_id}"))
    refused(manager.get(f"{FILES}/{file['_id']}"), 404, "FILE_NOT_FOUND")


@pytest.mark.parametrize("surface", ["images", "library", "extensions", "reject"])
def test_after_a_purge_every_address_is_404(
    surface: str, manager: Program, owner: Browser, extension: Program, program_for: ProgramFor, run_jobs: RunJobs
) -> None:
    data = new_photo()
    if surface == "extensions":
        image_id = upload_x(extension, data)["id"]
    elif surface == "reject":
        image_id = upload_g(owner, data)
    else:
        image_id = upload_m(manager, data, alias="@hero")["id"]
    run_jobs(include_later=True)
    if surface == "images":
        good(manager.put(f"{IMAGES}/{image_id}", json={"focalPoint": {"x": 0.2, "y": 0.2}}))
    file_url = Image.get(Image.id == image_id).file.file_key
    sized = [manager, owner][surface in ("extensions", "reject")]
    sized.get(f"{IMAGES}/{image_id}", query_string={"size": "sm"})
    if surface == "images":
        good(manager.delete(f"{IMAGES}/@hero"))
    elif surface == "library":
        assert good(owner.delete(f"{LIBRARY}/images/{image_id}")) == {"success": True}
    elif surface == "reject":
        good(owner.post(f"{LIBRARY}/images/{image_id}/reject"))
    else:
        assert good(extension.delete(f"{EXTENSION}/images/{image_id}")) == {"deleted": True}
    run_jobs(include_later=True)
    for caller in (program_for(None), manager, owner, extension):
        for path in (f"/i/{image_id}", f"/i/{image_id}?size=small", "/i/@hero", f"/storage/{file_url}"):
            assert caller.get(path).status_code == 404, path
    for caller in (manager, owner, extension):
        for query in ({}, {"size": "full"}, {"size": "sm"}, {"format": "json"}, {"format": "bytes"}):
            assert caller.get(f"{IMAGES}/{image_id}", query_string=query).status_code == 404, query
    assert good(owner.get(f"{LIBRARY}/images/{image_id}"), 200) is None
    assert objects() == []
    assert ImageTag.select().where(ImageTag.image_id == image_id).count() == 0


def test_every_error_has_the_envelope_and_no_path_inside(
    manager: Program, owner: Browser, extension: Program, program_for: ProgramFor
) -> None:
    visitor = program_for(None)
    wrong = [
        visitor.get(IMAGES),
        manager.get(f"{IMAGES}/not-a-uuid"),
        manager.get(f"{IMAGES}/@nobody"),
        manager.get(IMAGES, query_string={"limit": "x"}),
        manager.put(f"{IMAGES}/@nobody", data=b"{", content_type="application/json"),
        manager.post(f"{IMAGES}/upload", data={"file": (BytesIO(b"text"), "../../etc/passwd.png")}),
        owner.post(f"{LIBRARY}/images", json={"title": "x"}),
        owner.patch(f"{LIBRARY}/images/missing", json={"title": "x"}),
        extension.get(f"{EXTENSION}/images", query_string={"characterId": ""}),
        extension.post(f"{EXTENSION}/images", data=b""),
        visitor.post("/storage/upload"),
        visitor.post("/storage/upload?token=wrong", data=b"x"),
        visitor.get("/storage/not-a-key"),
        visitor.get("/i/not-a-uuid"),
        manager.get(f"{FILES}/missing"),
        visitor.get("/api/v1/nothing"),
        visitor.delete("/api/v1/openapi.json"),
    ]
    for answer in wrong:
        assert 400 <= answer.status_code < 500, answer.request.path
        body = answer.json
        assert body["success"] is False and set(body["error"]) <= {"code", "message", "details"}, answer.request.path
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+", body["error"]["code"])
        assert not re.search(r"/(work|tmp|home|usr|etc|var)/|\.py|media-uploads|staging/|Traceback", answer.text)
