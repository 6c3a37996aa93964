"""The list of a project's images."""

import re
from itertools import pairwise
from typing import Any

import pytest

from pindeck import access, db
from pindeck.access import Actor
from pindeck.models import Alias, ApiKey, Flow, Image, Job, Project, StoredFile, UploadTicket
from pindeck.services.images import projects
from pindeck.services.library import filters, managed_list, query
from tests.api.managing import FLOWS, IMAGES, World, generated, get, listed, name, new_flow, upload
from tests.conftest import ClientFor, count_queries
from tests.factories import add_copies, make_row, row_of
from tests.programs import ProgramFor, new_key, refused

PROJECTS, STORAGE = "/api/v1/projects", "/api/v1/storage"


def test_without_a_key_nothing_is_listed(world: World) -> None:
    refused(world.program_for(None).get(IMAGES), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", IMAGES), ("GET", f"{IMAGES}/@hero"), ("GET", f"{IMAGES}/@hero?size=full"),
        ("GET", f"{IMAGES}/@hero/url?w=8"), ("PUT", f"{IMAGES}/@hero"), ("PATCH", f"{IMAGES}/@hero"),
        ("PUT", f"{IMAGES}/@hero/alias"), ("DELETE", f"{IMAGES}/@hero"), ("POST", f"{IMAGES}/upload"),
        ("POST", f"{IMAGES}/{{image}}/restore"),
        ("GET", FLOWS), ("POST", FLOWS), ("GET", f"{FLOWS}/{{flow}}"), ("GET", f"{FLOWS}/{{flow}}/images"),
        ("PUT", f"{FLOWS}/{{flow}}/aliases"), ("DELETE", f"{FLOWS}/{{flow}}/aliases/@part"),
        ("DELETE", f"{FLOWS}/{{flow}}"),
        ("GET", PROJECTS), ("POST", PROJECTS), ("GET", f"{PROJECTS}/p"),
        ("GET", STORAGE), ("POST", STORAGE), ("POST", f"{STORAGE}/upload-url"), ("POST", f"{STORAGE}/fetch"),
        ("POST", f"{STORAGE}/delete"), ("GET", f"{STORAGE}/stats"), ("GET", f"{STORAGE}/{{file}}"),
        ("DELETE", f"{STORAGE}/{{file}}?force=true"), ("GET", f"{STORAGE}/{{file}}/url"),
        ("POST", f"{STORAGE}/{{file}}/rotate-url"), ("GET", f"{STORAGE}/{{file}}/content"),
    ],
)  # fmt: skip
def test_a_revoked_or_expired_key_opens_nothing(column: str, method: str, path: str, world: World) -> None:
    flow = new_flow(world.k)
    image = upload(world.k, alias="@hero", flowId=flow, flowAlias="@part")["id"]
    if path.endswith("/restore"):
        assert world.k.delete(f"{IMAGES}/{image}?mode=trash").status_code == 200
    file = StoredFile.get()
    models = (Image, StoredFile, UploadTicket, Job, Flow, Alias, Project)
    before = [list(model.select().order_by(model._meta.primary_key).dicts()) for model in models]
    ApiKey.update({column: db.now_ms() - 1}).execute()
    body = {"alias": None, "meta": {}, "name": "New", "aliases": {"@part": image}, "storageIds": [file.id]}
    refused(world.k.call(method, path.format(image=image, flow=flow, file=file.id), json=body), 401, "UNAUTHORIZED")
    assert [list(model.select().order_by(model._meta.primary_key).dicts()) for model in models] == before


def test_the_list_is_newest_first(world: World) -> None:
    ids = world.images()
    answer = world.k.get(IMAGES)
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {"success", "data", "pagination"} and body["success"] is True
    assert [each["id"] for each in body["data"]] == ids[::-1]
    assert body["pagination"] == {"total": 3, "limit": 20, "offset": 0, "hasMore": False}
    assert answer.headers["X-Request-Id"]


