"""Flows."""

from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Alias, Flow, Generation, Image
from pindeck.services.images import flows
from tests.api.managing import FLOWS, IMAGES, World, generated, get, name, new_flow, send, upload
from tests.conftest import ClientFor, RunJobs, count_queries
from tests.factories import objects, together
from tests.programs import ProgramFor, new_key, refused

FIELDS = {"id", "aliases", "generationCount", "imageCount", "createdAt", "updatedAt"}


def flow_of(world: World, flow: str) -> dict[str, Any]:
    answer = world.k.get(f"{FLOWS}/{flow}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def set_names(world: World, flow: str, **names: str) -> dict[str, Any]:
    answer = world.k.put(
        f"{FLOWS}/{flow}/aliases", json={"aliases": {f"@{key}": value for key, value in names.items()}}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def test_a_new_flow_is_empty(world: World) -> None:
    answer = world.k.post(FLOWS)
    assert answer.status_code == 201 and set(answer.get_json()) == {"success", "data"}
    flow = answer.get_json()["data"]
    assert set(flow) == FIELDS
    assert (flow["aliases"], flow["generationCount"], flow["imageCount"]) == ({}, 0, 0)
    assert flow_of(world, flow["id"]) == flow
    assert flow_of(world, flow["id"].upper()) == flow


def test_counts_leave_the_trash_out(world: World) -> None:
    flow = new_flow(world.k)
    one, two = (upload(world.k, flowId=flow)["id"] for _ in range(2))
    generated(one)
    set_names(world, flow, a=one, b=two)
    found = flow_of(world, flow)
    assert (found["aliases"], found["generationCount"], found["imageCount"]) == ({"@a": one, "@b": two}, 1, 2)
    world.k.delete(f"{IMAGES}/{two}?mode=trash")
    found = flow_of(world, flow)
    assert (found["aliases"], found["imageCount"]) == ({"@a": one}, 1)


def test_flows_are_listed_newest_first_in_pages(world: World) -> None:
    made = []
    for _ in range(3):
        made.append(new_flow(world.k))
        came = db.now_ms()
        while db.now_ms() == came:  # two of one millisecond have no order
            pass
    new_flow(world.l)
    body = world.k.get(f"{FLOWS}?limit=2").get_json()
    assert set(body) == {"success", "data", "pagination"}
    assert [each["id"] for each in body["data"]] == [made[2], made[1]]
    assert body["pagination"] == {"total": 3, "limit": 2, "offset": 0, "hasMore": True}
    assert [each["id"] for each in world.k.get(f"{FLOWS}?offset=2").get_json()["data"]] == [made[0]]
    for query, field in (("limit=0", "limit"), ("offset=-1", "offset")):
        assert field in refused(world.k.get(f"{FLOWS}?{query}"), 400, "VALIDATION_ERROR")


def test_listing_costs_the_same_however_many_there_are(world: World) -> None:
    costs = []
    for count in (1, 5):
        for _ in range(count):
            new_flow(world.k)
        world.k.get(FLOWS)
        with count_queries() as seen:
            world.k.get(FLOWS)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


def test_a_flow_lists_its_images_under_the_same_filters(world: World) -> None:
    flow = new_flow(world.k)
    one, two = (upload(world.k, flowId=flow)["id"] for _ in range(2))
    world.images(1)
    generated(one)
    body = world.k.get(f"{FLOWS}/{flow}/images?limit=1").get_json()
    assert ([each["id"] for each in body["data"]], body["pagination"]["total"]) == ([two], 2)
    assert [e["id"] for e in world.k.get(f"{FLOWS}/{flow}/images?source=generated").get_json()["data"]] == [one]
    world.k.delete(f"{IMAGES}/{two}?mode=trash")
    assert len(world.k.get(f"{FLOWS}/{flow}/images?includeDeleted=true").get_json()["data"]) == 2
    refused(world.l.get(f"{FLOWS}/{flow}/images"), 404, "FLOW_NOT_FOUND")


def test_names_are_merged(world: World) -> None:
    flow = new_flow(world.k)
    one, two = world.images(2)
    before = set_names(world, flow, a=one, B=one)
    after = set_names(world, flow, A=two, c=two)
    assert after["aliases"] == {"@A": two, "@B": one, "@c": two}
    assert after["updatedAt"] >= before["updatedAt"]
    assert set_names(world, flow) == after
    assert get(world.k, one)["alias"] is None


@pytest.mark.parametrize(
    ("names", "status", "code"),
    [
        ({"@a": "{one}", "b": "{one}"}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@last": "{one}"}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@A": "{two}"}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@b": "not-an-id"}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@b": None}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@b": 5}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@\x00": "{one}"}, 400, "VALIDATION_ERROR"),
        ({"@a": "{one}", "@b": "{foreign}"}, 404, "IMAGE_NOT_FOUND"),
        ({"@a": "{one}", "@b": "{missing}"}, 404, "IMAGE_NOT_FOUND"),
        ({"@a": "{one}", "@b": "{trashed}"}, 404, "IMAGE_NOT_FOUND"),
    ],
)
def test_one_bad_entry_refuses_all(names: dict[str, Any], status: int, code: str, world: World) -> None:
    flow = new_flow(world.k)
    one, two, trashed = world.images(3)
    world.k.delete(f"{IMAGES}/{trashed}?mode=trash")
    known = {
        "{one}": one, "{two}": two, "{trashed}": trashed, "{foreign}": upload(world.l)["id"], "{missing}": db.new_id(),
    }  # fmt: skip
    body = {key: known.get(value, value) for key, value in names.items()}
    refused(world.k.put(f"{FLOWS}/{flow}/aliases", json={"aliases": body}), status, code)
    assert flow_of(world, flow)["aliases"] == {}


