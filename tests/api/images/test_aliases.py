"""Aliases: names that move between images."""

import json

import pytest

from pindeck.access import Actor
from pindeck.models import Activity, Alias, Image
from tests.api.managing import FIELDS, FLOWS, IMAGES, World, get, listed, name, new_flow, upload
from tests.conftest import ClientFor, RunJobs
from tests.factories import blob_of, make_row, new_photo, together
from tests.programs import refused


@pytest.fixture
def environ() -> dict[str, str]:
    """A connection for each of twenty writers."""
    return {"WEB_THREADS": "24"}


def test_a_name_is_taken_over(world: World) -> None:
    data = new_photo()
    one, two = upload(world.k, data, alias="@hero")["id"], upload(world.k)["id"]
    before, digest = get(world.k, one), blob_of(Image.get(Image.id == one)).sha256
    answer = world.k.put(f"{IMAGES}/{two}/alias", json={"alias": "@hero"})
    assert answer.status_code == 200
    taken = answer.get_json()["data"]
    assert set(taken) == FIELDS | {"previousHolderId"}
    assert (taken["id"], taken["alias"], taken["previousHolderId"]) == (two, "@hero", one)
    after = get(world.k, one)
    assert after == {**before, "alias": None, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    assert blob_of(Image.get(Image.id == one)).sha256 == digest
    assert world.k.get(f"{IMAGES}/{one}?format=bytes").data == data
    assert Activity.select().where(Activity.verb == "image.alias").count() == 2


def test_another_name_releases_the_old_one(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    assert name(world.k, one, "@banner")["previousHolderId"] is None
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    assert get(world.k, "@banner")["id"] == one


def test_removing_twice_is_no_error(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    for _ in range(2):
        found = name(world.k, one, None)
        assert (found["alias"], found["previousHolderId"]) == (None, None)
    assert Alias.select().count() == 0


@pytest.mark.parametrize(
    "alias",
    ["hero", "@", "@a b", "@a!", "", 5, "@" + "a" * 64, True, [], {}, "@-a", "@_a", "@héro", "@he\x00ro", "@@a", "@a\n",
     "@\ud800", "@ａ", "@a/b"],
)  # fmt: skip
def test_what_is_no_name_is_refused(alias: object, world: World) -> None:
    one = upload(world.k, alias="@kept")["id"]
    details = refused(world.k.put(f"{IMAGES}/{one}/alias", json={"alias": alias}), 400, "VALIDATION_ERROR")
    assert "alias" in details
    assert get(world.k, one)["alias"] == "@kept"


@pytest.mark.parametrize("body", [{}, {"override": True}, {"alias": "@a", "override": "no"}, [], "@a"])
def test_a_body_without_a_name_is_refused(body: object, world: World) -> None:
    one = upload(world.k, alias="@kept")["id"]
    refused(world.k.put(f"{IMAGES}/{one}/alias", json=body), 400, "VALIDATION_ERROR")
    assert get(world.k, one)["alias"] == "@kept"


@pytest.mark.parametrize("alias", ["@last", "@First", "@UPLOAD"])
def test_technical_names_are_reserved(alias: str, world: World) -> None:
    one = upload(world.k)["id"]
    details = refused(world.k.put(f"{IMAGES}/{one}/alias", json={"alias": alias}), 400, "VALIDATION_ERROR")
    assert "reserved" in details["alias"]
    assert get(world.k, one)["alias"] is None


@pytest.mark.parametrize("alias", ["@a", "@9", "@a_b-c", "@" + "a" * 63, "@Hero"])
def test_names_keep_the_spelling_they_were_given(alias: str, world: World) -> None:
    one = upload(world.k)["id"]
    assert name(world.k, one, alias)["alias"] == alias
    assert get(world.k, alias.swapcase())["alias"] == alias


def test_each_project_has_its_own_holder(world: World) -> None:
    theirs = upload(world.l, alias="@hero")["id"]
    mine = upload(world.k)["id"]
    assert name(world.k, mine, "@hero")["previousHolderId"] is None
    assert get(world.k, "@hero")["id"] == mine
    assert get(world.l, "@hero")["id"] == theirs


def test_twenty_writers_leave_one_holder(world: World) -> None:
    ids = world.images(20)
    put = [f"{IMAGES}/{image}/alias" for image in ids]
    results = together(20, lambda n: world.k.put(put[n], json={"alias": "@hero"}).status_code)
    assert results == [200] * 20
    found = [each for each in world.k.get(f"{IMAGES}?limit=100").get_json()["data"] if each["alias"] == "@hero"]
    assert len(found) == 1
    last = Activity.select().where(Activity.verb == "image.alias").order_by(Activity.id.desc()).get().image_id
    assert found[0]["id"] == get(world.k, "@hero")["id"] == last
    assert world.program_for(None).get("/i/p/@hero").headers["X-Image-Id"] == last


def test_a_reader_never_sees_a_name_without_an_image(world: World) -> None:
    one, two = world.images(2)
    name(world.k, one, "@hero")
    done: list[bool] = []
    seen: list[tuple[int, str]] = []

    def work(number: int) -> None:
        if number == 0:
            for turn in range(60):
                name(world.k, (one, two)[turn % 2], "@hero")
            done.append(True)
            return
        while not done:
            answer = world.k.get(f"{IMAGES}/@hero")
            seen.append((answer.status_code, (answer.get_json().get("data") or {}).get("id")))

    assert together(3, work) == [None] * 3
    assert seen and set(seen) <= {(200, one), (200, two)}


def test_a_name_is_not_taken_over_when_asked_not_to(world: World) -> None:
    one, two = world.images(2)
    name(world.k, one, "@hero")
    details = refused(
        world.k.put(f"{IMAGES}/{two}/alias", json={"alias": "@HERO", "override": False}), 409, "ALIAS_CONFLICT"
    )
    assert details["heldBy"] == one
    assert get(world.k, "@hero")["id"] == one
    assert name(world.k, one, "@hero", override=False)["alias"] == "@hero"
    assert name(world.k, two, "@free", override=False)["alias"] == "@free"


def test_of_many_that_ask_not_to_override_one_gets_a_free_name(world: World) -> None:
    ids = world.images(8)
    body = {"alias": "@hero", "override": False}
    results = together(8, lambda n: world.k.put(f"{IMAGES}/{ids[n]}/alias", json=body).status_code)
    assert sorted(results, key=str) == [200] + [409] * 7
    assert Alias.select().count() == 1


def test_repeating_changes_nothing_and_case_is_kept_up_to_date(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    first = name(world.k, one, "@hero")
    assert name(world.k, one, "@hero") == first
    again = name(world.k, one, "@Hero")
    assert (again["alias"], again["previousHolderId"]) == ("@Hero", None)
    assert again["updatedAt"] > first["updatedAt"]


def test_an_image_in_a_flow_holds_a_project_alias_and_flow_names_never_show(world: World) -> None:
    flow = new_flow(world.k)
    one = upload(world.k, flowId=flow, flowAlias="@scene")["id"]
    assert get(world.k, one)["alias"] is None
    found = name(world.k, one, "@hero")
    assert (found["alias"], found["flowId"]) == ("@hero", flow)


def test_the_image_may_be_named_by_an_alias(world: World) -> None:
    one = upload(world.k, alias="@hero")["id"]
    assert name(world.k, "@hero", "@banner")["id"] == one
    refused(world.k.put(f"{IMAGES}/@hero/alias", json={"alias": "@x"}), 404, "ALIAS_NOT_FOUND")


def test_a_holder_that_may_not_be_seen_is_not_named(world: World) -> None:
    one, two = upload(world.k, alias="@hero")["id"], upload(world.k)["id"]
    Image.update(visibility="private").where(Image.id == one).execute()
    answer = world.k.put(f"{IMAGES}/{two}/alias", json={"alias": "@hero", "override": False})
    assert refused(answer, 409, "ALIAS_CONFLICT")["heldBy"] is None
    assert one not in answer.text
    assert name(world.k, two, "@hero")["previousHolderId"] is None
    assert get(world.k, "@hero")["id"] == two


def test_a_move_between_projects_leaves_every_name_behind(
    world: World, client_for: ClientFor, olga: Actor, run_jobs: RunJobs
) -> None:
    flow = new_flow(world.k)
    one = upload(world.k, alias="@hero", flowId=flow, flowAlias="@scene")["id"]
    from pindeck.services.images import ledger

    assert ledger.edit(olga, one, "project", "Q").released == ["hero"]
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")
    refused(world.k.get(f"{IMAGES}/{one}"), 404, "IMAGE_NOT_FOUND")
    assert world.k.get(f"{FLOWS}/{flow}").get_json()["data"]["aliases"] == {}
    moved = get(world.l, one)
    assert (moved["alias"], moved["flowId"]) == (None, None)
    assert listed(world.l) == [one]


@pytest.mark.parametrize("turn", range(4))
def test_delete_and_assign_at_once_leave_no_name_without_an_image(turn: int, world: World) -> None:
    one = upload(world.k)["id"]

    def work(number: int) -> int:
        if number == 0:
            return world.k.delete(f"{IMAGES}/{one}").status_code
        return world.k.put(f"{IMAGES}/{one}/alias", json={"alias": "@hero"}).status_code

    deleted, assigned = together(2, work)
    assert deleted == 200 and assigned in (200, 404)
    assert Alias.select().count() == 0
    refused(world.k.get(f"{IMAGES}/@hero"), 404, "ALIAS_NOT_FOUND")


def test_a_name_on_a_public_row_is_no_secret_to_its_curators(client_for: ClientFor, olga: Actor, sam: Actor) -> None:
    row = make_row(olga)
    answer = client_for(sam).put(f"{IMAGES}/{row.id}/alias", json={"alias": "@hero"})
    assert json.loads(answer.text)["data"]["alias"] == "@hero"
    private = make_row(olga, visibility="private")
    refused(client_for(sam).put(f"{IMAGES}/{private.id}/alias", json={"alias": "@x"}), 404, "IMAGE_NOT_FOUND")
