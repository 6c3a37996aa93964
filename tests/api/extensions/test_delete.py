"""Extensions over HTTP: deleting and forgetting."""

from io import BytesIO
from urllib.parse import quote

import pytest

from pindeck.access import Actor
from pindeck.models import Activity, Image
from pindeck.services.clients import api_keys
from pindeck.services.ingest import extensions
from tests.api.extending import (
    BASE,
    IMAGES,
    World,
    begin,
    client_of,
    good,
    ids,
    key_x,
    send,
    set_scopes,
)
from tests.conftest import ClientFor, RunJobs
from tests.factories import new_photo, together
from tests.programs import Program, ProgramFor, new_key, refused


@pytest.fixture
def x(program_for: ProgramFor, olga: Actor) -> Program:
    return program_for(key_x(olga))


@pytest.fixture
def world(x: Program, program_for: ProgramFor, olga: Actor) -> World:
    return begin(x, program_for, olga)


def test_deleting_an_own_image(world: World, run_jobs: RunJobs) -> None:
    assert good(world.x.delete(f"{IMAGES}/{world.x1}")) == {"deleted": True}
    for _ in range(2):  # at once, and when the objects are gone as well
        refused(world.x.get(f"{IMAGES}/{world.x1}"), 404, "IMAGE_NOT_FOUND")
        assert good(world.x.get(IMAGES))["total"] == 4
        assert world.x.get(f"/api/v1/images/{world.x1}").status_code == 404
        again = world.x.delete(f"{IMAGES}/{world.x1}")
        refused(again, 404, "IMAGE_NOT_FOUND")
        assert again.json["deleted"] is False
        run_jobs(include_later=True)
    assert Image.get_or_none(Image.id == world.x1) is None


def test_deleting_another_image_of_the_user_can_be_undone(
    world: World, olga: Actor, client_for: ClientFor
) -> None:
    assert good(world.x.delete(f"{IMAGES}/{world.u1}")) == {"deleted": True}
    browser = client_for(olga)
    assert world.u1 in browser.get("/trash/").text
    refused(world.x.get(f"{IMAGES}/{world.u1}"), 404, "IMAGE_NOT_FOUND")
    assert good(world.x.get(IMAGES))["total"] == 4
    again = world.x.delete(f"{IMAGES}/{world.u1}")
    refused(again, 404, "IMAGE_NOT_FOUND")
    assert again.json["deleted"] is False
    assert browser.post(f"/api/v1/images/{world.u1}/restore").status_code == 200
    assert good(world.x.get(f"{IMAGES}/{world.u1}"))["id"] == world.u1


def test_without_the_wider_permission_only_own_ones(world: World) -> None:
    set_scopes("ext_x", "images:read", "images:delete")
    refused(world.x.delete(f"{IMAGES}/{world.u1}"), 403, "NOT_OWNER")
    assert Image.get(Image.id == world.u1).deleted_at is None
    assert good(world.x.delete(f"{IMAGES}/{world.x1}")) == {"deleted": True}
    assert good(world.x.post(f"{IMAGES}/delete", json={"ids": [world.u1, world.x2, "x"]})) == {"deleted": 1}


def test_the_wider_permission_contains_the_smaller_one(world: World) -> None:
    set_scopes("ext_x", "images:read", "images:delete_any")
    assert {"images:delete", "images:delete_any"} <= set(good(world.x.get("/api/v1/extension/me"))["permissions"])
    for image_id in (world.u1, world.x1):
        assert good(world.x.delete(f"{IMAGES}/{image_id}")) == {"deleted": True}