def test_pages_give_each_image_once(world: World) -> None:
    ids = world.images()
    first, second = world.k.get(f"{IMAGES}?limit=2").get_json(), world.k.get(f"{IMAGES}?limit=2&offset=2").get_json()
    assert (len(first["data"]), first["pagination"]["hasMore"]) == (2, True)
    assert (len(second["data"]), second["pagination"]["hasMore"]) == (1, False)
    assert {each["id"] for each in first["data"] + second["data"]} == set(ids)
    past = world.k.get(f"{IMAGES}?offset=3").get_json()
    assert past == {
        "success": True, "data": [], "pagination": {"total": 3, "limit": 20, "offset": 3, "hasMore": False}
    }  # fmt: skip


def test_a_large_limit_is_lowered_and_told(world: World) -> None:
    assert world.k.get(f"{IMAGES}?limit=500").get_json()["pagination"]["limit"] == 100
    assert world.k.get(f"{IMAGES}?limit=100").get_json()["pagination"]["limit"] == 100


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=abc", "limit"), ("offset=-1", "offset"), ("limit=-5", "limit"),
        ("limit=1.0", "limit"), ("limit=", "limit"), ("offset=x", "offset"), ("offset=99999999999999999999", "offset"),
        ("includeDeleted=yes", "includeDeleted"), ("alias=hero", "alias"), ("alias=@a b", "alias"),
        ("flowId=abc", "flowId"), ("limit=%00", "limit"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(query: str, field: str, world: World) -> None:
    assert field in refused(world.k.get(f"{IMAGES}?{query}"), 400, "VALIDATION_ERROR")


def test_the_source_tells_generated_and_uploaded_apart(world: World) -> None:
    first, made, last = world.images()
    generated(made)
    assert listed(world.k, "?source=generated") == [made]
    assert listed(world.k, "?source=uploaded") == [last, first]
    assert "source" in refused(world.k.get(f"{IMAGES}?source=other"), 400, "VALIDATION_ERROR")
    assert world.k.get(f"{IMAGES}?source=generated").get_json()["pagination"]["total"] == 1


def test_a_flow_lists_its_own(world: World) -> None:
    flow = new_flow(world.k)
    mine = upload(world.k, flowId=flow)["id"]
    world.images(2)
    assert listed(world.k, f"?flowId={flow}") == listed(world.k, f"?flowId={flow.upper()}") == [mine]
    assert [each["id"] for each in world.k.get(f"{FLOWS}/{flow}/images").get_json()["data"]] == [mine]
    answer = world.k.get(f"{IMAGES}?flowId={db.new_id()}").get_json()
    assert (answer["data"], answer["pagination"]["total"]) == ([], 0)
    theirs = new_flow(world.l)
    upload(world.l, flowId=theirs)
    assert listed(world.k, f"?flowId={theirs}") == []


def test_an_alias_lists_its_holder(world: World) -> None:
    ids = world.images()
    name(world.k, ids[0], "@hero")
    upload(world.l, alias="@hero")
    assert listed(world.k, "?alias=@hero") == listed(world.k, "?alias=%40HERO") == [ids[0]]
    answer = world.k.get(f"{IMAGES}?alias=@nobody")
    assert (answer.status_code, answer.get_json()["data"], answer.get_json()["pagination"]["total"]) == (200, [], 0)
    flow = new_flow(world.k)
    world.k.put(f"{FLOWS}/{flow}/aliases", json={"aliases": {"@nobody": ids[1]}})
    assert listed(world.k, "?alias=@nobody") == []


def test_filters_combine_and_unknown_names_are_ignored(world: World) -> None:
    flow = new_flow(world.k)
    a, b = (upload(world.k, flowId=flow)["id"] for _ in range(2))
    name(world.k, a, "@hero")
    generated(b)
    assert listed(world.k, f"?flowId={flow}&source=uploaded&colour=red") == [a]
    assert listed(world.k, f"?flowId={flow}&source=generated&alias=@hero") == []
    assert listed(world.k, f"?flowId={flow}&source=uploaded&alias=@hero&limit=1&limit=x") == [a]


def test_only_active_images_that_are_not_private_are_listed(world: World, olga: Actor, mo: Actor) -> None:
    shown = [
        make_row(olga, project="P", visibility=visibility, created_at=number).id
        for number, visibility in enumerate(("library", "unlisted"))
    ]
    make_row(olga, project="P", visibility="private")
    make_row(olga, project="P", status="draft")
    make_row(olga, project="P", status="pending")
    make_row(olga, project="P", status="broken")
    make_row(olga)
    assert listed(world.k) == shown[::-1]
    assert world.k.get(IMAGES).get_json()["pagination"]["total"] == 2


def test_master_keys_and_people_name_a_project(
    world: World, program_for: ProgramFor, client_for: ClientFor, olga: Actor, gus: Actor
) -> None:
    mine, theirs, plain = upload(world.k), upload(world.l), make_row(olga)
    master = program_for(new_key("master"))
    person = client_for(olga)
    for caller in (master, person):
        for address, expected in (("", plain.id), ("?project=p", mine["id"]), (f"?project={world.p}", mine["id"])):
            assert [each["id"] for each in caller.get(IMAGES + address).get_json()["data"]] == [expected]
        refused(caller.get(f"{IMAGES}?project=nowhere"), 404, "PROJECT_NOT_FOUND")
    assert listed(world.k, "?project=p") == [mine["id"]]
    refused(world.k.get(f"{IMAGES}?project=q"), 404, "PROJECT_NOT_FOUND")
    assert get(master, theirs["id"])["id"] == theirs["id"]
    refused(client_for(gus).get(IMAGES), 403, "FORBIDDEN")
    refused(client_for(None).get(IMAGES), 401, "UNAUTHORIZED")


def test_a_flow_says_the_project_for_whoever_has_none(world: World, program_for: ProgramFor) -> None:
    master = program_for(new_key("master"))
    flow = new_flow(world.k)
    one = upload(world.k, flowId=flow)["id"]
    assert listed(master, f"?flowId={flow}") == [one]
    assert listed(master, f"?flowId={flow}&project=library") == []


def test_the_trash_is_listed_to_whom_it_belongs(
    world: World, client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor
) -> None:
    image = make_row(olga, project="P", visibility="unlisted")
    Image.update(deleted_at=1_700_000_000_123).where(Image.seq == image.seq).execute()
    assert listed(world.k) == []
    body = world.k.get(f"{IMAGES}?includeDeleted=true").get_json()
    assert body["pagination"]["total"] == 1
    assert body["data"][0]["deletedAt"] == "2023-11-14T22:13:20.123Z"
    for knows in (client_for(olga), client_for(mo), world.program_for(new_key("master"))):
        found = knows.get(f"{IMAGES}?project=p&includeDeleted=true").get_json()
        assert (len(found["data"]), found["pagination"]["total"]) == (1, 1)
    none = client_for(sam).get(f"{IMAGES}?project=p&includeDeleted=true")
    assert none.status_code == 404  # as if there was no such project


def test_the_list_costs_the_same_however_long_it_is(world: World, olga: Actor) -> None:
    costs = []
    for count in (1, 12):
        for _ in range(count):
            make_row(olga, project="P")
        with count_queries() as seen:
            world.k.get(f"{IMAGES}?limit=100")
        costs.append(len([sql for sql in seen if "UPDATE" not in sql]))
    assert costs[0] == costs[1] <= 3, seen  # the key, the rows, the total


def test_rows_and_total_are_read_in_one_snapshot(olga: Actor) -> None:
    make_row(olga)
    with count_queries() as seen:
        managed_list.list_images(olga, projects.DEFAULT_ID, limit=20, offset=0)
    assert len(seen) == 2 and "project_count" in seen[1]


@pytest.mark.plans
@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        ({}, ["image_managed"]),
        ({"source": "uploaded"}, ["image_managed_uploaded"]),
        ({"source": "generated"}, ["image_managed_generated"]),
        ({"trashed": True}, ["image_managed", "image_managed_trash"]),
        ({"trashed": True, "source": "generated"}, ["image_managed_generated", "image_managed_trash"]),
    ],
)
def test_the_list_is_read_from_its_own_indexes(
    wanted: dict[str, Any], indexes: list[str], mo: Actor, engine: str
) -> None:
    """Of many images a page is read from the end of each index, and nothing is sorted."""
    image = make_row(mo)
    _copy(image, 2000, "upload", "ai")
    db.database.execute_sql("ANALYZE image")
    asked = filters.wanted(in_project=projects.DEFAULT_ID, **wanted)
    sql, values = query.statements(managed_list.MANAGED, mo, asked)[0]
    if engine == "postgres":
        rows = db.database.execute_sql(f"EXPLAIN {sql}", values).fetchall()
        page = "\n".join(row[0] for row in rows).partition("Limit")[2]
        assert re.findall(r"Index Scan Backward using (\w+)", page) == indexes, rows
        assert not re.search(r"->  (Incremental )?Sort", page), rows
        return
    rows = db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    plan = [row[3] for row in rows]
    assert re.findall(r"SEARCH t1 USING INDEX (\w+) \(project_id=\?\)", "\n".join(plan)) == indexes, plan
    for step, following in pairwise(plan):  # only pages are sorted
        assert not (step.startswith("SEARCH t1 USING INDEX") and "B-TREE" in following), plan
    assert any("alias_one_per_image" in step for step in plan), plan


