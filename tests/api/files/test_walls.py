"""Who sees which files: projects, people, administrators, and pictures that move or hide."""

import itertools
import os
from typing import Any

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.access.scopes import SCOPES
from pindeck.models import ApiKey, Client, Image, Job, StoredFile, UploadTicket
from pindeck.services.clients import api_keys
from pindeck.services.files import records
from tests.api import managing
from tests.api.gallery import BASE as LIBRARY
from tests.api.managing import World
from tests.api.storing import API, counted, hex_of, sees_nothing, send, store, url_of
from tests.conftest import ClientFor
from tests.factories import add_copies, new_photo, row_of
from tests.programs import Program, ProgramFor, new_key, refused

DATA = os.urandom(5000)


@pytest.fixture
def environ(store_of_pair: dict[str, str]) -> dict[str, str]:
    return {**store_of_pair, "WEB_THREADS": "24"}


def fetched(program: Any, path: str) -> Any:
    return send(program, path, b"", method="GET")


# Walls


def test_a_project_key_does_not_see_the_files_of_another(
    program_for: ProgramFor, program: Program, client_for: ClientFor, olga: Actor
) -> None:
    other = program_for(new_key("project", project="Heat"))
    theirs, persons = store(other, DATA), store(client_for(olga), b"olga's")
    before = counted()
    for storage_id in (theirs, persons):
        sees_nothing(program, storage_id)
    assert program.get(API).json["page"] == []
    assert program.get(f"{API}/stats").json["count"] == 0
    assert counted() == before
    assert [d["_id"] for d in other.get(API).json["page"]] == [theirs]


def _listed(asker: Any) -> set[str]:
    """The ids on a page, which are as many as the statistics count."""
    found = {document["_id"] for document in asker.get(API).json["page"]}
    assert asker.get(f"{API}/stats").json["count"] == len(found)
    return found


def _check_readers(storage_id: str, data: bytes, *, readers: list[Any], strangers: list[Any]) -> None:
    for reader in readers:
        assert reader.get(f"{API}/{storage_id}").json["sha256"] == hex_of(data)
        assert reader.get(f"{API}/{storage_id}/content").data == data
        assert storage_id in _listed(reader)
    before = counted()
    for stranger in strangers:
        sees_nothing(stranger, storage_id)
        assert storage_id not in _listed(stranger)
    assert counted() == before


def _file_of(image_id: str) -> str:
    return str(Image.get(Image.id == image_id).file_id)


def test_the_file_of_a_picture_moves_to_another_project_with_it(
    world: World, program_for: ProgramFor, client_for: ClientFor, olga: Actor
) -> None:
    data = new_photo()
    image = managing.upload(world.k, data)["id"]
    storage_id, owner, master = _file_of(image), client_for(olga), program_for(new_key("master"))
    other = store(world.k, DATA)
    address = url_of(world.k, storage_id)
    _check_readers(storage_id, data, readers=[world.k, master], strangers=[world.l, owner])
    assert owner.patch(f"{LIBRARY}/images/{image}", json={"projectName": "Q"}).status_code == 200
    _check_readers(storage_id, data, readers=[world.l, master], strangers=[world.k, owner])
    assert _listed(world.k) == {other} and _listed(world.l) == {storage_id}
    assert fetched(world.k, address).data == data  # it is unlisted still
    assert refused(world.l.delete(f"{API}/{storage_id}"), 409, "FILE_IN_USE")["imageId"] == image
    assert owner.patch(f"{LIBRARY}/images/{image}", json={"projectName": "P"}).status_code == 200
    _check_readers(storage_id, data, readers=[world.k, master], strangers=[world.l, owner])


