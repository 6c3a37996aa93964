"""Surface X over HTTP: statements A1–A21 and A31–A42 of extension-images-api §7, on both databases."""

import base64
import json
import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Activity, Blob, Client, Idempotency, Image, StoredFile
from pindeck.services import clients, data_urls, extension, keys, publishing, trash, uploads
from pindeck.states import Origin, Role
from tests.api.conftest import Program, ProgramFor, new_key, refused
from tests.conftest import ClientFor, RunJobs, add_person, count_queries
from tests.factories import make_active, make_row, new_photo, objects, together

BASE = "/api/v1/extension"
IMAGES = f"{BASE}/images"
FIELDS = {
    "id": str, "original_filename": str, "mime_type": str, "width": int, "height": int, "has_thumbnail": bool,
    "url": str, "specificity": str, "owner_extension_identifier": (str, type(None)),
    "owner_character_id": (str, type(None)), "owner_chat_id": (str, type(None)), "created_at": int,
}  # fmt: skip


def good(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def send(program: Program, data: bytes | None = None, **query: str) -> dict[str, Any]:
    answer = program.post(IMAGES, data=data or new_photo(), content_type="image/jpeg", query_string=query)
    found: dict[str, Any] = good(answer, 201)
    return found


def ids(listed: dict[str, Any]) -> list[str]:
    return [image["id"] for image in listed["data"]]


@dataclass
class World:
    """§7's setup: U is Olga, V is Sam."""

    x: Program
    y: Program
    o: Program
    x1: str
    x2: str
    x3: str
    y1: str
    u1: str


@pytest.fixture
def x(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(new_key("extension", identifier="ext_x", install_scope="user", actor=olga, scopes=("images",)))


@pytest.fixture
def world(x: Program, program_for: ProgramFor, olga: Actor, sam: Actor) -> World:
    y = program_for(new_key("extension", identifier="ext_y", install_scope="user", actor=olga))
    o = program_for(new_key("extension", identifier="ext_o", install_scope="operator"))
    x1 = send(x, owner_character_id="c1", owner_chat_id="t1")["id"]
    x2 = send(x, owner_character_id="c1")["id"]
    x3 = send(x)["id"]
    y1 = send(y)["id"]
    return World(x, y, o, x1, x2, x3, y1, make_active(olga).id)


def client_of(identifier: str) -> str:
    found: str = Client.get(Client.identifier == identifier).id
    return found


OPERATOR = Actor(role=Role.ADMIN)


def set_scopes(identifier: str, *scopes: str) -> None:
    clients.set_scopes(OPERATOR, client_of(identifier), scopes)


def test_X_A1_without_a_key(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> None:
    refused(program_for(None).get(IMAGES), 401, "UNAUTHORIZED")
    refused(client_for(olga).get(IMAGES), 401, "UNAUTHORIZED")
    refused(program_for(new_key("master")).get(IMAGES), 403, "FORBIDDEN")


def calls(image_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    png = "data:image/png;base64," + base64.b64encode(new_photo(format="PNG")).decode()
    return [
        ("GET", f"{BASE}/me", {}),
        ("GET", IMAGES, {}),
        ("GET", f"{IMAGES}/{image_id}", {}),
        ("POST", IMAGES, {"data": new_photo(), "content_type": "image/jpeg"}),
        ("POST", f"{IMAGES}/data-url", {"json": {"dataUrl": png}}),
        ("POST", f"{IMAGES}/batch", {"data": {"data": (BytesIO(new_photo()), "a.jpg")}}),
        ("POST", f"{IMAGES}/delete", {"json": {"ids": [image_id]}}),
        ("DELETE", f"{IMAGES}/{image_id}", {}),
        ("DELETE", f"{BASE}/owners/character/c1", {}),
        ("DELETE", f"{BASE}/owners/chat/t1", {}),
    ]


def test_X_A2_without_the_permission_nothing_is_done(world: World) -> None:
    set_scopes("ext_x")
    before = (Image.select().count(), Image.select().where(Image.subject_character.is_null(False)).count())
    for method, path, options in [*calls(world.x1), ("DELETE", f"{IMAGES}/missing", {})]:
        answer = world.x.call(method, path, **options)
        refused(answer, 403, "PERMISSION_DENIED")
        assert answer.json["error"]["message"].startswith("PERMISSION_DENIED: images"), path
    after = (Image.select().count(), Image.select().where(Image.subject_character.is_null(False)).count())
    assert after == before and Image.select().where(Image.deleted_at.is_null(False)).count() == 0


def test_X_A3_a_grant_and_a_revocation_act_on_the_next_call(world: World) -> None:
    set_scopes("ext_x")
    refused(world.x.get(IMAGES), 403, "PERMISSION_DENIED")
    set_scopes("ext_x", "images")
    assert good(world.x.get(IMAGES))["total"] == 5
    set_scopes("ext_x")
    refused(world.x.get(IMAGES), 403, "PERMISSION_DENIED")


def test_X_A4_a_list_is_data_and_total_the_newest_first(world: World) -> None:
    listed = good(world.x.get(IMAGES))
    assert set(listed) == {"data", "total"} and listed["total"] == 5
    assert ids(listed) == [world.u1, world.y1, world.x3, world.x2, world.x1]


def test_X_A5_only_what_it_made(world: World) -> None:
    listed = good(world.x.get(IMAGES, query_string={"onlyOwned": "true"}))
    assert ids(listed) == [world.x3, world.x2, world.x1] and listed["total"] == 3
    assert {image["owner_extension_identifier"] for image in listed["data"]} == {"ext_x"}
    assert ids(good(world.y.get(IMAGES, query_string={"onlyOwned": "true"}))) == [world.y1]


def test_X_A6_filters_combine(world: World) -> None:
    query = {"onlyOwned": "true", "characterId": "c1"}
    assert ids(good(world.x.get(IMAGES, query_string=query))) == [world.x2, world.x1]
    assert ids(good(world.x.get(IMAGES, query_string={**query, "chatId": "t1"}))) == [world.x1]


@pytest.mark.parametrize("name", ["characterId", "chatId"])
@pytest.mark.parametrize("value", ["", "   "])
def test_X_A7_a_blank_filter_is_refused(world: World, name: str, value: str) -> None:
    assert name in refused(world.x.get(IMAGES, query_string={name: value}), 400, "VALIDATION_ERROR")


def test_X_A8_limits_and_paging(x: Program, olga: Actor) -> None:
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


def test_X_A9_and_A10_the_address_follows_the_specificity(world: World) -> None:
    for size in ("sm", "lg"):
        for image in good(world.x.get(IMAGES, query_string={"specificity": size}))["data"]:
            assert (image["url"], image["specificity"]) == (f"/api/v1/images/{image['id']}?size={size}", size)
    for image in good(world.x.get(IMAGES))["data"]:
        assert (image["url"], image["specificity"]) == (f"/api/v1/images/{image['id']}", "full")
    for wrong in ("medium", "", "FULL"):
        refused(world.x.get(IMAGES, query_string={"specificity": wrong}), 400, "INVALID_SPECIFICITY")
        refused(world.x.get(f"{IMAGES}/{world.x1}", query_string={"specificity": wrong}), 400, "INVALID_SPECIFICITY")


def test_X_A11_the_fields_and_nothing_else(world: World) -> None:
    one = good(world.x.get(f"{IMAGES}/{world.x1}", query_string={"onlyOwned": "true", "specificity": "lg"}))
    assert set(one) == set(FIELDS) and len(one) == 12
    for name, kind in FIELDS.items():
        assert isinstance(one[name], kind), name  # type: ignore[arg-type]
    assert abs(one["created_at"] - time.time()) < 60
    for image in good(world.x.get(IMAGES))["data"]:
        assert set(image) == set(FIELDS)


def test_X_A12_another_extensions_image(world: World) -> None:
    answer = world.x.get(f"{IMAGES}/{world.y1}", query_string={"onlyOwned": "true"})
    refused(answer, 404, "IMAGE_NOT_FOUND")
    assert answer.json["data"] is None and answer.json["success"] is False
    assert good(world.x.get(f"{IMAGES}/{world.y1}"))["owner_extension_identifier"] == "ext_y"


def test_X_A13_somebody_elses_image_is_not_there(world: World, sam: Actor) -> None:
    foreign = make_active(sam).id
    trash.trash(Actor(world_user(world)), world.u1)
    missing = world.x.get(f"{IMAGES}/{db.new_id()}")
    for image_id in (foreign, world.u1, "x", "%20", "é"):
        answer = world.x.get(f"{IMAGES}/{image_id}")
        assert (answer.status_code, answer.json) == (404, missing.json), image_id


def world_user(world: World) -> str:
    found: str = Image.get(Image.id == world.u1).user_id
    return found


def test_X_A14_a_raw_upload(x: Program) -> None:
    data = new_photo(format="PNG", size=(60, 40))
    one = good(
        x.post(
            IMAGES,
            data=data,
            content_type="image/png",
            query_string={
                "filename": "p.png",
                "mime_type": "image/png",
                "owner_character_id": "c",
                "owner_chat_id": "t",
            },
        ),
        201,
    )
    assert (one["original_filename"], one["mime_type"], one["width"], one["height"]) == ("p.png", "image/png", 60, 40)
    assert (one["owner_character_id"], one["owner_chat_id"]) == ("c", "t")
    assert (one["owner_extension_identifier"], one["has_thumbnail"], one["specificity"]) == ("ext_x", True, "full")
    assert good(x.get(f"{IMAGES}/{one['id']}")) == one


def test_a_form_says_the_same_as_a_raw_body(x: Program) -> None:
    form = {
        "owner_character_id": " c ", "filename": "../../etc/passwd", "data": (BytesIO(new_photo()), "other.jpg"),
        "owner_chat_id": "t",
    }  # fmt: skip
    one = good(x.post(IMAGES, data=form), 201)
    assert (one["original_filename"], one["owner_character_id"], one["owner_chat_id"]) == ("passwd", "c", "t")
    assert all("passwd" not in key or "/original/" in key or "staging/" in key for key in objects())
    two = good(x.post(IMAGES, data={"data": (BytesIO(new_photo()), "other.jpg")}), 201)
    assert two["original_filename"] == "other.jpg"
    before = Image.select().count()
    assert "data" in refused(x.post(IMAGES, data={"filename": "a"}, content_type="multipart/form-data"), 400, "VALIDATION_ERROR")
    twice = {"data": [(BytesIO(new_photo()), "a.jpg"), (BytesIO(new_photo()), "b.jpg")]}
    assert "data" in refused(x.post(IMAGES, data=twice), 400, "VALIDATION_ERROR")
    assert "body" in refused(x.post(IMAGES, data=b"x", content_type="multipart/form-data"), 400, "VALIDATION_ERROR")
    assert Image.select().count() == before and not [key for key in objects("staging/") if key == "x"]


def test_X_A15_the_owner_cannot_be_chosen(x: Program, world: World) -> None:
    assert send(x, owner_extension_identifier="ext_y")["owner_extension_identifier"] == "ext_x"
    form = {"data": (BytesIO(new_photo()), "a.jpg"), "owner_extension_identifier": "ext_y"}
    assert good(x.post(IMAGES, data=form), 201)["owner_extension_identifier"] == "ext_x"


def test_X_A16_the_type_is_what_the_bytes_are(x: Program) -> None:
    assert good(x.post(IMAGES, data=new_photo(format="PNG")), 201)["mime_type"] == "image/png"
    assert good(x.post(IMAGES, data=new_photo(format="PNG")), 201)["original_filename"] == "image.png"
    assert send(x, new_photo(), mime_type="image/png")["mime_type"] == "image/jpeg"


def test_X_A17_an_empty_body(world: World) -> None:
    refused(world.x.post(IMAGES, data=b"", content_type="image/png"), 400, "EMPTY_IMAGE")
    refused(world.x.post(IMAGES, data={"data": (BytesIO(b""), "a.png")}), 400, "EMPTY_IMAGE")
    assert good(world.x.get(IMAGES))["total"] == 5


def test_X_A18_too_large_or_no_picture(world: World) -> None:
    answer = world.x.post(IMAGES, data=b"\x89PNG" + bytes(50 * 2**20 - 3), content_type="image/png")
    refused(answer, 413, "FILE_TOO_LARGE")
    for data in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"just text", b"%PDF-1.7"):
        refused(world.x.post(IMAGES, data=data, content_type="image/png"), 415, "UNSUPPORTED_FILE_TYPE")
    refused(world.x.post(IMAGES, data=new_photo()[:200], content_type="image/jpeg"), 422, "IMAGE_UNDECODABLE")
    assert good(world.x.get(IMAGES))["total"] == 5


def as_data_url(data: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(data).decode()


def test_X_A19_a_data_url(x: Program) -> None:
    body = {"dataUrl": as_data_url(new_photo(format="PNG")), "originalFilename": "g.png", "owner_chat_id": "t"}
    one = good(x.post(f"{IMAGES}/data-url", json=body), 201)
    assert (one["original_filename"], one["owner_chat_id"], one["mime_type"]) == ("g.png", "t", "image/png")
    named = good(x.post(f"{IMAGES}/data-url", json={"dataUrl": as_data_url(new_photo())}), 201)
    assert named["original_filename"] == f"image-{named['id']}.jpg"
    odd = as_data_url(new_photo(format="PNG"), "data:image/png;charset=utf-8;name=a;base64,")
    good(x.post(f"{IMAGES}/data-url", json={"dataUrl": odd}), 201)


@pytest.mark.parametrize(
    "text",
    ["data:image/png,abc", "plain text", "data:image/png;base64,a*b=", "data:image/png;base64,abc", "", ",",
     "data:;base64", "x" * 10_000],
)  # fmt: skip
def test_X_A20_what_is_no_data_url(x: Program, text: str) -> None:
    refused(x.post(f"{IMAGES}/data-url", json={"dataUrl": text}), 400, "INVALID_DATA_URL")
    with pytest.raises(Invalid):
        data_urls.parse(text)
    assert Image.select().count() == 0


def test_a_data_url_that_is_empty_too_large_or_of_a_wrong_type(x: Program) -> None:
    refused(x.post(f"{IMAGES}/data-url", json={"dataUrl": "data:image/png;base64,"}), 400, "EMPTY_IMAGE")
    refused(
        x.post(f"{IMAGES}/data-url", data=b" " * 70_000_001, content_type="application/json"), 413, "FILE_TOO_LARGE"
    )
    assert "dataUrl" in refused(x.post(f"{IMAGES}/data-url", json={"dataUrl": 5}), 400, "VALIDATION_ERROR")
    assert Image.select().count() == 0 and objects() == []


def test_X_A21_tags_are_trimmed(x: Program) -> None:
    one = send(x, owner_character_id="  c1 ", owner_chat_id="   ")
    assert (one["owner_character_id"], one["owner_chat_id"]) == ("c1", None)
    answer = x.post(IMAGES, data=new_photo(), query_string={"owner_character_id": "c" * 129})
    assert "owner_character_id" in refused(answer, 400, "VALIDATION_ERROR")


def test_X_A31_deleting_an_own_image(world: World, run_jobs: RunJobs) -> None:
    assert good(world.x.delete(f"{IMAGES}/{world.x1}")) == {"deleted": True}
    run_jobs(include_later=True)
    refused(world.x.get(f"{IMAGES}/{world.x1}"), 404, "IMAGE_NOT_FOUND")
    assert good(world.x.get(IMAGES))["total"] == 4
    assert world.x.get(f"/api/v1/images/{world.x1}").status_code == 404
    again = world.x.delete(f"{IMAGES}/{world.x1}")
    refused(again, 404, "IMAGE_NOT_FOUND")
    assert again.json["deleted"] is False
    assert Image.get_or_none(Image.id == world.x1) is None


def test_X_A32_deleting_another_image_of_the_user_can_be_undone(world: World, olga: Actor) -> None:
    assert good(world.x.delete(f"{IMAGES}/{world.u1}")) == {"deleted": True}
    assert [image.id for image in trash.list_trash(olga)[0]] == [world.u1]
    refused(world.x.get(f"{IMAGES}/{world.u1}"), 404, "IMAGE_NOT_FOUND")
    trash.restore(olga, world.u1)
    assert good(world.x.get(f"{IMAGES}/{world.u1}"))["id"] == world.u1


def test_X_A33_without_the_wider_permission_only_own_ones(world: World) -> None:
    set_scopes("ext_x", "images:read", "images:delete")
    refused(world.x.delete(f"{IMAGES}/{world.u1}"), 403, "NOT_OWNER")
    assert Image.get(Image.id == world.u1).deleted_at is None
    assert good(world.x.delete(f"{IMAGES}/{world.x1}")) == {"deleted": True}
    assert good(world.x.post(f"{IMAGES}/delete", json={"ids": [world.u1, world.x2, "x"]})) == {"deleted": 1}


def test_X_A34_an_operator_names_its_user(world: World, olga: Actor) -> None:
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


def test_X_A35_a_user_extension_stays_with_its_user(world: World, olga: Actor, sam: Actor) -> None:
    refused(world.x.get(IMAGES, query_string={"userId": sam.user_id}), 403, "USER_SCOPE_VIOLATION")
    assert good(world.x.get(IMAGES, query_string={"userId": olga.user_id}))["total"] == 5
    answer = world.x.post(IMAGES, data=new_photo(), query_string={"userId": sam.user_id})
    refused(answer, 403, "USER_SCOPE_VIOLATION")
    answer = world.x.post(IMAGES, data={"data": (BytesIO(new_photo()), "a.jpg"), "userId": sam.user_id})
    refused(answer, 403, "USER_SCOPE_VIOLATION")
    assert Image.select().where(Image.user == sam.user_id).count() == 0


def test_X_A36_a_subject_is_forgotten(world: World) -> None:
    assert good(world.x.delete(f"{BASE}/owners/character/c1")) == {"cleared": 2}
    for image_id in (world.x1, world.x2):
        assert good(world.x.get(f"{IMAGES}/{image_id}"))["owner_character_id"] is None
    assert good(world.x.get(f"{IMAGES}/{world.x1}"))["owner_chat_id"] == "t1"
    assert good(world.x.delete(f"{BASE}/owners/character/c1")) == {"cleared": 0}
    assert good(world.x.delete(f"{BASE}/owners/chat/t1")) == {"cleared": 1}
    refused(world.x.delete(f"{BASE}/owners/user/c1"), 404, "NOT_FOUND")


def test_a_subject_of_another_user_stays(world: World, program_for: ProgramFor, sam: Actor) -> None:
    z = program_for(new_key("extension", identifier="ext_z", install_scope="user", actor=sam))
    assert good(z.delete(f"{BASE}/owners/character/c1")) == {"cleared": 0}
    assert Image.select().where(Image.subject_character == "c1").count() == 2


def test_X_A37_visitors_see_nothing_of_it(
    world: World, program_for: ProgramFor, client_for: ClientFor, sam: Actor, run_jobs: RunJobs
) -> None:
    run_jobs()
    visitor, curator = program_for(None), client_for(sam)
    for caller in (visitor, curator):
        for image_id in (world.x1, world.y1):
            assert image_id not in caller.get("/").text
            assert caller.get(f"/i/{image_id}", headers={"Accept": "image/*"}).status_code == 404
            assert caller.get(f"/i/{image_id}?size=small", headers={"Accept": "image/*"}).status_code == 404
    assert Image.select().where(Image.id == world.x1, Image.public_token.is_null()).count() == 1
    project, master = program_for(new_key()), program_for(new_key("master"))
    for key in (project, master):
        assert world.x1 not in key.get("/api/v1/images").text
        refused(key.get(f"/api/v1/images/{world.x1}"), 404, "IMAGE_NOT_FOUND")
        file = StoredFile.get(StoredFile.id == Image.get(Image.id == world.x1).file_id)
        assert file.id not in key.get("/api/v1/storage", query_string={"limit": 200}).text


def test_X_A38_a_disabled_extension(world: World, olga: Actor) -> None:
    clients.set_disabled(OPERATOR, client_of("ext_x"), True)
    refused(world.x.get(IMAGES), 401, "UNAUTHORIZED")
    assert good(world.y.get(IMAGES))["total"] == 5
    assert Image.select().where(Image.user == olga.user_id).count() == 5


def test_X_A39_a_batch_with_one_that_fails(x: Program) -> None:
    items = [{"owner_character_id": "c1"}, {}, {"filename": "third.jpg"}]
    form = {
        "items": json.dumps(items),
        "data": [(BytesIO(new_photo()), "a.jpg"), (BytesIO(b""), "b.jpg"), (BytesIO(new_photo()), "c.jpg")],
    }
    answers = good(x.post(f"{IMAGES}/batch", data=form))
    assert [set(answer) for answer in answers] == [{"id"}, {"error"}, {"id"}]
    assert good(x.get(f"{IMAGES}/{answers[0]['id']}"))["owner_character_id"] == "c1"
    assert good(x.get(f"{IMAGES}/{answers[2]['id']}"))["original_filename"] == "third.jpg"
    assert Image.select().count() == 2 and len(objects("staging/")) == 2


def test_a_batch_that_is_wrong_leaves_nothing(x: Program) -> None:
    def pictures(count: int) -> list[tuple[BytesIO, str]]:
        return [(BytesIO(new_photo()), "a.jpg") for _ in range(count)]

    wrong: list[tuple[dict[str, Any], str]] = [
        ({"items": "[]"}, "data"),
        ({"items": "[{}]", "data": pictures(2)}, "items"),
        ({"items": "{", "data": pictures(1)}, "body"),
        ({"items": "[5]", "data": pictures(1)}, "0"),
        ({"data": [(BytesIO(b"x"), "a") for _ in range(101)]}, "data"),
    ]
    for form, field in wrong:
        assert field in refused(x.post(f"{IMAGES}/batch", data=form, content_type="multipart/form-data"), 400, "VALIDATION_ERROR"), form
    assert Image.select().count() == 0 and objects() == []


def test_X_A40_equal_bytes_live_on(world: World, program_for: ProgramFor, run_jobs: RunJobs) -> None:
    data = new_photo()
    two = send(world.x, data)["id"]
    manager = program_for(new_key())
    other = good(manager.post("/api/v1/images/upload", data={"file": (BytesIO(data), "a.jpg")}), 201)["data"]["id"]
    run_jobs(include_later=True)
    good(world.x.delete(f"{IMAGES}/{two}"))
    run_jobs(include_later=True)
    assert program_for(None).get(f"/i/{other}").data == data


def test_X_A41_a_repeat_gets_the_first_answer(x: Program) -> None:
    data, headers = new_photo(), {"Idempotency-Key": "one"}
    first = x.post(IMAGES, data=data, content_type="image/jpeg", headers=headers)
    second = x.post(IMAGES, data=data, content_type="image/jpeg", headers=headers)
    assert good(first, 201) == good(second, 201)
    assert Image.select().count() == 1 and Blob.select().count() == 1 and len(objects("staging/")) == 1
    refused(x.post(IMAGES, data=new_photo(), headers=headers), 409, "IDEMPOTENCY_KEY_REUSED")
    named = {"filename": "other.jpg"}
    refused(x.post(IMAGES, data=data, query_string=named, headers=headers), 409, "IDEMPOTENCY_KEY_REUSED")
    refused(x.post(IMAGES, data=data, headers={"Idempotency-Key": "x" * 256}), 400, "VALIDATION_ERROR")
    assert Image.select().count() == 1 and len(objects("staging/")) == 1
    body = {"dataUrl": as_data_url(new_photo())}
    made = [good(x.post(f"{IMAGES}/data-url", json=body, headers={"Idempotency-Key": "two"}), 201) for _ in range(2)]
    assert made[0] == made[1] and Image.select().count() == 2
    Idempotency.update(created_at=db.now_ms() - 25 * 3_600_000).execute()
    third = good(x.post(IMAGES, data=data, content_type="image/jpeg", headers=headers), 201)
    assert third["id"] != first.json["id"]


def test_repeats_at_once_make_one_image(x: Program, olga: Actor) -> None:
    data = new_photo()
    actor = keys.actor_of(str(x.key))
    assert actor

    def one(_: int) -> str:
        from pindeck.services import idempotency

        staged = uploads.stage([data])
        repeat = idempotency.request(actor, "at once", staged.written.sha256)
        return extension.take_in(actor, staged, extension.Wish("a.jpg"), repeat=repeat)[0].id

    assert len(set(together(6, one))) == 1
    assert Image.select().count() == 1 and len(objects("staging/")) == 1


def test_the_key_of_another_extension_is_another_request(world: World) -> None:
    data, headers = new_photo(), {"Idempotency-Key": "same"}
    made = {good(p.post(IMAGES, data=data, headers=headers), 201)["id"] for p in (world.x, world.y)}
    assert len(made) == 2


def test_X_A42_what_is_made_on_request_is_tagged_the_same(x: Program) -> None:
    """The run that makes pictures comes later; this is the call its last step will make."""
    actor = keys.actor_of(str(x.key))
    assert actor
    wish = extension.Wish("made.jpg", character="c1", origin=Origin.AI)
    made, _ = extension.take_in(actor, uploads.stage([new_photo()]), wish)
    listed = good(x.get(IMAGES, query_string={"onlyOwned": "true", "characterId": "c1"}))
    assert ids(listed) == [made.id] and Image.get(Image.id == made.id).origin == "ai"


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
    wanted = {"identifier": "ext_x", "scope": "user", "permissions": sorted(keys.IMAGES)}
    assert good(world.x.get(f"{BASE}/me")) == wanted
    set_scopes("ext_x", "images:read")
    assert good(world.x.get(f"{BASE}/me"))["permissions"] == ["images:read"]
    assert good(world.o.get(f"{BASE}/me"))["scope"] == "operator"


def test_every_change_is_in_the_log(world: World) -> None:
    world.x.delete(f"{IMAGES}/{world.x1}")
    world.x.delete(f"{BASE}/owners/character/c1")
    rows = list(Activity.select().where(Activity.client_id == client_of("ext_x")))
    assert {"extension.upload", "image.purge", "extension.forget"} <= {row.verb for row in rows}


def test_the_owner_may_open_it_to_all(world: World, program_for: ProgramFor, olga: Actor, run_jobs: RunJobs) -> None:
    run_jobs()
    assert program_for(None).get(f"/i/{world.x1}").status_code == 404
    publishing.set_visibility(olga, world.x1, "unlisted")
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
