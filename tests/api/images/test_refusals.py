"""Operations of images: callers who may not, and requests that nobody should send."""

from collections.abc import Callable
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Alias, ApiKey, Client, Image
from tests.api.managing import FLOWS, IMAGES, World, generated, get, name, new_flow, send, upload
from tests.conftest import ClientFor
from tests.factories import new_photo
from tests.programs import ProgramFor, new_key, refused

CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/{id}", {"meta": {"a": 1}}),
    ("PATCH", "/{id}", {"meta": {"a": 1}}),
    ("PUT", "/{id}/alias", {"alias": "@other"}),
    ("PUT", "/@hero/alias", {"alias": None}),
    ("DELETE", "/{id}", None),
    ("DELETE", "/@hero", None),
    ("DELETE", "/{id}?mode=trash", None),
    ("POST", "/{id}/restore", None),
]


@pytest.fixture
def image(world: World) -> str:
    return str(upload(world.k, alias="@hero")["id"])


def unchanged(world: World, image: str) -> None:
    found = get(world.k, image)
    assert (found["alias"], found["meta"]) == ("@hero", {})
    assert Image.select().count() == 1 and Alias.select().count() == 1


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_reading_key_changes_nothing(
    method: str, path: str, body: Any, world: World, image: str, program_for: ProgramFor
) -> None:
    reader = program_for(new_key(project="P", scopes=("images:read",)))
    refused(reader.call(method, IMAGES + path.format(id=image), json=body), 403, "FORBIDDEN")
    unchanged(world, image)
    assert get(reader, image)["id"] == image


def test_each_scope_opens_its_own(world: World, image: str, program_for: ProgramFor) -> None:
    writer = program_for(new_key(project="P", scopes=("images:write",)))
    refused(writer.get(IMAGES), 403, "FORBIDDEN")
    refused(writer.get(f"{IMAGES}/{image}"), 403, "FORBIDDEN")
    refused(writer.get(f"{IMAGES}/{image}?size=full"), 403, "FORBIDDEN")
    refused(writer.delete(f"{IMAGES}/{image}"), 403, "FORBIDDEN")
    for ref in (image, "@hero"):
        assert writer.put(f"{IMAGES}/{ref}", json={"meta": {}}).status_code == 200
    deleter = program_for(new_key(project="P", scopes=("images:delete",)))
    refused(deleter.put(f"{IMAGES}/{image}", json={"meta": {}}), 403, "FORBIDDEN")
    assert deleter.delete(f"{IMAGES}/{image}").status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), [*CHANGES, ("GET", "", None), ("GET", "/{id}", None)])
def test_strangers_guests_and_bad_keys_are_refused(
    method: str, path: str, body: Any, world: World, image: str, program_for: ProgramFor, client_for: ClientFor,
    gus: Actor, olga: Actor,
) -> None:  # fmt: skip
    address = IMAGES + path.format(id=image)
    refused(client_for(None).open(address, method=method, json=body), 401, "UNAUTHORIZED")
    for key in ("pd_p_wrong", "", "é", "x" * 5000):
        refused(program_for(key).call(method, address, json=body), 401, "UNAUTHORIZED")
    old, gone = new_key(project="P"), new_key(project="P")
    keys = list(ApiKey.select().order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(2))
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.id == keys[1].id).execute()
    Client.update(disabled_at=db.now_ms()).where(Client.id == keys[0].client_id).execute()
    for key in (old, gone):
        refused(program_for(key).call(method, address, json=body), 401, "UNAUTHORIZED")
    if method != "GET":
        refused(client_for(gus).open(address, method=method, json=body), 403, "FORBIDDEN")
        extension = program_for(new_key("extension", identifier="x", install_scope="user", actor=olga))
        refused(extension.call(method, address, json=body), 403, "FORBIDDEN")
    unchanged(world, image)


@pytest.mark.parametrize(("method", "path", "body"), [*CHANGES, ("GET", "/{id}", None)])
def test_another_projects_key_finds_nothing(method: str, path: str, body: Any, world: World, image: str) -> None:
    answer = world.l.call(method, IMAGES + path.format(id=image), json=body)
    refused(answer, 404, "ALIAS_NOT_FOUND" if "@hero" in path else "IMAGE_NOT_FOUND")
    missing = world.l.call(method, IMAGES + path.format(id=db.new_id()).replace("@hero", "@hero"), json=body)
    assert answer.get_json() == missing.get_json()
    unchanged(world, image)