@pytest.mark.parametrize("how", ["private", "trashed"])
def test_the_file_of_a_picture_is_hidden_with_it_and_comes_back_with_it(
    world: World, program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, how: str
) -> None:
    """To whoever has its address, too; its owner and administrators read it."""
    data = new_photo()
    bound = program_for(new_key(project="P", actor=olga))
    image = managing.upload(bound, data)["id"]
    storage_id, owner, admin, colleague = _file_of(image), client_for(olga), client_for(mo), client_for(sam)
    master, visitor = program_for(new_key("master")), program_for(None)
    addresses = [url_of(owner, storage_id), url_of(owner, storage_id, "?expiresIn=600")]
    strangers = [world.l, colleague]

    def check_addresses(askers: list[Any], *, hidden: bool) -> None:
        wishes = (({}, 200), ({"Range": "bytes=0-9"}, 206), ({"If-None-Match": f'"{hex_of(data)}"'}, 304))
        for asker, address, (headers, status) in itertools.product(askers, addresses, wishes):
            answer = asker.get(address, headers=headers)
            assert answer.status_code == (404 if hidden else status)
            assert not (hidden and data[:10] in answer.data)

    _check_readers(storage_id, data, readers=[bound, world.k, master, owner, admin], strangers=strangers)
    check_addresses([visitor, world.k, colleague], hidden=False)
    if how == "private":
        assert owner.patch(f"{LIBRARY}/images/{image}", json={"visibility": "private"}).status_code == 200
        # The owner's own key sees the picture among the images of the project as well.
        _check_readers(storage_id, data, readers=[owner, admin, bound], strangers=[world.k, master, *strangers])
    else:
        assert bound.delete(f"/api/v1/images/{image}?mode=trash").status_code == 200
        _check_readers(storage_id, data, readers=[owner, admin], strangers=[world.k, master, bound, *strangers])
    check_addresses([visitor, world.k, world.l, master, colleague], hidden=True)
    check_addresses([owner, admin], hidden=False)
    if how == "private":
        assert owner.patch(f"{LIBRARY}/images/{image}", json={"visibility": "unlisted"}).status_code == 200
    else:
        assert bound.post(f"/api/v1/images/{image}/restore").status_code == 200
    _check_readers(storage_id, data, readers=[bound, world.k, master, owner, admin], strangers=strangers)
    check_addresses([visitor, world.k, colleague], hidden=False)


def test_the_wall_of_a_project_stands_for_the_key_of_an_administrator(
    program_for: ProgramFor, program: Program, mo: Actor
) -> None:
    key = program_for(new_key("project", project="Heat", actor=mo))
    Client.update(permissions=list(SCOPES)).where(Client.user == mo.user_id).execute()
    _check_readers(store(key, b"own"), b"own", readers=[key], strangers=[program])
    _check_readers(store(program, DATA), DATA, readers=[program], strangers=[key])


