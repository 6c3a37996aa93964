"""Extensions over HTTP: pictures on their way in."""

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Picture
from PIL.Image import Exif

from pindeck import db
from pindeck.access import Actor
from pindeck.errors import Invalid
from pindeck.models import Activity, Blob, Idempotency, Image, StoredFile
from pindeck.services.blobs import data_urls
from pindeck.services.clients import api_keys
from pindeck.services.ingest import extensions, uploads
from pindeck.states import Origin
from tests.api.extending import IMAGES, World, as_data_url, begin, client_of, good, ids, key_x, send
from tests.factories import new_photo, objects
from tests.programs import Program, ProgramFor, refused


@pytest.fixture
def x(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(key_x(olga))


@pytest.fixture
def world(x: Program, program_for: ProgramFor, olga: Actor) -> World:
    return begin(x, program_for, olga)


def test_a_raw_upload(x: Program) -> None:
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
    assert "data" in refused(
        x.post(IMAGES, data={"filename": "a"}, content_type="multipart/form-data"), 400, "VALIDATION_ERROR"
    )
    twice = {"data": [(BytesIO(new_photo()), "a.jpg"), (BytesIO(new_photo()), "b.jpg")]}
    assert "data" in refused(x.post(IMAGES, data=twice), 400, "VALIDATION_ERROR")
    assert "body" in refused(x.post(IMAGES, data=b"x", content_type="multipart/form-data"), 400, "VALIDATION_ERROR")
    assert Image.select().count() == before and not [key for key in objects("staging/") if key == "x"]


def test_the_owner_cannot_be_chosen(x: Program, world: World) -> None:
    assert send(x, owner_extension_identifier="ext_y")["owner_extension_identifier"] == "ext_x"
    form = {"data": (BytesIO(new_photo()), "a.jpg"), "owner_extension_identifier": "ext_y"}
    assert good(x.post(IMAGES, data=form), 201)["owner_extension_identifier"] == "ext_x"


def test_the_type_is_what_the_bytes_are(x: Program) -> None:
    assert good(x.post(IMAGES, data=new_photo(format="PNG")), 201)["mime_type"] == "image/png"
    assert good(x.post(IMAGES, data=new_photo(format="PNG")), 201)["original_filename"] == "image.png"
    assert send(x, new_photo(), mime_type="image/png")["mime_type"] == "image/jpeg"


def test_an_empty_body(world: World) -> None:
    refused(world.x.post(IMAGES, data=b"", content_type="image/png"), 400, "EMPTY_IMAGE")
    refused(world.x.post(IMAGES, data={"data": (BytesIO(b""), "a.png")}), 400, "EMPTY_IMAGE")
    assert good(world.x.get(IMAGES))["total"] == 5


def test_too_large_or_no_picture(world: World) -> None:
    answer = world.x.post(IMAGES, data=b"\x89PNG" + bytes(50 * 2**20 - 3), content_type="image/png")
    refused(answer, 413, "FILE_TOO_LARGE")
    for data in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"just text", b"%PDF-1.7"):
        refused(world.x.post(IMAGES, data=data, content_type="image/png"), 415, "UNSUPPORTED_FILE_TYPE")
    refused(world.x.post(IMAGES, data=new_photo()[:200], content_type="image/jpeg"), 422, "IMAGE_UNDECODABLE")
    assert good(world.x.get(IMAGES))["total"] == 5


def test_a_data_url(x: Program) -> None:
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
def test_what_is_no_data_url(x: Program, text: str) -> None:
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


def test_tags_are_trimmed(x: Program) -> None:
    one = send(x, owner_character_id="  c1 ", owner_chat_id="   ")
    assert (one["owner_character_id"], one["owner_chat_id"]) == ("c1", None)
    answer = x.post(IMAGES, data=new_photo(), query_string={"owner_character_id": "c" * 129})
    assert "owner_character_id" in refused(answer, 400, "VALIDATION_ERROR")


def test_a_batch_with_one_that_fails(x: Program) -> None:
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
        ({"items": "{", "data": pictures(1)}, "items"),
        ({"userId": "\x00", "data": pictures(1)}, "userId"),
        ({"items": "null", "data": pictures(1)}, "items"),
        ({"items": "[" * 5000, "data": pictures(1)}, "items"),
        ({"items": "[{}]" + " " * 200_000, "data": pictures(1)}, "items"),
        ({"data": [(BytesIO(b"x"), "a") for _ in range(101)]}, "data"),
    ]
    for form, field in wrong:
        assert field in refused(
            x.post(f"{IMAGES}/batch", data=form, content_type="multipart/form-data"), 400, "VALIDATION_ERROR"
        ), form
    assert Image.select().count() == 0 and objects() == []


def test_a_repeat_gets_the_first_answer(x: Program) -> None:
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


def test_the_key_of_another_extension_is_another_request(world: World) -> None:
    data, headers = new_photo(), {"Idempotency-Key": "same"}
    made = {good(p.post(IMAGES, data=data, headers=headers), 201)["id"] for p in (world.x, world.y)}
    assert len(made) == 2