@pytest.mark.parametrize("status", ["draft", "pending", "broken"])
def test_keys_see_only_active_images_they_did_not_make(
    status: str, world: World, image: str, program_for: ProgramFor, olga: Actor
) -> None:
    other = program_for(new_key(project="P"))
    Image.update(status=status).where(Image.id == image).execute()
    refused(other.get(f"{IMAGES}/{image}"), 404, "IMAGE_NOT_FOUND")
    refused(other.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    assert get(world.k, image)["id"] == image


def test_a_session_without_its_token_changes_nothing(
    world: World, image: str, client_for: ClientFor, olga: Actor
) -> None:
    bare = client_for(olga, csrf=False)
    for method, path, body in CHANGES:
        answer = bare.open(IMAGES + path.format(id=image), method=method, json=body)
        assert answer.status_code == 400 and answer.get_json()["error"]["code"] == "CSRF"
    unchanged(world, image)


ODD = [
    "%00",
    "%FF",
    "%E2%80%8B",
    "@%00",
    "@" + "a" * 5000,
    "..%2F..%2Fetc",
    "@a%2Fb",
    "%40",
    "-1",
    "999999999999999999999999",
]


@pytest.mark.parametrize("ref", ODD)
@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/alias"), ("POST", "/restore")]
)
def test_odd_references_are_refused_and_break_nothing(ref: str, method: str, suffix: str, world: World) -> None:
    answer = world.k.call(method, f"{IMAGES}/{ref}{suffix}", json={"alias": "@a", "meta": {}})
    assert answer.status_code in (400, 404, 405), answer.text
    assert answer.get_json()["success"] is False


@pytest.mark.parametrize(
    "query", ["project=%00", "project=%FF", "project=" + "x" * 5000, "flowId=%00", "flowId=" + "0" * 5000]
)
@pytest.mark.parametrize("path", ["", "/@hero"])
def test_odd_parameters_are_refused_and_break_nothing(query: str, path: str, world: World, image: str) -> None:
    answer = world.k.get(f"{IMAGES}{path}?{query}")
    assert answer.status_code in (400, 404), answer.text


def test_nothing_of_an_error_tells_where_things_lie(world: World, image: str, settings: Any) -> None:
    for call in (
        world.k.get(f"{IMAGES}/{db.new_id()}"), world.k.get(f"{IMAGES}/x"), world.k.put(f"{IMAGES}/{image}", json={}),
        world.k.delete(f"{IMAGES}/{db.new_id()}"),
    ):  # fmt: skip
        assert str(settings.data_dir) not in call.text and "Traceback" not in call.text
        assert set(call.get_json()) == {"success", "error"}


# Shapes, against the document


def types_of(value: Any) -> Any:
    """The skeleton of a JSON value: key sets and types. A list has one of each kind that is in it."""
    if isinstance(value, dict):
        return {key: types_of(part) for key, part in value.items()}
    if isinstance(value, list):
        kinds: list[Any] = []
        for kind in map(types_of, value):
            if kind not in kinds:
                kinds.append(kind)
        return kinds
    return type(value).__name__


IMAGE = {
    "id": "str", "projectId": "str", "flowId": "NoneType", "storageUrl": "str", "mimeType": "str", "fileSize": "int",
    "width": "int", "height": "int", "source": "str", "alias": "str", "focalPoint": {"x": "float", "y": "float"},
    "meta": {"a": "int"}, "credit": "NoneType", "rights": "str", "createdAt": "str", "updatedAt": "str",
}  # fmt: skip
PAGINATION = {"total": "int", "limit": "int", "offset": "int", "hasMore": "bool"}
FLOW = {
    "id": "str", "aliases": {"@a": "str"}, "generationCount": "int", "imageCount": "int", "createdAt": "str",
    "updatedAt": "str",
}  # fmt: skip
DELETED = {"success": "bool", "deleted": "bool", "data": {"id": "str"}}
PROJECT = {"id": "str", "name": "str", "slug": "str"}


def one(item: Any) -> dict[str, Any]:
    return {"success": "bool", "data": item}


def many(*kinds: Any) -> dict[str, Any]:
    return {"success": "bool", "data": [*kinds], "pagination": PAGINATION}


def looks(answer: Any, status: int, shape: Any) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert types_of(answer.get_json()) == shape, answer.text


