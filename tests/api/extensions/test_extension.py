"""Extensions over HTTP: listing, getting, for whom, and who sees it."""

import base64
import time
from io import BytesIO
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.access.scopes import IMAGE_SCOPES
from pindeck.models import Derivative, Image, StoredFile
from pindeck.services.images import moderation, trash
from pindeck.states import Role
from tests.api.extending import (
    BASE,
    IMAGES,
    World,
    as_data_url,
    begin,
    change_client,
    good,
    ids,
    key_x,
    send,
    set_scopes,
)
from tests.conftest import ClientFor, RunJobs, add_person, count_queries
from tests.factories import make_active, make_row, new_photo
from tests.programs import Program, ProgramFor, new_key, refused

FIELDS = {
    "id": str, "original_filename": str, "mime_type": str, "width": int, "height": int, "has_thumbnail": bool,
    "url": str, "specificity": str, "owner_extension_identifier": (str, type(None)),
    "owner_character_id": (str, type(None)), "owner_chat_id": (str, type(None)), "created_at": int,
}  # fmt: skip


@pytest.fixture
def x(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(key_x(olga))


@pytest.fixture
def world(x: Program, program_for: ProgramFor, olga: Actor) -> World:
    return begin(x, program_for, olga)


def test_without_a_key(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> None:
    refused(program_for(None).get(IMAGES), 401, "UNAUTHORIZED")
    refused(client_for(olga).get(IMAGES), 401, "UNAUTHORIZED")
    refused(program_for(new_key("master")).get(IMAGES), 403, "FORBIDDEN")


def calls(image_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    png = "data:image/png;base64," + base64.b64encode(new_photo(format="PNG")).decode()
    return [
        ("GET", f"{BASE}/me", {}),
        ("GET", IMAGES, {}),
        ("GET", f"{IMAGES}/{image_id}", {}),
        ("GET", f"/api/v1/images/{image_id}", {}),
        ("GET", f"/api/v1/images/{image_id}?size=sm", {}),
        ("POST", IMAGES, {"data": new_photo(), "content_type": "image/jpeg"}),
        ("POST", f"{IMAGES}/data-url", {"json": {"dataUrl": png}}),
        ("POST", f"{IMAGES}/batch", {"data": {"data": (BytesIO(new_photo()), "a.jpg")}}),
        ("POST", f"{IMAGES}/delete", {"json": {"ids": [image_id]}}),
        ("DELETE", f"{IMAGES}/{image_id}", {}),
        ("DELETE", f"{BASE}/owners/character/c1", {}),
        ("DELETE", f"{BASE}/owners/chat/t1", {}),
    ]


def test_without_the_permission_nothing_is_done(world: World) -> None:
    for method, path, options in calls(db.new_id()):  # each of them is there for who may
        assert world.x.call(method, path, **options).status_code in (200, 201, 404), path
    set_scopes("ext_x")
    before = (Image.select().count(), Image.select().where(Image.subject_character.is_null(False)).count())
    for method, path, options in [*calls(world.x1), ("DELETE", f"{IMAGES}/missing", {})]:
        answer = world.x.call(method, path, **options)
        refused(answer, 403, "PERMISSION_DENIED")
        assert answer.json["error"]["message"].startswith("PERMISSION_DENIED: images"), path
    after = (Image.select().count(), Image.select().where(Image.subject_character.is_null(False)).count())
    assert after == before and Image.select().where(Image.deleted_at.is_null(False)).count() == 0


def test_a_grant_and_a_revocation_act_on_the_next_call(world: World, client_for: ClientFor, mo: Actor) -> None:
    admin = client_for(mo)
    change_client(admin, "ext_x", scopes=[])
    refused(world.x.get(IMAGES), 403, "PERMISSION_DENIED")
    change_client(admin, "ext_x", scopes=["images"])
    assert good(world.x.get(IMAGES))["total"] == 5
    change_client(admin, "ext_x", scopes=[])
    refused(world.x.get(IMAGES), 403, "PERMISSION_DENIED")


def test_a_list_is_data_and_total_the_newest_first(world: World) -> None:
    listed = good(world.x.get(IMAGES))
    assert set(listed) == {"data", "total"} and listed["total"] == 5
    assert ids(listed) == [world.u1, world.y1, world.x3, world.x2, world.x1]


def test_only_what_it_made(world: World) -> None:
    listed = good(world.x.get(IMAGES, query_string={"onlyOwned": "true"}))
    assert ids(listed) == [world.x3, world.x2, world.x1] and listed["total"] == 3
    assert {image["owner_extension_identifier"] for image in listed["data"]} == {"ext_x"}
    assert ids(good(world.y.get(IMAGES, query_string={"onlyOwned": "true"}))) == [world.y1]


def test_filters_combine(world: World) -> None:
    query = {"onlyOwned": "true", "characterId": "c1"}
    assert ids(good(world.x.get(IMAGES, query_string=query))) == [world.x2, world.x1]
    assert ids(good(world.x.get(IMAGES, query_string={**query, "chatId": "t1"}))) == [world.x1]


@pytest.mark.parametrize("name", ["characterId", "chatId"])
@pytest.mark.parametrize("value", ["", "   "])
def test_a_blank_filter_is_refused(world: World, name: str, value: str) -> None:
    assert name in refused(world.x.get(IMAGES, query_string={name: value}), 400, "VALIDATION_ERROR")


def test_limits_and_paging(x: Program, olga: Actor) -> None:
    wanted = [make_row(olga, title=str(number)).id for number in range(250)]
    Image.update(created_at=1_700_000_000_000).where(Image.id.in_(wanted[:100])).execute()  # the same second
    first = good(x.get(IMAGES))
    assert (len(first["data"]), first["total"]) == (50, 250)
    assert len(good(x.get(IMAGES, query_string={"limit": 1000}))["data"]) == 200
    for wrong in ("0", "-1", "x", "1.5", "", "9" * 400):
        assert "limit" in refused(x.get(IMAGES, query_string={"limit": wrong}), 400, "VALIDATION_ERROR")
    for wrong in ("-1", "x"):
        assert "offset" in refused(x.get(IMAGES, query_string={"offset": wrong}), 400, "VALIDATION_ERROR")
    pages = [ids(good(x.get(IMAGES, query_string={"offset": offset}))) for offset in range(0, 300, 50)]
    walked = [image_id for page in pages for image_id in page]
    assert len(walked) == 250 and set(walked) == set(wanted)


def test_the_address_follows_the_specificity(world: World) -> None:
    for size in ("sm", "lg"):
        for image in good(world.x.get(IMAGES, query_string={"specificity": size}))["data"]:
            assert (image["url"], image["specificity"]) == (f"/api/v1/images/{image['id']}?size={size}", size)
    for image in good(world.x.get(IMAGES))["data"]:
        assert (image["url"], image["specificity"]) == (f"/api/v1/images/{image['id']}", "full")
    for wrong in ("medium", "", "FULL"):
        refused(world.x.get(IMAGES, query_string={"specificity": wrong}), 400, "INVALID_SPECIFICITY")
        refused(world.x.get(f"{IMAGES}/{world.x1}", query_string={"specificity": wrong}), 400, "INVALID_SPECIFICITY")


def test_the_fields_and_nothing_else(world: World) -> None:
    one = good(world.x.get(f"{IMAGES}/{world.x1}", query_string={"onlyOwned": "true", "specificity": "lg"}))
    assert set(one) == set(FIELDS) and len(one) == 12
    for name, kind in FIELDS.items():
        assert isinstance(one[name], kind) and isinstance(one[name], bool) == (kind is bool), name  # type: ignore[arg-type]
    assert abs(one["created_at"] - time.time()) < 60
    for image in good(world.x.get(IMAGES))["data"]:
        assert set(image) == set(FIELDS)


def test_another_extensions_image(world: World) -> None:
    answer = world.x.get(f"{IMAGES}/{world.y1}", query_string={"onlyOwned": "true"})
    refused(answer, 404, "IMAGE_NOT_FOUND")
    assert answer.json["data"] is None and answer.json["success"] is False
    assert good(world.x.get(f"{IMAGES}/{world.y1}"))["owner_extension_identifier"] == "ext_y"


def test_somebody_elses_image_is_not_there(world: World, sam: Actor) -> None:
    foreign = make_active(sam).id
    trash.trash(Actor(world_user(world)), world.u1)
    missing = world.x.get(f"{IMAGES}/{db.new_id()}")
    for image_id in (foreign, world.u1, "x", "%20", "é"):
        answer = world.x.get(f"{IMAGES}/{image_id}")
        assert (answer.status_code, answer.json) == (404, missing.json), image_id


def world_user(world: World) -> str:
    found: str = Image.get(Image.id == world.u1).user_id
    return found


def test_an_operator_names_its_user(world: World, olga: Actor, sam: Actor) -> None:
    assert "userId" in refused(world.o.get(IMAGES), 400, "USER_ID_REQUIRED")
    assert good(world.o.get(IMAGES, query_string={"userId": olga.user_id}))["total"] == 5
    for unknown in (db.new_id(), "x", "\x00", "é"):
        refused(
            world.o.get(IMAGES, query_string={"userId": unknown}),
            *((400, "VALIDATION_ERROR") if "\x00" in unknown else (404, "USER_NOT_FOUND")),
        )
    sent = world.o.post(IMAGES, data={"data": (BytesIO(new_photo()), "a.jpg"), "userId": olga.user_id})
    assert good(sent, 201)["owner_extension_identifier"] == "ext_o"
    refused(world.o.post(IMAGES, data={"data": (BytesIO(new_photo()), "a.jpg")}), 400, "USER_ID_REQUIRED")
    body = {"dataUrl": as_data_url(new_photo()), "userId": olga.user_id}
    assert good(world.o.post(f"{IMAGES}/data-url", json=body), 201)
    assert Image.select().where(Image.user == olga.user_id).count() == 7
    refused(world.o.delete(f"{IMAGES}/{world.x1}"), 400, "USER_ID_REQUIRED")
    # Nothing can name the user of raw bytes but the address, so that they are not even read.
    refused(world.o.post(IMAGES, data=b"no picture"), 400, "USER_ID_REQUIRED")
    form = {"userId": olga.user_id, "data": (BytesIO(new_photo()), "a.jpg")}
    (made,) = good(world.o.post(f"{IMAGES}/batch", data=form))
    refused(world.o.post(f"{IMAGES}/batch", data={"data": (BytesIO(new_photo()), "a.jpg")}), 400, "USER_ID_REQUIRED")
    body = {"userId": olga.user_id, "ids": [made["id"], world.x1]}
    twice = world.o.post(f"{IMAGES}/delete", json=body, query_string={"userId": sam.user_id})
    assert "userId" in refused(twice, 400, "VALIDATION_ERROR")
    assert good(world.o.post(f"{IMAGES}/delete", json=body)) == {"deleted": 2}
    assert {Image.get_or_none(Image.id == made["id"]), Image.get(Image.id == world.x1).is_trashed} == {None, True}


def test_a_user_extension_stays_with_its_user(world: World, olga: Actor, sam: Actor) -> None:
    refused(world.x.get(IMAGES, query_string={"userId": sam.user_id}), 403, "USER_SCOPE_VIOLATION")
    assert good(world.x.get(IMAGES, query_string={"userId": olga.user_id}))["total"] == 5
    assert "userId" in refused(world.x.get(IMAGES, query_string={"userId": " "}), 400, "VALIDATION_ERROR")
    answer = world.x.post(IMAGES, data=new_photo(), query_string={"userId": sam.user_id})
    refused(answer, 403, "USER_SCOPE_VIOLATION")
    answer = world.x.post(IMAGES, data={"data": (BytesIO(new_photo()), "a.jpg"), "userId": sam.user_id})
    refused(answer, 403, "USER_SCOPE_VIOLATION")
    assert Image.select().where(Image.user == sam.user_id).count() == 0


def test_visitors_see_nothing_of_it(
    world: World, program_for: ProgramFor, client_for: ClientFor, sam: Actor, run_jobs: RunJobs
) -> None:
    run_jobs()
    visitor, curator = program_for(None), client_for(sam)
    for caller in (visitor, curator):
        for image_id in (world.x1, world.y1):
            for page in (
                "/",
                "/?q=image",
                "/api/v1/library/images",
                "/api/v1/library/images/search?searchTerm=image",
            ):
                answer = caller.get(page)
                assert answer.status_code == 200 and image_id not in answer.text, page
            assert caller.get(f"/i/{image_id}", headers={"Accept": "image/*"}).status_code == 404
            assert caller.get(f"/i/{image_id}?size=small", headers={"Accept": "image/*"}).status_code == 404
    assert Image.select().where(Image.id == world.x1, Image.public_token.is_null()).count() == 1
    project, master = program_for(new_key()), program_for(new_key("master"))
    for key in (project, master):
        assert world.x1 not in key.get("/api/v1/images").text
        refused(key.get(f"/api/v1/images/{world.x1}"), 404, "IMAGE_NOT_FOUND")
        file = StoredFile.get(StoredFile.id == Image.get(Image.id == world.x1).file_id)
        assert file.id not in key.get("/api/v1/storage", query_string={"limit": 200}).text


def test_a_disabled_extension(world: World, olga: Actor, mo: Actor, client_for: ClientFor) -> None:
    admin = client_for(mo)
    change_client(admin, "ext_x", disabled=True)
    refused(world.x.get(IMAGES), 401, "UNAUTHORIZED")
    refused(world.x.get(f"/api/v1/images/{world.x1}"), 401, "UNAUTHORIZED")
    assert good(world.y.get(IMAGES))["total"] == 5
    browser = client_for(olga)
    for image_id in (world.x1, world.x2, world.x3):
        assert browser.get(f"/api/v1/images/{image_id}?size=full").status_code == 200
    change_client(admin, "ext_x", disabled=False)
    assert good(world.x.get(IMAGES, query_string={"onlyOwned": "true"}))["total"] == 3


def test_an_older_key_does_not_matter_for_ownership(x: Program, program_for: ProgramFor, olga: Actor) -> None:
    made = send(x)["id"]
    again = program_for(new_key("extension", identifier="ext_x", install_scope="user", actor=olga))
    assert ids(good(again.get(IMAGES, query_string={"onlyOwned": "true"}))) == [made]


def test_what_others_made_has_no_owner(world: World, program_for: ProgramFor, olga: Actor) -> None:
    manager = program_for(new_key(actor=olga))
    made = good(manager.post("/api/v1/images/upload", data={"file": (BytesIO(new_photo()), "a.jpg")}), 201)["data"][
        "id"
    ]
    for image_id in (world.u1, made):
        one = good(world.x.get(f"{IMAGES}/{image_id}"))
        assert [one[f"owner_{name}"] for name in ("extension_identifier", "character_id", "chat_id")] == [None] * 3


def test_me_tells_the_permissions_of_this_moment(world: World) -> None:
    wanted = {"identifier": "ext_x", "scope": "user", "permissions": sorted(IMAGE_SCOPES)}
    assert good(world.x.get(f"{BASE}/me")) == wanted
    set_scopes("ext_x", "images:read")
    assert good(world.x.get(f"{BASE}/me"))["permissions"] == ["images:read"]
    assert good(world.o.get(f"{BASE}/me"))["scope"] == "operator"


def test_the_owner_may_open_it_to_all(world: World, program_for: ProgramFor, olga: Actor, run_jobs: RunJobs) -> None:
    run_jobs()
    assert program_for(None).get(f"/i/{world.x1}").status_code == 404
    moderation.update(olga, world.x1, {}, visibility="unlisted")
    assert program_for(None).get(f"/i/{world.x1}").status_code == 200


def test_a_list_costs_the_same_for_more_images(x: Program, olga: Actor) -> None:
    make_row(olga)
    x.get(IMAGES)
    with count_queries() as few:
        x.get(IMAGES)
    for _ in range(30):
        make_row(olga)
    with count_queries() as many:
        assert len(good(x.get(IMAGES))["data"]) == 31
    assert len(few) == len(many)


def test_guests_are_users_too(program_for: ProgramFor, database: Any) -> None:
    guest = add_person(database, Role.GUEST, "Gia")
    o = program_for(new_key("extension", identifier="ext_o", install_scope="operator"))
    assert good(o.get(IMAGES, query_string={"userId": guest.user_id})) == {"data": [], "total": 0}


def test_a_thumbnail_that_can_be_made_is_never_taken_back(x: Program, run_jobs: RunJobs) -> None:
    made = send(x)
    assert made["has_thumbnail"] is True
    run_jobs()
    assert good(x.get(made["url"], query_string={"format": "json"}))
    assert good(x.get(f"{IMAGES}/{made['id']}"))["has_thumbnail"] is True
    Derivative.delete().execute()
    run_jobs(include_later=True)
    assert good(x.get(f"{IMAGES}/{made['id']}"))["has_thumbnail"] is True


def test_a_reader_reads_and_changes_nothing(world: World) -> None:
    set_scopes("ext_x", "images:read")
    before = list(Image.select().order_by(Image.seq).dicts())
    for method, path, options in calls(world.x1):
        answer = world.x.call(method, path, **options)
        if method == "GET":
            assert answer.status_code == 200, path
        else:
            refused(answer, 403, "PERMISSION_DENIED")
    assert list(Image.select().order_by(Image.seq).dicts()) == before


def test_a_permission_taken_between_list_and_bytes(world: World, olga: Actor, client_for: ClientFor) -> None:
    """The key gets no bytes any more, the user's own session does."""
    url = good(world.x.get(IMAGES, query_string={"specificity": "lg"}))["data"][-1]["url"]
    set_scopes("ext_x", "images:write")
    refused(world.x.get(url), 403, "PERMISSION_DENIED")
    assert client_for(olga).get(url).status_code == 200