@pytest.mark.parametrize(
    "body", [{}, {"aliases": []}, {"aliases": None}, [], {"aliases": {f"@a{n}": "x" for n in range(201)}}]
)
def test_other_bodies_are_refused(body: object, world: World) -> None:
    flow = new_flow(world.k)
    assert refused(world.k.put(f"{FLOWS}/{flow}/aliases", json=body), 400, "VALIDATION_ERROR")


def test_a_name_is_removed_once(world: World) -> None:
    flow = new_flow(world.k)
    (one,) = world.images(1)
    set_names(world, flow, Hero=one, other=one)
    answer = world.k.delete(f"{FLOWS}/{flow}/aliases/@hero")
    assert (answer.status_code, answer.get_json()["data"]["aliases"]) == (200, {"@other": one})
    refused(world.k.delete(f"{FLOWS}/{flow}/aliases/@hero"), 404, "ALIAS_NOT_FOUND")
    refused(world.k.delete(f"{FLOWS}/{flow}/aliases/hero"), 400, "VALIDATION_ERROR")
    assert get(world.k, one)["id"] == one


def test_flows_of_others_do_not_exist(world: World, program_for: ProgramFor) -> None:
    theirs = new_flow(world.l)
    for method, path, body in (
        ("GET", "", None), ("GET", "/images", None), ("PUT", "/aliases", {"aliases": {}}),
        ("DELETE", "/aliases/@a", None), ("DELETE", "", None),
    ):  # fmt: skip
        for flow, status, code in (
            (theirs, 404, "FLOW_NOT_FOUND"), (db.new_id(), 404, "FLOW_NOT_FOUND"), ("x", 400, "VALIDATION_ERROR"),
        ):  # fmt: skip
            refused(world.k.call(method, f"{FLOWS}/{flow}{path}", json=body), status, code)
    assert Flow.select().count() == 1
    master = program_for(new_key("master"))
    assert master.get(f"{FLOWS}/{theirs}").status_code == 200
    assert [each["id"] for each in master.get(f"{FLOWS}?project=q").get_json()["data"]] == [theirs]
    assert master.get(FLOWS).get_json()["data"] == []
    refused(world.k.post(f"{FLOWS}?project=q"), 404, "PROJECT_NOT_FOUND")