def test_every_answer_has_the_documented_shape(world: World) -> None:
    k = world.k
    image = str(upload(k, new_photo(), alias="@hero", meta='{"a": 1}')["id"])
    path, flows = f"{IMAGES}/{image}", "/api/v1/flows"
    flow = k.post(flows).get_json()["data"]["id"]
    body = {"focalPoint": {"x": 0.5, "y": 0.5}}
    generated(image)
    calls: list[tuple[Callable[[], Any], Any]] = [
        (lambda: k.put(path, json=body), one(IMAGE)),
        (lambda: k.patch(path, json={"meta": {}}), one(IMAGE)),
        (lambda: k.get(path), one(IMAGE)),
        (lambda: k.get(IMAGES), many(IMAGE)),
        (lambda: k.put(f"{path}/alias", json={"alias": "@a"}), one({**IMAGE, "previousHolderId": "NoneType"})),
        (lambda: k.put(f"{flows}/{flow}/aliases", json={"aliases": {"@a": image, "@b": image}}),
         one({**FLOW, "aliases": {"@a": "str", "@b": "str"}})),
        (lambda: k.delete(f"{flows}/{flow}/aliases/@b"), one(FLOW)),
        (lambda: k.get(f"{flows}/{flow}"), one(FLOW)),
        (lambda: k.get(flows), many(FLOW)),
        (lambda: k.get(f"{flows}/{flow}/images"), many()),
        (lambda: k.delete(f"{flows}/{flow}"), DELETED),
        (lambda: k.delete(f"{path}?mode=trash"), DELETED),
        (lambda: k.get(f"{IMAGES}?includeDeleted=true"), many({**IMAGE, "alias": "NoneType", "deletedAt": "str"})),
        (lambda: k.post(f"{path}/restore"), one({**IMAGE, "restoredAlias": "str"})),
        (lambda: k.delete(path), DELETED),
        (lambda: k.get("/api/v1/projects"), many(PROJECT)),
    ]  # fmt: skip
    for call, shape in calls:
        looks(call(), 200, shape)


BARE = {**IMAGE, "alias": "NoneType", "focalPoint": "NoneType", "meta": {}}


def test_what_is_made_has_the_documented_shape(world: World, program_for: ProgramFor) -> None:
    k = world.k
    looks(send(k), 201, one(BARE))
    looks(k.post(FLOWS), 201, one({**FLOW, "aliases": {}}))
    flow = new_flow(k)
    full = {**IMAGE, "flowId": "str", "focalPoint": "NoneType"}
    looks(send(k, alias="@hero", flowId=flow, flowAlias="@a", meta='{"a": 1}'), 201, one(full))
    looks(k.get(f"{FLOWS}/{flow}/images"), 200, many(full))
    looks(k.get(IMAGES), 200, many(full, BARE))
    looks(k.get(FLOWS), 200, many(FLOW, {**FLOW, "aliases": {}}))
    master = program_for(new_key("master"))
    looks(master.post("/api/v1/projects", json={"name": "Nocturne"}), 201, one(PROJECT))
    looks(master.get("/api/v1/projects/nocturne"), 200, one(PROJECT))


def test_fields_that_may_be_null_are_so_and_others_come_only_at_times(world: World) -> None:
    k = world.k
    first, second = (str(upload(k)["id"]) for _ in range(2))
    path = f"{IMAGES}/{first}"
    named = {**BARE, "alias": "str"}
    looks(k.put(path, json={"focalPoint": None}), 200, one(BARE))
    looks(k.get(f"{path}/url?w=8"), 200, {"url": "str"})
    looks(k.put(f"{path}/alias", json={"alias": "@hero"}), 200, one({**named, "previousHolderId": "NoneType"}))
    looks(k.put(f"{IMAGES}/{second}/alias", json={"alias": "@hero"}), 200, one({**named, "previousHolderId": "str"}))
    looks(k.put(f"{IMAGES}/{second}/alias", json={"alias": None}), 200, one({**BARE, "previousHolderId": "NoneType"}))
    looks(k.put(f"{path}/alias", json={"alias": "@hero"}), 200, one({**named, "previousHolderId": "NoneType"}))
    looks(k.delete(f"{path}?mode=trash"), 200, DELETED)
    looks(k.get(f"{path}?includeDeleted=true"), 200, one({**BARE, "deletedAt": "str"}))
    name(k, second, "@hero")
    looks(k.post(f"{path}/restore"), 200, one({**BARE, "lostAlias": "str"}))
    k.delete(f"{path}?mode=trash")
    looks(k.post(f"{path}/restore"), 200, one(BARE))
    generated(first, inputs=(second,))
    kept = k.delete(f"{IMAGES}/{second}?unused=true")
    looks(kept, 200, DELETED)
    assert kept.get_json()["deleted"] is False


def test_errors_have_the_documented_shape(world: World, image: str) -> None:
    def fault(details: dict[str, str] | None = None) -> dict[str, Any]:
        error: dict[str, Any] = {"code": "str", "message": "str"}
        return {"success": "bool", "error": error if details is None else {**error, "details": details}}

    k, path = world.k, f"{IMAGES}/{image}"
    looks(world.program_for(None).get(IMAGES), 401, fault())
    looks(k.get(f"{IMAGES}/@nobody"), 404, fault())
    looks(k.get(f"{IMAGES}?limit=x"), 400, fault({"limit": "str"}))
    looks(k.get(f"{IMAGES}/x"), 400, fault({"ref": "str"}))
    looks(k.put(path, json={"alias": "@a"}), 400, fault({"alias": "str"}))
    looks(k.put(path, json={}), 400, fault({"focalPoint": "str", "meta": "str"}))
    looks(k.put(path, json={"meta": {}}, headers={"If-Match": '"v0"'}), 412, fault())