def test_a_subject_is_forgotten(world: World) -> None:
    assert good(world.x.delete(f"{BASE}/owners/character/c1")) == {"cleared": 2}
    for image_id in (world.x1, world.x2):
        one = good(world.x.get(f"{IMAGES}/{image_id}"))
        assert (one["id"], one["owner_character_id"]) == (image_id, None)
    assert good(world.x.get(IMAGES, query_string={"characterId": "c1"})) == {"data": [], "total": 0}
    assert good(world.x.get(f"{IMAGES}/{world.x1}"))["owner_chat_id"] == "t1"
    assert good(world.x.delete(f"{BASE}/owners/character/c1")) == {"cleared": 0}
    assert good(world.x.delete(f"{BASE}/owners/chat/t1")) == {"cleared": 1}
    refused(world.x.delete(f"{BASE}/owners/user/c1"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    "tag",
    ["👩\u200d🎤", "/x", "a//b", "a/", "..", "%2F", "50% off?#", "cafe\u0301", "\u00a0inner\u00a0space ", "ß" * 128],
)
def test_whatever_can_be_set_can_be_found_and_forgotten(x: Program, tag: str) -> None:
    made = send(x, owner_character_id=tag, owner_chat_id=tag)["id"]
    send(x, owner_character_id="x", owner_chat_id="x")
    path = quote(tag, safe="")
    for kind, name in (("character", "characterId"), ("chat", "chatId")):
        assert ids(good(x.get(IMAGES, query_string={name: tag}))) == [made]
        assert good(x.delete(f"{BASE}/owners/{kind}/{path}")) == {"cleared": 1}
        assert good(x.get(IMAGES, query_string={name: tag}))["total"] == 0
        assert good(x.get(IMAGES, query_string={name: "x"}))["total"] == 1
    assert good(x.get(IMAGES))["total"] == 2


def test_a_subject_that_no_image_can_have(world: World) -> None:
    assert good(world.x.delete(f"{BASE}/owners/character/%20")) == {"cleared": 0}
    assert "subject_id" in refused(world.x.delete(f"{BASE}/owners/chat/{'c' * 129}"), 400, "VALIDATION_ERROR")
    assert Image.select().where(Image.subject_character == "c1").count() == 2


def test_a_subject_of_another_user_stays(world: World, program_for: ProgramFor, sam: Actor) -> None:
    z = program_for(new_key("extension", identifier="ext_z", install_scope="user", actor=sam))
    assert good(z.delete(f"{BASE}/owners/character/c1")) == {"cleared": 0}
    assert Image.select().where(Image.subject_character == "c1").count() == 2


def test_equal_bytes_live_on(world: World, program_for: ProgramFor, run_jobs: RunJobs) -> None:
    data = new_photo()
    two = send(world.x, data)["id"]
    manager = program_for(new_key())
    other = good(manager.post("/api/v1/images/upload", data={"file": (BytesIO(data), "a.jpg")}), 201)["data"]["id"]
    run_jobs(include_later=True)
    good(world.x.delete(f"{IMAGES}/{two}"))
    run_jobs(include_later=True)
    assert program_for(None).get(f"/i/{other}").data == data


def test_every_change_is_in_the_log_with_the_extensions_identifier(world: World, olga: Actor) -> None:
    world.x.delete(f"{IMAGES}/{world.x1}")
    world.x.post(f"{IMAGES}/delete", json={"ids": [world.u1]})
    world.x.delete(f"{BASE}/owners/character/c1")
    noted = Activity.select().where(Activity.client_id == client_of("ext_x")).order_by(Activity.id)
    by = {"extension": "ext_x"}
    assert [(row.verb, row.image_id, row.detail) for row in noted] == [
        *(("extension.upload", image_id, by) for image_id in (world.x1, world.x2, world.x3)),
        ("image.purge", world.x1, {**by, "title": Image.get(Image.id == world.x2).title}),
        ("image.trash", world.u1, by),
        ("extension.forget", None, {**by, "kind": "character", "cleared": 1}),
    ]
    assert {row.user_id for row in noted} == {olga.user_id}
    published = Activity.get((Activity.verb == "image.publish") & (Activity.image_id == world.u1))
    assert (published.client_id, published.detail) == (None, {})  # what a person did names nobody else


def test_two_deletions_at_once_are_one(world: World) -> None:
    """Of the user's own as of X's: whoever comes second hears that it is gone."""
    actor = api_keys.actor_of(str(world.x.key))
    assert actor
    for image_id in (world.x1, world.u1):

        def one(_: int, image_id: str = image_id) -> None:
            extensions.delete(actor, image_id)

        assert sorted(type(result).__name__ for result in together(3, one)) == ["NoneType", "NotFound", "NotFound"]