@pytest.mark.parametrize("generated", [None, False, True])
@pytest.mark.parametrize("trashed", [False, True])
def test_a_total_reads_as_little_as_it_can(
    generated: bool | None, trashed: bool, olga: Actor, mo: Actor, engine: str
) -> None:
    """The number of a project is kept. What is counted are pictures that a machine made, and the trash."""
    image = make_row(olga)
    _copy(image, 40, "upload", "discord", "ai")
    wanted = [
        each for each in Image.select()
        if (generated is None or (each.origin == "ai") is generated) and (trashed or not each.is_trashed)
    ]  # fmt: skip
    source = {None: None, False: "uploaded", True: "generated"}[generated]
    asked = filters.wanted(source=source, trashed=trashed)
    for actor in (olga, mo):
        with count_queries() as seen:
            found, total = managed_list.list_images(actor, projects.DEFAULT_ID, asked, limit=100, offset=0)
        assert (len(found), total) == (len(wanted), len(wanted))
        assert [each.created_at for each in found] == sorted((each.created_at for each in wanted), reverse=True)
        for sql in (each.replace('"', "") for each in seen[1:]):
            assert "project_count" in sql or "origin = 'ai'" in sql or "deleted_at IS NOT NULL" in sql, sql


@pytest.mark.plans
def test_the_images_of_a_flow_are_read_from_theirs(olga: Actor, engine: str) -> None:
    if engine == "postgres":  # which reads few rows by itself, as its statistics tell it
        return
    asked = filters.wanted(in_project=projects.DEFAULT_ID, flow=db.new_id())
    for sql, values in query.statements(managed_list.MANAGED, olga, asked):
        plan = [row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        assert "SEARCH t1 USING INDEX image_flow (flow_id=?)" in plan, plan


def _copy(image: Image, count: int, *origins: str) -> None:
    """So many more, of these origins in turn; each fifth is in the trash."""
    same = {**row_of(image), "file": None, "external_url": "https://x.example/"}
    changes = [
        {"id": db.new_id(), "created_at": n, "origin": origins[n % len(origins)], "deleted_at": None if n % 5 else 1}
        for n in range(count)
    ]
    add_copies(Image, same, changes)


def test_the_condition_of_the_list_is_the_one_of_the_index() -> None:
    """Word for word, because a parameter in its place would hide the index from SQLite."""
    condition = access.managed(Actor())
    assert condition.values == {}
    assert condition.text() == "status = 'active' AND visibility <> 'private' AND deleted_at IS NULL"