def test_a_flow_takes_the_images_without_a_name_along(world: World, run_jobs: RunJobs) -> None:
    flow = new_flow(world.k)
    one, two = (upload(world.k, flowId=flow)["id"] for _ in range(2))
    (outside,) = world.images(1)
    name(world.k, one, "@hero")
    set_names(world, flow, scene=outside, other=two)
    run, kept = generated(one), generated(outside)
    run_jobs()
    answer = world.k.delete(f"{FLOWS}/{flow}")
    assert (answer.status_code, answer.get_json()) == (200, {"success": True, "deleted": True, "data": {"id": flow}})
    found = get(world.k, "@hero")
    assert (found["id"], found["flowId"]) == (one, None)
    refused(world.k.get(f"{IMAGES}/{two}"), 404, "IMAGE_NOT_FOUND")
    refused(world.k.get(f"{FLOWS}/{flow}"), 404, "FLOW_NOT_FOUND")
    refused(world.k.delete(f"{FLOWS}/{flow}"), 404, "FLOW_NOT_FOUND")
    assert [each.id for each in Generation.select()] == [kept] and run != kept
    assert Image.get(Image.id == one).generation_id is None
    assert [alias.name for alias in Alias.select()] == ["hero"]
    before = len(objects())
    run_jobs(include_later=True)
    assert len(objects()) < before


def test_a_large_flow_goes_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "BATCH", 2)
    flow = new_flow(world.k)
    made = [upload(world.k, flowId=flow)["id"] for _ in range(5)]
    name(world.k, made[1], "@hero")
    assert world.k.delete(f"{FLOWS}/{flow}").status_code == 200
    assert [image.id for image in Image.select()] == [made[1]]


def test_a_flow_goes_only_if_all_its_images_may(
    world: World, program_for: ProgramFor, client_for: ClientFor, sam: Actor
) -> None:
    flow = new_flow(world.k)
    image = upload(world.k, flowId=flow)["id"]
    timid = program_for(new_key(project="P", scopes=("images:read", "images:write", "flows:write")))
    for caller in (timid, client_for(sam)):
        refused(caller.delete(f"{FLOWS}/{flow}"), 403, "FORBIDDEN")
    assert get(world.k, image)["flowId"] == flow
    name(world.k, image, "@hero")
    assert timid.delete(f"{FLOWS}/{flow}").status_code == 200
    assert get(world.k, image)["flowId"] is None


def test_an_image_that_is_not_seen_stays(world: World) -> None:
    flow = new_flow(world.k)
    image = upload(world.k, flowId=flow)["id"]
    Image.update(visibility="private").where(Image.id == image).execute()
    assert world.k.delete(f"{FLOWS}/{flow}").status_code == 200
    assert Image.get(Image.id == image).flow_id is None


@pytest.mark.parametrize("turn", range(3))
def test_uploads_into_a_flow_that_is_deleted_find_it_or_do_not(turn: int, world: World) -> None:
    flow = new_flow(world.k)
    for _ in range(3):
        upload(world.k, flowId=flow)

    def work(number: int) -> int:
        if number == 0:
            return world.k.delete(f"{FLOWS}/{flow}").status_code
        return send(world.k, flowId=flow, alias="@hero", flowAlias="@scene").status_code

    deleted, sent = together(2, work)
    assert deleted == 200 and sent in (201, 404), (deleted, sent)
    assert Flow.select().count() == 0
    assert Image.select().where(Image.flow_id.is_null(False)).count() == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", ""), ("GET", "/F"), ("GET", "/F/images"), ("PUT", "/F/aliases"), ("DELETE", "/F/aliases/@a"),
     ("DELETE", "/F")],
)  # fmt: skip
def test_strangers_guests_and_wrong_keys_are_refused(
    method: str, path: str, world: World, program_for: ProgramFor, client_for: ClientFor, gus: Actor, olga: Actor
) -> None:
    flow = new_flow(world.k)
    (one,) = world.images(1)
    set_names(world, flow, a=one)
    address, body = FLOWS + path.replace("F", flow), {"aliases": {"@b": one}}
    refused(client_for(None).open(address, method=method, json=body), 401, "UNAUTHORIZED")
    refused(program_for("pd_p_wrong").call(method, address, json=body), 401, "UNAUTHORIZED")
    refused(client_for(gus).open(address, method=method, json=body), 403, "FORBIDDEN")
    extension = program_for(new_key("extension", identifier="x", install_scope="user", actor=olga))
    refused(extension.call(method, address, json=body), 403, "FORBIDDEN")
    reader = program_for(new_key(project="P", scopes=("images:read",)))
    if method == "GET":
        assert reader.get(address).status_code == 200
    else:
        refused(reader.call(method, address, json=body), 403, "FORBIDDEN")
    assert flow_of(world, flow)["aliases"] == {"@a": one}
    assert Flow.select().count() == 1
