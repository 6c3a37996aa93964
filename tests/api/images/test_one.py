"""One image by id or alias, and the two things its path answers with."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image
from tests.api.managing import FIELDS, FLOWS, IMAGES, World, generated, get, name, new_flow, upload
from tests.conftest import ClientFor, RunJobs, count_queries
from tests.factories import make_active, make_row, new_photo
from tests.programs import ProgramFor, new_key, refused


def test_all_fields_have_their_types(world: World) -> None:
    data = new_photo()
    image = get(world.k, upload(world.k, data, meta='{"a": [1, null]}')["id"])
    assert set(image) == FIELDS
    types: dict[str, Any] = {
        "id": str, "projectId": str, "flowId": type(None), "storageUrl": str, "mimeType": str, "fileSize": int,
        "width": int, "height": int, "source": str, "alias": type(None), "focalPoint": type(None), "meta": dict, "credit": type(None), "rights": str,
        "createdAt": str, "updatedAt": str,
    }  # fmt: skip
    for field, kind in types.items():
        assert type(image[field]) is kind, field
    assert image["storageUrl"] == f"http://localhost/i/{image['id']}"
    assert (image["projectId"], image["mimeType"], image["fileSize"]) == (world.p, "image/jpeg", len(data))
    assert (image["width"], image["height"], image["source"]) == (64, 48, "uploaded")
    assert image["meta"] == {"a": [1, None]}
    assert image["createdAt"].endswith("Z") and len(image["createdAt"]) == 24


def test_an_alias_finds_its_image_however_it_is_spelt(world: World) -> None:
    image = upload(world.k, alias="@hero")
    for ref in ("@hero", "%40hero", "@HERO", image["id"].upper()):
        assert get(world.k, ref)["id"] == image["id"]


def test_the_flow_comes_before_the_project(world: World) -> None:
    one, two = world.images(2)
    flow = new_flow(world.k)
    name(world.k, one, "@hero")
    world.k.put(f"{FLOWS}/{flow}/aliases", json={"aliases": {"@hero": two}})
    assert get(world.k, "@hero")["id"] == one
    assert get(world.k, "@hero", f"?flowId={flow}")["id"] == two


def test_without_one_in_the_flow_it_is_that_of_the_project(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    flow = new_flow(world.k)
    assert get(world.k, "@hero", f"?flowId={flow}")["id"] == one
    refused(world.k.get(f"{IMAGES}/@nobody?flowId={flow}"), 404, "ALIAS_NOT_FOUND")


def test_technical_aliases_need_a_flow(world: World) -> None:
    refused(world.k.get(f"{IMAGES}/@last"), 400, "FLOW_ID_REQUIRED")
    flow = new_flow(world.k)
    for ref in ("@last", "@first", "@upload"):
        refused(world.k.get(f"{IMAGES}/{ref}?flowId={flow}"), 404, "ALIAS_NOT_FOUND")
    made = [upload(world.k, flowId=flow)["id"] for _ in range(4)]
    generated(made[0])
    generated(made[1])
    assert get(world.k, "@first", f"?flowId={flow}")["id"] == made[0]
    assert get(world.k, "@LAST", f"?flowId={flow}")["id"] == made[1]
    assert get(world.k, "@upload", f"?flowId={flow}")["id"] == made[3]
    world.k.delete(f"{IMAGES}/{made[1]}?mode=trash")
    assert get(world.k, "@last", f"?flowId={flow}")["id"] == made[0]


def test_an_image_of_another_project_is_like_none(world: World) -> None:
    theirs = upload(world.l)["id"]
    foreign, missing = world.k.get(f"{IMAGES}/{theirs}"), world.k.get(f"{IMAGES}/{db.new_id()}")
    refused(foreign, 404, "IMAGE_NOT_FOUND")
    assert foreign.get_json() == missing.get_json()


@pytest.mark.parametrize("ref", ["not-a-uuid", "0", "hero", "@a b", "@", "@a!", "%E2%80%AE", "x" * 3000])
def test_what_is_neither_id_nor_alias_is_refused(ref: str, world: World) -> None:
    assert "ref" in refused(world.k.get(f"{IMAGES}/{ref}"), 400, "VALIDATION_ERROR")


def test_a_flow_of_another_project_is_never_fallen_through(world: World) -> None:
    upload(world.k, alias="@hero")
    for flow in (new_flow(world.l), db.new_id()):
        refused(world.k.get(f"{IMAGES}/@hero?flowId={flow}"), 404, "FLOW_NOT_FOUND")
    assert "flowId" in refused(world.k.get(f"{IMAGES}/@hero?flowId=x"), 400, "VALIDATION_ERROR")


def test_an_alias_of_a_private_image_is_held_by_nobody_for_a_key(world: World) -> None:
    image = upload(world.k, alias="@hero")
    Image.update(visibility="private").where(Image.id == image["id"]).execute()
    hidden, missing = world.k.get(f"{IMAGES}/@hero"), world.k.get(f"{IMAGES}/@nobody")
    refused(hidden, 404, "ALIAS_NOT_FOUND")
    assert hidden.get_json()["error"]["code"] == missing.get_json()["error"]["code"]


def test_the_record_has_an_etag_of_its_version(world: World) -> None:
    image = upload(world.k)["id"]
    first, second = f'"{image}-v1"', f'"{image}-v2"'
    answer = world.k.get(f"{IMAGES}/{image}")
    assert answer.headers["ETag"] == first
    same = world.k.get(f"{IMAGES}/{image}", headers={"If-None-Match": first})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", first)
    name(world.k, image, "@hero")
    assert world.k.get(f"{IMAGES}/{image}", headers={"If-None-Match": first}).headers["ETag"] == second


def test_the_etag_of_a_name_is_that_of_its_holder(world: World) -> None:
    """Both images are at their second version, and yet what was read of one is not the other."""
    one, two = world.images(2)
    name(world.k, one, "@hero")
    tag = world.k.get(f"{IMAGES}/@hero").headers["ETag"]
    name(world.k, two, "@hero")
    now = world.k.get(f"{IMAGES}/@hero", headers={"If-None-Match": tag})
    assert (now.status_code, now.get_json()["data"]["id"]) == (200, two)
    assert (tag, now.headers["ETag"]) == (f'"{one}-v2"', f'"{two}-v2"')
    change = {"meta": {"a": 1}}
    for call in (world.k.put, world.k.patch):
        refused(call(f"{IMAGES}/@hero", json=change, headers={"If-Match": tag}), 412, "PRECONDITION_FAILED")
    assert get(world.k, two)["meta"] == {}
    both = {"If-Match": f"{tag}, {now.headers['ETag']}"}
    assert world.k.put(f"{IMAGES}/@hero", json=change, headers=both).status_code == 200


def test_a_trashed_record_is_read_by_its_id_when_asked_for(world: World) -> None:
    image = upload(world.k, alias="@hero")["id"]
    world.k.delete(f"{IMAGES}/{image}?mode=trash")
    refused(world.k.get(f"{IMAGES}/{image}"), 404, "IMAGE_NOT_FOUND")
    refused(world.k.get(f"{IMAGES}/@hero?includeDeleted=true"), 404, "ALIAS_NOT_FOUND")
    found = get(world.k, image, "?includeDeleted=true")
    assert set(found) == FIELDS | {"deletedAt"}
    refused(world.l.get(f"{IMAGES}/{image}?includeDeleted=true"), 404, "IMAGE_NOT_FOUND")


def test_an_external_picture_has_its_own_address_until_it_is_fetched(world: World, olga: Actor) -> None:
    image = make_row(olga, project="P", visibility="unlisted", file=None, external_url="https://x.example/a.jpg")
    found = get(world.k, image.id)
    assert (found["storageUrl"], found["mimeType"], found["fileSize"]) == ("https://x.example/a.jpg", None, None)


def test_reading_one_costs_a_constant_number_of_queries(world: World) -> None:
    image = upload(world.k, alias="@hero")["id"]
    for ref in (image, "@hero"):
        get(world.k, ref)
        with count_queries() as seen:
            get(world.k, ref)
        assert len(seen) <= 4, seen


# Record or picture


def kind(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    assert {"Accept", "Cookie", "Authorization", "X-API-Key"} <= {part.strip() for part in answer.vary}
    return answer.mimetype


@pytest.mark.parametrize(
    ("query", "accept", "for_key", "for_session"),
    [
        ("", None, "json", "image"),
        ("", "*/*", "json", "image"),
        ("", "application/json", "json", "json"),
        ("", "application/json, image/*", "json", "image"),
        ("", "image/avif,image/webp,*/*;q=0.8", "image", "image"),
        ("", "text/html,application/xhtml+xml,image/webp,*/*;q=0.8", "image", "image"),
        ("", "application/json;q=0.9, image/png;q=0.5", "json", "json"),
        ("", "application/*", "json", "json"),
        ("", "image/*;q=0.2, application/json;q=0.1", "image", "image"),
        ("", "text/plain", "json", "image"),
        ("?size=full", "application/json", "image", "image"),
        ("?format=json", "image/png", "json", "json"),
        ("?format=json&size=full", "image/png", "json", "json"),
        ("?format=bytes", "application/json", "image", "image"),
    ],
)
def test_record_or_picture_by_the_rule(
    query: str, accept: str | None, for_key: str, for_session: str, world: World, client_for: ClientFor, mo: Actor
) -> None:
    data = new_photo()
    image = upload(world.k, data)["id"]
    headers = {"Accept": accept} if accept else {}
    for caller, expected in ((world.k, for_key), (client_for(mo), for_session)):
        answer = caller.get(f"{IMAGES}/{image}{query}", headers=headers)
        assert kind(answer) == {"json": "application/json", "image": "image/jpeg"}[expected]
        if expected == "image":
            assert answer.data == data


def test_a_name_delivers_the_picture_and_is_revalidated(world: World) -> None:
    data = new_photo()
    upload(world.k, data, alias="@hero")
    answer = world.k.get(f"{IMAGES}/@hero?format=bytes")
    assert (kind(answer), answer.data) == ("image/jpeg", data)
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_sizes_and_what_is_none(world: World, run_jobs: RunJobs) -> None:
    image = upload(world.k, new_photo(size=(900, 500)))["id"]
    run_jobs()
    for size in ("sm", "lg", "preview", "small", "medium", "large", "screen"):
        assert kind(world.k.get(f"{IMAGES}/{image}?size={size}")) == "image/webp"
    for size in ("huge", "SM", "x" * 3000):
        refused(world.k.get(f"{IMAGES}/{image}?size={size}"), 400, "INVALID_SIZE")
    assert "format" in refused(world.k.get(f"{IMAGES}/{image}?format=xml"), 400, "VALIDATION_ERROR")


def test_visitors_get_nothing_here_and_strangers_no_private_image(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor
) -> None:
    public = make_active(olga)
    private = make_row(olga, visibility="private")
    for query in ("", "?size=full", "?format=json", "?format=bytes"):
        for image in (public, private):
            refused(client_for(None).get(f"{IMAGES}/{image.id}{query}"), 401, "UNAUTHORIZED")
        refused(client_for(sam).get(f"{IMAGES}/{private.id}{query}"), 404, "IMAGE_NOT_FOUND")
    assert client_for(gus).get(f"{IMAGES}/{public.id}").mimetype == "image/jpeg"
    assert client_for(olga).get(f"{IMAGES}/{private.id}?format=json").get_json()["data"]["id"] == private.id


def test_an_extension_reads_pictures_of_its_user(program_for: ProgramFor, olga: Actor, sam: Actor) -> None:
    image, foreign = make_active(olga), make_active(sam)
    own = program_for(new_key("extension", identifier="own", install_scope="user", actor=olga))
    served = program_for(new_key("extension", identifier="all", install_scope="operator"))
    assert own.get(f"{IMAGES}/{image.id}").mimetype == "image/jpeg"
    assert own.get(f"{IMAGES}/{image.id}?format=json").get_json()["data"]["id"] == image.id
    refused(own.get(f"{IMAGES}/{foreign.id}"), 404, "IMAGE_NOT_FOUND")
    refused(own.get(f"{IMAGES}/{image.id}?userId={sam.user_id}"), 403, "USER_SCOPE_VIOLATION")
    refused(served.get(f"{IMAGES}/{image.id}"), 400, "USER_ID_REQUIRED")
    assert served.get(f"{IMAGES}/{image.id}?userId={olga.user_id}").mimetype == "image/jpeg"
    refused(served.get(f"{IMAGES}/{foreign.id}?userId={olga.user_id}"), 404, "IMAGE_NOT_FOUND")
    refused(own.get(IMAGES), 403, "FORBIDDEN")
