"""Public addresses of images by id and by alias."""

import io

import pytest
from PIL import Image as Picture

from pindeck.access import Actor
from tests.api.managing import FLOWS, IMAGES, World, name, new_flow, upload
from tests.conftest import ClientFor
from tests.factories import new_photo
from tests.programs import ProgramFor, new_key, refused


def test_the_storage_address_serves_the_upload_to_anybody(world: World) -> None:
    data = new_photo()
    image = upload(world.k, data)
    path = image["storageUrl"].removeprefix("http://localhost")
    visitor = world.program_for(None)
    answer = visitor.get(path)
    assert (answer.status_code, answer.data) == (200, data)
    assert answer.headers["X-Image-Id"] == image["id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_moved_name_shows_at_the_next_request(world: World) -> None:
    first, second = new_photo(), new_photo()
    upload(world.k, first, alias="@hero")
    two = upload(world.k, second)["id"]
    visitor = world.program_for(None)
    before = visitor.get("/i/p/@hero")
    assert before.data == first
    assert "no-cache" in before.headers["Cache-Control"]
    same = visitor.get("/i/p/@hero", headers={"If-None-Match": before.headers["ETag"]})
    assert same.status_code == 304
    name(world.k, two, "@hero")
    after = visitor.get("/i/p/@hero", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.data) == (200, second)


def test_parts_are_served(world: World) -> None:
    data = new_photo()
    image = upload(world.k, data)["id"]
    visitor = world.program_for(None)
    part = visitor.get(f"/i/{image}", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, data[:10])
    assert part.headers["Content-Range"] == f"bytes 0-9/{len(data)}"
    assert visitor.get(f"/i/{image}", headers={"Range": "bytes=999999999-"}).status_code == 416


def test_a_deleted_name_is_a_404_for_everybody(world: World) -> None:
    upload(world.k, alias="@hero")
    world.k.delete(f"{IMAGES}/@hero")
    assert world.program_for(None).get("/i/p/@hero").status_code == 404
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        ("/i/0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11", None, 404, "IMAGE_NOT_FOUND"),
        ("/i/p/@nobody", None, 404, "IMAGE_NOT_FOUND"),
        ("/i/@nobody?size=huge", None, 400, "INVALID_SIZE"),
        ("/i/@nobody?w=0", None, 400, "VALIDATION_ERROR"),
        ("/i/@nobody?w=100", None, 403, "CROP_NOT_SIGNED"),
        ("/i/@nobody", "pd_m_unknown", 401, "UNAUTHORIZED"),
        ("/storage/nothing", None, 400, "INVALID_STORAGE_PATH"),
        ("/storage/7d0f6c3e9a514be28e0c1f5a6b7d9e30", None, 404, "FILE_NOT_FOUND"),
    ],
)
def test_an_error_is_a_page_only_for_whoever_asks_for_one(
    program_for: ProgramFor, path: str, key: str | None, status: int, code: str
) -> None:
    caller = program_for(key)
    refused(caller.get(path), status, code)
    refused(caller.get(path, headers={"Accept": "image/webp,*/*"}), status, code)
    page = caller.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (status, "text/html")


def signed(world: World, ref: str, query: str) -> str:
    answer = world.k.get(f"{IMAGES}/{ref}/url?{query}")
    assert answer.status_code == 200, answer.text
    assert set(answer.get_json()) == {"url"}
    return str(answer.get_json()["url"])


def test_a_key_gets_the_address_of_a_crop_that_anybody_may_open(world: World) -> None:
    image = upload(world.k, new_photo(size=(400, 300)), alias="@hero")["id"]
    address = signed(world, image, "w=100&h=80&dpr=2")
    assert address.startswith(f"http://localhost/i/{image}?")
    answer = world.program_for(None).get(address.removeprefix("http://localhost"))
    assert answer.status_code == 200, answer.text
    assert Picture.open(io.BytesIO(answer.data)).size == (200, 160)
    cut = address.removeprefix("http://localhost").replace("w=100", "w=101")
    assert world.program_for(None).get(cut).status_code == 403


def test_the_address_by_a_name_follows_it_and_one_by_a_flow_does_not(world: World) -> None:
    one, two = upload(world.k, alias="@hero")["id"], upload(world.k, new_photo(colour=(10, 200, 10)))["id"]
    flow = new_flow(world.k)
    world.k.put(f"{FLOWS}/{flow}/aliases", json={"aliases": {"@scene": one}})
    address = signed(world, "@hero", "w=20")
    assert address.startswith("http://localhost/i/p/@hero?")
    assert signed(world, "@scene", f"w=20&flowId={flow}").startswith(f"http://localhost/i/{one}?")
    visitor = world.program_for(None)
    before = visitor.get(address.removeprefix("http://localhost"))
    name(world.k, two, "@hero")
    after = visitor.get(address.removeprefix("http://localhost"))
    assert (before.status_code, after.status_code) == (200, 200) and before.data != after.data


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "w"), ("w=0", "w"), ("w=4001", "w"), ("h=x", "h"), ("w=10&fit=fill", "fit"), ("w=10&format=png", "format"),
        ("w=10&dpr=7", "dpr"), ("w=4000&h=4000&dpr=3", "dpr"),
    ],
)  # fmt: skip
def test_measures_that_are_none_are_named(query: str, field: str, world: World) -> None:
    image = upload(world.k)["id"]
    assert field in refused(world.k.get(f"{IMAGES}/{image}/url?{query}"), 400, "VALIDATION_ERROR")


def test_only_who_may_read_gets_an_address(
    world: World, program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor
) -> None:
    image = upload(world.k)["id"]
    path = f"{IMAGES}/{image}/url?w=10"
    refused(world.l.get(path), 404, "IMAGE_NOT_FOUND")
    refused(client_for(None).get(path), 401, "UNAUTHORIZED")
    refused(client_for(gus).get(path), 403, "FORBIDDEN")
    refused(program_for(new_key(project="P", scopes=("images:write",))).get(path), 403, "FORBIDDEN")
    assert client_for(olga).get(path).status_code == 200
