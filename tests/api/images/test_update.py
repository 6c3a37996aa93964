"""Focal point and metadata."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Activity, Image
from pindeck.services.images import ledger
from tests.api.managing import IMAGES, World, get, name, upload
from tests.conftest import ClientFor
from tests.factories import make_row, together
from tests.programs import refused


def put(world: World, image: str, **body: Any) -> dict[str, Any]:
    answer = world.k.put(f"{IMAGES}/{image}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def test_a_focal_point_is_set_returned_and_kept(world: World) -> None:
    before = upload(world.k)
    point = {"x": 0.25, "y": 0.75}
    after = put(world, before["id"], focalPoint=point)
    assert after["focalPoint"] == point
    assert after["updatedAt"] > before["updatedAt"]
    assert get(world.k, before["id"]) == after
    assert after["createdAt"] == before["createdAt"]
    note = Activity.get(Activity.verb == "image.update")
    assert (note.image_id, note.client_id is not None) == (before["id"], True)


def test_rights_and_credit_are_told_and_make_a_version(world: World, olga: Actor) -> None:
    image = upload(world.k)["id"]
    before = world.k.get(f"{IMAGES}/{image}")
    assert (before.json["data"]["credit"], before.json["data"]["rights"]) == (None, "unknown")
    ledger.write(image, {"rights": "reference", "source": "Deakins"}, ledger.person(olga))
    after = world.k.get(f"{IMAGES}/{image}")
    assert (after.json["data"]["credit"], after.json["data"]["rights"]) == ("Deakins", "reference")
    assert after.headers["ETag"] != before.headers["ETag"]
    told = refused(world.k.put(f"{IMAGES}/{image}", json={"rights": "own"}), 400, "VALIDATION_ERROR")
    assert "library/images" in str(told)


@pytest.mark.parametrize(
    "point",
    [
        {"x": 1.01, "y": 0.5}, {"x": "0.5", "y": 0.5}, {"y": 0.5}, {"x": 0.5, "y": 0.5, "z": 0}, {"x": True, "y": 0.5},
        {"x": -0.01, "y": 0.5}, {"x": None, "y": 0.5}, [0.5, 0.5], "0.5,0.5", 5, {}, {"x": 10**400, "y": 0},
    ],
)  # fmt: skip
def test_what_is_no_focal_point_changes_nothing(point: object, world: World) -> None:
    image = upload(world.k)["id"]
    before = put(world, image, focalPoint={"x": 0.5, "y": 0.5})
    details = refused(world.k.put(f"{IMAGES}/{image}", json={"focalPoint": point}), 400, "VALIDATION_ERROR")
    assert next(iter(details)).startswith("focalPoint")
    assert get(world.k, image) == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "-1e-400000000"])
def test_numbers_that_json_has_not_are_refused(number: str, world: World) -> None:
    image = upload(world.k)["id"]
    body = f'{{"focalPoint": {{"x": {number}, "y": 0}}}}'
    answer = world.k.put(f"{IMAGES}/{image}", data=body, content_type="application/json")
    if number.startswith("-"):  # that is a zero
        assert answer.get_json()["data"]["focalPoint"] == {"x": 0, "y": 0}
    else:
        refused(answer, 400, "VALIDATION_ERROR")


def test_zero_and_one_are_valid_and_zero_has_no_sign(world: World) -> None:
    image = upload(world.k)["id"]
    assert put(world, image, focalPoint={"x": 0, "y": 1})["focalPoint"] == {"x": 0, "y": 1}
    put(world, image, focalPoint={"x": 0.5, "y": 1})
    assert '"x":0.0' in world.k.put(f"{IMAGES}/{image}", json={"focalPoint": {"x": -0.0, "y": 1}}).text
    assert str(Image.get().focal_x) == "0.0"


def test_put_replaces_and_patch_merges(world: World) -> None:
    image = upload(world.k, meta='{"a":1,"b":2}')["id"]
    assert put(world, image, meta={"a": 3})["meta"] == {"a": 3}
    put(world, image, meta={"a": 1, "b": 2})
    answer = world.k.patch(f"{IMAGES}/{image}", json={"meta": {"a": 3, "b": None}})
    assert answer.get_json()["data"]["meta"] == {"a": 3}
    assert put(world, image, meta={"a": None})["meta"] == {"a": None}
    merged = world.k.patch(f"{IMAGES}/{image}", json={"meta": {"b": {"c": None}}}).get_json()["data"]["meta"]
    assert merged == {"a": None, "b": {"c": None}}
    assert get(world.k, image)["meta"] == merged


def test_what_is_not_named_stays(world: World) -> None:
    image = upload(world.k)["id"]
    put(world, image, focalPoint={"x": 0.1, "y": 0.2})
    assert put(world, image, meta={"a": 1})["focalPoint"] == {"x": 0.1, "y": 0.2}
    cleared = put(world, image, focalPoint=None)
    assert (cleared["focalPoint"], cleared["meta"]) == (None, {"a": 1})


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_alias_is_refused_here(method: str, world: World) -> None:
    image = upload(world.k, alias="@hero")["id"]
    for value in ("@other", None, "@hero"):
        answer = world.k.call(method, f"{IMAGES}/{image}", json={"alias": value, "meta": {"a": 1}})
        assert "/alias" in refused(answer, 400, "VALIDATION_ERROR")["alias"]
    found = get(world.k, image)
    assert (found["alias"], found["meta"]) == ("@hero", {})


@pytest.mark.parametrize(
    "field", ["id", "projectId", "flowId", "storageUrl", "mimeType", "fileSize", "width", "height", "source",
              "createdAt", "updatedAt", "deletedAt"],
)  # fmt: skip
def test_what_cannot_be_changed_is_refused_by_name(field: str, world: World) -> None:
    image = upload(world.k)["id"]
    answer = world.k.put(f"{IMAGES}/{image}", json={field: 1, "meta": {"a": 1}})
    assert field in refused(answer, 400, "VALIDATION_ERROR")
    assert get(world.k, image)["meta"] == {}


def deep(levels: int) -> Any:
    return {} if levels == 1 else {"a": deep(levels - 1)}


@pytest.mark.parametrize(
    "body",
    [
        {}, {"colour": "red"}, {"meta": None}, {"meta": []}, {"meta": "x"}, {"meta": {"a": "x" * 17000}},
        {"meta": deep(9)}, {"meta": {"a": 2**60}}, {"meta": {"a\x00": 1}}, {"meta": {"a": "\ud800"}}, [], "x", 5,
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_bodies_that_say_nothing_or_too_much_are_refused(body: object, method: str, world: World) -> None:
    image = upload(world.k)["id"]
    refused(world.k.call(method, f"{IMAGES}/{image}", json=body), 400, "VALIDATION_ERROR")
    assert get(world.k, image)["meta"] == {}


def test_other_bodies_are_refused(world: World) -> None:
    image = upload(world.k)["id"]
    path = f"{IMAGES}/{image}"
    refused(world.k.put(path, data="{", content_type="application/json"), 400, "VALIDATION_ERROR")
    refused(world.k.put(path, data="[" * 100_000, content_type="application/json"), 400, "VALIDATION_ERROR")
    refused(world.k.put(path, data="a=1", content_type="text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_an_unknown_name_is_refused_by_its_name(world: World) -> None:
    image = upload(world.k)["id"]
    for method in ("PUT", "PATCH"):
        body = {"meta": {"a": 1}, "focalpoint": {"x": 0, "y": 0}}
        told = refused(world.k.call(method, f"{IMAGES}/{image}", json=body), 400, "VALIDATION_ERROR")
        assert told == {"focalpoint": "There is no such field here."}
    assert get(world.k, image)["meta"] == {}


def test_merging_cannot_grow_beyond_the_limit(world: World) -> None:
    image = upload(world.k)["id"]
    put(world, image, meta={"a": "x" * 10_000})
    answer = world.k.patch(f"{IMAGES}/{image}", json={"meta": {"b": "x" * 10_000}})
    assert "meta" in refused(answer, 400, "VALIDATION_ERROR")
    assert put(world, image, meta=deep(8))["meta"] == deep(8)


def test_keys_of_meta_that_look_like_fields_stay_in_meta(world: World) -> None:
    image = upload(world.k)["id"]
    found = put(world, image, meta={"id": "x", "alias": "@y", "width": 1})
    assert (found["id"], found["alias"], found["width"]) == (image, None, 64)
    assert found["meta"] == {"id": "x", "alias": "@y", "width": 1}


def test_nothing_moves_when_nothing_changed(world: World) -> None:
    image = upload(world.k)["id"]
    before = put(world, image, meta={"a": 1}, focalPoint={"x": 0.5, "y": 0.5})
    assert put(world, image, meta={"a": 1}, focalPoint={"x": 0.5, "y": 0.5}) == before
    assert put(world, image, meta={"a": True})["updatedAt"] > before["updatedAt"]


def test_a_stale_version_changes_nothing(world: World) -> None:
    image = upload(world.k)["id"]
    v1, v2 = f'"{image}-v1"', f'"{image}-v2"'
    first = world.k.put(f"{IMAGES}/{image}", json={"meta": {"a": 1}}, headers={"If-Match": v1})
    assert (first.status_code, first.headers["ETag"]) == (200, v2)
    for stale in (v1, f"W/{v2}", '"v2"', '"x"', "", f'"{image}-v99999999999999999999"', f'"{db.new_id()}-v2"'):
        answer = world.k.put(f"{IMAGES}/{image}", json={"meta": {"a": 2}}, headers={"If-Match": stale})
        refused(answer, 412, "PRECONDITION_FAILED")
    assert get(world.k, image)["meta"] == {"a": 1}
    for fresh in (f"{v1}, {v2}", "*"):
        assert (
            world.k.put(f"{IMAGES}/{image}", json={"meta": {"a": 3}}, headers={"If-Match": fresh}).status_code == 200
        )


def test_an_alias_change_counts_as_a_version_and_is_not_lost(world: World) -> None:
    image = upload(world.k)["id"]
    etag = world.k.get(f"{IMAGES}/{image}").headers["ETag"]
    name(world.k, image, "@hero")
    refused(
        world.k.put(f"{IMAGES}/{image}", json={"meta": {}}, headers={"If-Match": etag}), 412, "PRECONDITION_FAILED"
    )
    assert put(world, image, meta={"a": 1})["alias"] == "@hero"


def test_parallel_merges_lose_nothing(world: World) -> None:
    image = upload(world.k)["id"]
    results = together(8, lambda n: world.k.patch(f"{IMAGES}/{image}", json={"meta": {f"k{n}": n}}).status_code)
    assert results == [200] * 8
    assert get(world.k, image)["meta"] == {f"k{n}": n for n in range(8)}


def test_what_lies_in_the_trash_is_not_edited(world: World, client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    image = upload(world.k)["id"]
    world.k.delete(f"{IMAGES}/{image}?mode=trash")
    refused(world.k.put(f"{IMAGES}/{image}", json={"meta": {"a": 1}}), 409, "IMAGE_DELETED")
    refused(world.l.put(f"{IMAGES}/{image}", json={"meta": {"a": 1}}), 404, "IMAGE_NOT_FOUND")
    refused(world.k.put(f"{IMAGES}/{image}/alias", json={"alias": "@a"}), 404, "IMAGE_NOT_FOUND")
    row = make_row(olga)
    Image.update(deleted_at=1).where(Image.seq == row.seq).execute()
    refused(client_for(sam).put(f"{IMAGES}/{row.id}", json={"meta": {"a": 1}}), 404, "IMAGE_NOT_FOUND")
    refused(client_for(olga).put(f"{IMAGES}/{row.id}", json={"meta": {"a": 1}}), 409, "IMAGE_DELETED")


def test_people_edit_by_alias(world: World, client_for: ClientFor, olga: Actor) -> None:
    upload(world.k, alias="@hero")
    answer = client_for(olga).patch(f"{IMAGES}/@hero?project=p", json={"meta": {"a": 1}})
    assert answer.get_json()["data"]["meta"] == {"a": 1}
    assert client_for(olga, csrf=False).patch(f"{IMAGES}/@hero?project=p", json={"meta": {}}).status_code == 400