def test_what_is_made_on_request_is_tagged_the_same(x: Program) -> None:
    """The run that makes pictures comes later; this is the call its last step will make."""
    actor = api_keys.actor_of(str(x.key))
    assert actor
    meta = extensions.UploadMeta("made.jpg", character="c1", origin=Origin.AI)
    made, _ = extensions.take_in(actor, uploads.stage([new_photo()]), meta)
    listed = good(x.get(IMAGES, query_string={"onlyOwned": "true", "characterId": "c1"}))
    assert ids(listed) == [made.id] and Image.get(Image.id == made.id).origin == "ai"


def test_words_that_are_wrong_fail_their_own_picture_only(x: Program) -> None:
    items = [{"filename": 5}, 5, {"owner_chat_id": "c" * 129}, {"filename": "\ud800"}, {"owner_chat_id": " t "}]
    form = {"data": [(BytesIO(new_photo()), f"{n}.jpg") for n in range(5)], "items": json.dumps(items)}
    answers = good(x.post(f"{IMAGES}/batch", data=form))
    assert [set(answer) for answer in answers] == [{"error"}] * 4 + [{"id"}]
    one = good(x.get(f"{IMAGES}/{answers[4]['id']}"))
    assert (one["original_filename"], one["owner_chat_id"]) == ("4.jpg", "t")
    assert Image.select().count() == 1 and len(objects("staging/")) == 1


@pytest.mark.parametrize("path", [IMAGES, f"{IMAGES}/batch"])
def test_a_form_that_breaks_off_leaves_nothing(x: Program, path: str) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="data"; filename="a.jpg"\r\n\r\n'
    whole = head + new_photo() + b"\r\n--b--\r\n"
    for body in (b"", b"--b", head, head + b"abc", whole[:-12], head + new_photo() + b"\r\n" + head + new_photo()):
        answer = x.post(path, data=body, content_type="multipart/form-data; boundary=b")
        assert set(refused(answer, 400, "VALIDATION_ERROR")) <= {"body", "data"}, body[-40:]
    assert Image.select().count() == 0 and objects() == []
    assert x.post(path, data=whole, content_type="multipart/form-data; boundary=b").status_code in (200, 201)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"), ("a\x01\u202e\n.png", "a.png"), ("n" * 300, "n" * 255),
        ("", None), ("  ", None), ("/", None), ("..", None), ("a/", None), ("\x01", None),
    ],
)  # fmt: skip
def test_names_are_cleaned_or_made(x: Program, given: str, kept: str | None) -> None:
    assert send(x, filename=given)["original_filename"] == (kept or "image.png")
    body = {"dataUrl": as_data_url(new_photo()), "originalFilename": given}
    one = good(x.post(f"{IMAGES}/data-url", json=body), 201)
    assert one["original_filename"] == (kept or f"image-{one['id']}.jpg")


def test_width_and_height_are_upright(x: Program) -> None:
    exif = Exif()
    exif[0x0112] = 6
    out = BytesIO()
    Picture.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    one = send(x, out.getvalue())
    assert (one["width"], one["height"]) == (20, 40)


def test_an_upload_is_private_active_and_of_no_projects_keys(x: Program, olga: Actor) -> None:
    image = Image.get(Image.id == send(x)["id"])
    assert (image.visibility, image.status, image.origin, image.user_id) == (
        "private",
        "active",
        "upload",
        olga.user_id,
    )
    assert StoredFile.get(StoredFile.id == image.file_id).project_id is None
    assert image.client_id == client_of("ext_x")
    (row,) = Activity.select().where(Activity.verb == "extension.upload")
    assert (row.image_id, row.user_id, row.client_id) == (image.id, olga.user_id, image.client_id)
    assert row.detail == {"extension": "ext_x"}


def test_a_data_url_holds_as_much_as_a_raw_body(x: Program) -> None:
    most = 50 * 2**20
    for size, status, code in ((most, 415, "UNSUPPORTED_FILE_TYPE"), (most + 1, 413, "FILE_TOO_LARGE")):
        refused(x.post(f"{IMAGES}/data-url", json={"dataUrl": as_data_url(bytes(size))}), status, code)
    assert Image.select().count() == 0 and objects() == []


@pytest.mark.parametrize("door", [IMAGES, f"{IMAGES}/batch"])
@pytest.mark.parametrize("field", ["owner_chat", "Data", "file"])
def test_a_field_that_a_form_has_not_is_refused_by_name(x: Program, door: str, field: str) -> None:
    for value in ("t", (BytesIO(new_photo()), "b.jpg")):
        form = {"data": (BytesIO(new_photo()), "a.jpg"), field: value}
        details = refused(x.post(door, data=form, content_type="multipart/form-data"), 400, "VALIDATION_ERROR")
        assert details == {field: "There is no such field here."}
    assert Image.select().count() == 0 and objects() == []
