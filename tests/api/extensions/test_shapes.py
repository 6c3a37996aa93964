"""The exact keys and types of every answer to an extension."""

from io import BytesIO
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from tests.api.extending import BASE, IMAGES, as_data_url, key_x, send
from tests.api.files.test_shapes import is_shaped
from tests.factories import make_row, new_photo
from tests.programs import Program, ProgramFor, new_key

TEXT = (str, type(None))
NUMBER = (int, type(None))
IMAGE = {
    "id": str, "original_filename": str, "mime_type": str, "width": NUMBER, "height": NUMBER, "has_thumbnail": bool,
    "url": str, "specificity": str, "owner_extension_identifier": TEXT, "owner_character_id": TEXT,
    "owner_chat_id": TEXT, "created_at": int,
}  # fmt: skip
LIST = {"data": list, "total": int}
DELETED = {"deleted": bool}
DELETED_MANY = {"deleted": int}
CLEARED = {"cleared": int}
ME = {"identifier": str, "scope": str, "permissions": list}
ERROR = {"success": bool, "error": dict}


@pytest.fixture
def x(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(key_x(olga))


def test_every_answer_has_the_documented_keys_and_types(x: Program) -> None:
    one, two, three = (send(x, owner_character_id="c1", owner_chat_id="t1")["id"] for _ in range(3))
    form = {"data": (BytesIO(new_photo()), "a.jpg")}
    calls: list[tuple[Any, int, dict[str, Any]]] = [
        (x.get(f"{BASE}/me"), 200, ME),
        (x.get(IMAGES), 200, LIST),
        (x.get(IMAGES, query_string={"limit": 1, "characterId": "nobody"}), 200, LIST),
        (x.get(f"{IMAGES}/{one}"), 200, IMAGE),
        (x.get(f"{IMAGES}/{one}", query_string={"specificity": "sm"}), 200, IMAGE),
        (x.post(IMAGES, data=new_photo()), 201, IMAGE),
        (x.post(IMAGES, data=form), 201, IMAGE),
        (x.post(f"{IMAGES}/data-url", json={"dataUrl": as_data_url(new_photo())}), 201, IMAGE),
        (x.delete(f"{IMAGES}/{one}"), 200, DELETED),
        (x.post(f"{IMAGES}/delete", json={"ids": [two]}), 200, DELETED_MANY),
        (x.delete(f"{BASE}/owners/character/c1"), 200, CLEARED),
        (x.delete(f"{BASE}/owners/chat/t1"), 200, CLEARED),
        (x.get(f"{IMAGES}/{db.new_id()}"), 404, {**ERROR, "data": type(None)}),
        (x.delete(f"{IMAGES}/{one}"), 404, {**ERROR, "deleted": bool}),
        (x.get(IMAGES, query_string={"limit": 0}), 400, ERROR),
        (x.get(f"{BASE}/nothing"), 404, ERROR),
    ]
    for answer, status, shape in calls:
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "application/json"
        assert is_shaped(answer.json, shape), answer.text
        assert answer.headers["X-Request-Id"] and "no-store" in answer.headers.get("Cache-Control", "no-store")
    listed = x.get(IMAGES).json["data"]  # type: ignore[index]
    assert three in [image["id"] for image in listed] and len(listed) == 4
    assert all(is_shaped(image, IMAGE) for image in listed)


def test_a_batch_is_an_array_of_ids_and_errors(x: Program) -> None:
    form = {"data": [(BytesIO(new_photo()), "a.jpg"), (BytesIO(b"text"), "b.jpg")]}
    answer = x.post(f"{IMAGES}/batch", data=form)
    made, failed = answer.json  # type: ignore[misc]
    assert answer.status_code == 200 and is_shaped(made, {"id": str}) and is_shaped(failed, {"error": str})


def test_what_is_not_known_is_null_and_never_left_out(x: Program, olga: Actor) -> None:
    """A picture that lies elsewhere and was not fetched yet."""
    far = make_row(olga, file=None, external_url="https://example.org/a.jpg", width=None, height=None)
    found = x.get(f"{IMAGES}/{far.id}").json
    assert is_shaped(found, IMAGE)
    assert [found[name] for name in ("width", "height", "has_thumbnail", "original_filename")] == [
        None,
        None,
        False,
        "",
    ]


def test_an_operator_has_the_same_shapes(program_for: ProgramFor, olga: Actor) -> None:
    o = program_for(new_key("extension", identifier="ext_o", install_scope="operator"))
    whom = {"userId": str(olga.user_id)}
    made = o.post(IMAGES, data=new_photo(), query_string=whom)
    assert made.status_code == 201 and is_shaped(made.json, IMAGE)
    listed = o.get(IMAGES, query_string=whom).json
    assert is_shaped(listed, LIST) and listed["data"] == [made.json]
    assert is_shaped(o.get(f"{BASE}/me").json, ME)