@pytest.mark.plans
def test_the_files_of_a_project_are_read_in_the_order_of_their_index(
    world: World, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each file on a page the picture is found by its own index, however many pictures there are."""
    actor = api_keys.actor_of(str(world.k.key))
    assert actor is not None
    world.images(1)
    managing.upload(world.l)
    _copy_files_and_images(1500)
    db.database.execute_sql("ANALYZE")
    asked: list[tuple[str, Any]] = []
    execute = db.database.obj.execute_sql
    monkeypatch.setattr(db.database.obj, "execute_sql", lambda *call: asked.append(call) or execute(*call))
    assert len(records.list_page(actor).files) == 50
    ((sql, values),) = asked
    explain = "EXPLAIN" if engine == "postgres" else "EXPLAIN QUERY PLAN"
    plan = "\n".join(str(row[-1]) for row in execute(f"{explain} {sql}", values).fetchall())
    # PostgreSQL takes the index of all files as gladly where a project has half of them: the order is the same.
    postgres = ("Index Scan Backward using stored_file_", "Index Scan using image_file_id_key")
    for step in postgres if engine == "postgres" else ("INDEX stored_file_project (project_id=?)", "(file_id=?)"):
        assert step in plan, plan
    for slow in ("Sort", "B-TREE", "Seq Scan on stored_file", "Seq Scan on image", "SCAN"):
        assert slow not in plan, plan


def _copy_files_and_images(count: int) -> None:
    """So many more for each project, with bytes of which there are enough."""
    for image in map(row_of, Image.select().order_by(Image.seq).limit(2)):
        files = [{"id": db.new_id(), "file_key": db.new_token(), "created_at": number} for number in range(count)]
        add_copies(StoredFile, StoredFile.select().where(StoredFile.id == image["file"]).dicts().get(), files)
        add_copies(Image, image, [{"id": db.new_id(), "file": file["id"]} for file in files])


def test_a_person_sees_own_files_and_an_administrator_all(
    client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, program: Program
) -> None:
    mine, hers = store(client_for(sam), DATA), store(client_for(olga), DATA)
    api_keys = store(program, DATA)
    sees_nothing(client_for(sam), hers)
    sees_nothing(client_for(sam), api_keys)
    assert [d["_id"] for d in client_for(sam).get(API).json["page"]] == [mine]
    assert {d["_id"] for d in client_for(mo).get(API).json["page"]} == {mine, hers, api_keys}
    assert client_for(mo).get(f"{API}/{hers}/content").data == DATA
    assert client_for(mo).delete(f"{API}/{hers}").status_code == 200


def test_a_master_key_sees_its_own_files_and_those_of_projects(
    program_for: ProgramFor, program: Program, client_for: ClientFor, olga: Actor
) -> None:
    master = program_for(new_key("master"))
    of_project, own = store(program, DATA), store(master, DATA)
    private = store(client_for(olga), DATA)
    assert {d["_id"] for d in master.get(API).json["page"]} == {of_project, own}
    sees_nothing(master, private)


OPERATIONS = (
    ("POST", "/upload-url", {"json": {}}, "write"),
    ("POST", "", {"data": b"x"}, "write"),
    ("POST", "/fetch", {"json": {"url": "https://example.org/"}}, "write"),
    ("POST", "/delete", {"json": {"storageIds": ["{id}"]}}, "write"),
    ("DELETE", "/{id}", {}, "write"),
    ("POST", "/{id}/rotate-url", {}, "write"),
    ("GET", "", {}, "read"),
    ("GET", "/stats", {}, "read"),
    ("GET", "/{id}", {}, "read"),
    ("GET", "/{id}/url", {}, "read"),
    ("GET", "/{id}/content", {}, "read"),
)


def _call(asker: Any, method: str, path: str, options: dict[str, Any], storage_id: str) -> Any:
    wanted = {**options}
    if "storageIds" in wanted.get("json", {}):
        wanted["json"] = {"storageIds": [storage_id]}
    return (
        asker.open(API + path.format(id=storage_id), method=method, **wanted)
        if not isinstance(asker, Program)
        else asker.call(method, API + path.format(id=storage_id), **wanted)
    )


@pytest.mark.parametrize(("method", "path", "options", "scope"), OPERATIONS, ids=lambda value: str(value)[:20])
def test_every_operation_refuses_whoever_may_not(
    method: str,
    path: str,
    options: dict[str, Any],
    scope: str,
    program: Program,
    program_for: ProgramFor,
    client_for: ClientFor,
    gus: Actor,
    olga: Actor,
) -> None:
    storage_id = store(program, DATA)
    late, gone = new_key("project", project="Blade"), new_key("project", project="Blade")
    ApiKey.update(expires_at=1).where(ApiKey.prefix == late[:12]).execute()
    ApiKey.update(revoked_at=1).where(ApiKey.prefix == gone[:12]).execute()
    wrong = ("storage:read",) if scope == "write" else ("storage:write", "images:read")
    before = (*counted(), UploadTicket.select().count(), Job.select().count())

    def ask(asker: Any) -> Any:
        return _call(asker, method, path, options, storage_id)

    for key in (None, "", "pd_p_nobody", late, gone):
        refused(ask(program_for(key)), 401, "UNAUTHORIZED")
    refused(ask(client_for(None)), 401, "UNAUTHORIZED")
    refused(ask(client_for(gus)), 403, "FORBIDDEN")
    refused(ask(program_for(new_key("project", project="Blade", scopes=wrong))), 403, "FORBIDDEN")
    extension = new_key("extension", identifier="tagger", install_scope="user", actor=olga)
    refused(ask(program_for(extension)), 403, "FORBIDDEN")
    assert (*counted(), UploadTicket.select().count(), Job.select().count()) == before
    assert ask(program).status_code in (200, 201, 202)
