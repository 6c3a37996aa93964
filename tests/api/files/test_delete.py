"""Files over HTTP: deletion, claims, races, and the walls between projects."""

import itertools
import os
import threading
from typing import Any

import pytest

from pindeck import db, queue
from pindeck.access import Actor
from pindeck.access.scopes import SCOPES
from pindeck.jobs import files as file_jobs
from pindeck.models import Activity, ApiKey, Blob, Client, Image, Job, StoredFile, UploadTicket
from pindeck.services.clients import api_keys
from pindeck.services.files import intake, records
from pindeck.services.images import trash
from pindeck.services.maintenance import cleanup, inspection, integrity
from pindeck.states import ImageStatus, PersistStatus
from tests import invariants
from tests.api import managing
from tests.api.conftest import Program, ProgramFor, new_key, refused
from tests.api.gallery import BASE as LIBRARY
from tests.api.managing import World
from tests.api.storing import API, UNKNOWN, counted, hex_of, send, store, upload, url_of
from tests.conftest import ClientFor, RunJobs, run_due_jobs
from tests.factories import fresh, jobs_of, make_active, make_draft, new_photo, objects, overwrite, together

DATA = os.urandom(5000)


@pytest.fixture
def environ() -> dict[str, str]:
    return {"WEB_THREADS": "24"}


@pytest.fixture
def program(program_for: ProgramFor) -> Program:
    return program_for(new_key("project", project="Blade"))


def fetched(program: Any, path: str) -> Any:
    return send(program, path, b"", method="GET")


def test_what_is_deleted_is_gone_everywhere(program: Program, run_jobs: RunJobs) -> None:
    storage_id = store(program, DATA)
    old, signed = url_of(program, storage_id), url_of(program, storage_id, "?expiresIn=600")
    answer = program.delete(f"{API}/{storage_id}")
    assert (answer.status_code, answer.json) == (200, {"success": True})
    for path in (old, signed):
        refused(fetched(program, path), 404, "FILE_NOT_FOUND")
    refused(program.get(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    assert program.get(f"{API}/{storage_id}/url").json == {"url": None}
    refused(program.get(f"{API}/{storage_id}/content"), 404, "FILE_NOT_FOUND")
    refused(program.delete(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    run_jobs()
    assert counted() == (0, 0, [])


def test_equal_bytes_stay_until_the_last_file_goes(program: Program, run_jobs: RunJobs) -> None:
    first, second = store(program, DATA), store(program, DATA)
    program.delete(f"{API}/{first}")
    run_jobs()
    assert fetched(program, url_of(program, second)).data == DATA
    program.delete(f"{API}/{second}")
    run_jobs()
    assert objects() == []


def test_deleting_and_uploading_the_same_bytes_at_once_loses_nothing(program: Program) -> None:
    """Four callers, 25 rounds each, while a worker removes objects: what was not deleted is readable."""
    over = threading.Event()

    def work(number: int) -> list[str]:
        if number == 4:
            while not over.is_set():
                run_due_jobs()
            return []
        mine: list[str] = []
        for turn in range(25):
            mine.append(store(program, DATA) if turn % 2 else upload(program, DATA))
            if turn % 5 != number:
                assert program.delete(f"{API}/{mine.pop()}").status_code == 200
        return mine

    results: list[Any] = []
    caller = threading.Thread(target=lambda: results.extend(together(5, _stopping(work, over))))
    caller.start()
    caller.join(120)
    kept = [storage_id for result in results for storage_id in _checked(result)]
    run_due_jobs(include_later=True)
    assert len(kept) == StoredFile.select().count() == 20
    for storage_id in kept:
        assert program.get(f"{API}/{storage_id}/content").data == DATA
        assert fetched(program, url_of(program, storage_id)).data == DATA
    assert (Blob.select().count(), len(objects())) == (1, 1)
    invariants.check()


def _stopping(work: Any, over: threading.Event, callers: int = 4) -> Any:
    """The same work; the last caller to end, however it ends, tells the worker to stop."""
    left, lock = [callers], threading.Lock()

    def run(number: int) -> Any:
        try:
            return work(number)
        finally:
            with lock:
                left[0] -= number < callers
                if left[0] == 0:
                    over.set()

    return run


def _checked(result: Any) -> list[str]:
    if isinstance(result, Exception):
        raise result
    found: list[str] = result
    return found


def test_a_blob_on_its_way_out_is_never_adopted(program: Program, run_jobs: RunJobs) -> None:
    first = store(program, DATA)
    program.delete(f"{API}/{first}")
    second = store(program, DATA)  # before the worker came to the first one's object
    api_keys = sorted(blob.object_key for blob in Blob.select())
    assert len(api_keys) == 2 and api_keys[1].startswith(api_keys[0] + "-")
    run_jobs()
    assert objects() == [api_keys[1]]
    assert program.get(f"{API}/{second}/content").data == DATA


def test_bytes_deleted_between_the_look_and_the_record_are_written_again(
    program: Program, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store(program, DATA)
    known = intake._is_stored
    looks = []

    def delete_after_the_look(sha256: str) -> bool:
        found = known(sha256)
        if not looks:
            records.delete_many(Actor(role="admin", user_id="x"), [first])
            run_jobs()
        looks.append(found)
        return found

    monkeypatch.setattr(intake, "_is_stored", delete_after_the_look)
    second = store(program, DATA)
    assert looks == [True, False]
    assert program.get(f"{API}/{second}/content").data == DATA
    assert len(objects()) == 1


def test_a_crash_between_the_object_and_its_record_is_swept(
    program: Program, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_settle", _die)
    monkeypatch.setattr(intake, "_give_back", lambda room: None)
    with pytest.raises(KeyboardInterrupt):
        intake.store(intake.Owner(), DATA)
    assert len(objects("files/")) == 1 and StoredFile.select().count() == 0
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 2 * db.HOUR_MS)
    cleanup.sweep_orphaned_blobs()
    cleanup.sweep_staging()
    run_jobs(include_later=True)
    assert counted() == (0, 0, [])


def _die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_claimed_file_goes_with_its_image(client_for: ClientFor, olga: Actor, run_jobs: RunJobs) -> None:
    image, client = make_active(olga), client_for(olga)
    run_jobs(include_later=True)
    before = counted()
    answer = client.delete(f"{API}/{image.file_id}")
    assert refused(answer, 409, "FILE_IN_USE") == {"storageId": image.file_id, "imageId": image.id}
    refused(client.delete(f"{API}/{image.file_id}?force=true"), 403, "FORBIDDEN")
    refused(client.post(f"{API}/delete", json={"storageIds": [image.file_id]}), 409, "FILE_IN_USE")
    assert counted() == before
    url = url_of(client, str(image.file_id))
    trash.purge(olga, image.id)
    refused(client.get(f"{API}/{image.file_id}"), 404, "FILE_NOT_FOUND")
    refused(fetched(client, url), 404, "FILE_NOT_FOUND")
    run_jobs(include_later=True)
    assert counted() == (0, 0, [])


def test_the_claimant_is_not_named_to_whoever_may_not_see_it(
    program: Program, program_for: ProgramFor, olga: Actor
) -> None:
    image = Image.get(Image.id == managing.upload(program)["id"])
    blind = program_for(new_key("project", project="Blade", scopes=("storage:read", "storage:write")))
    details = refused(blind.delete(f"{API}/{image.file_id}"), 409, "FILE_IN_USE")
    assert details == {"storageId": image.file_id}
    draft = make_draft(olga)
    StoredFile.update(project=_project_of(program)).where(StoredFile.id == draft.file_id).execute()
    _sees_nothing(program, str(draft.file_id))
    assert fresh(draft).file_id == draft.file_id


def _project_of(program: Program) -> str:
    storage_id = store(program, b"probe")
    return str(StoredFile.get_by_id(storage_id).project_id)


def test_an_administrator_takes_the_original_from_an_image(
    client_for: ClientFor, program_for: ProgramFor, olga: Actor, mo: Actor, run_jobs: RunJobs
) -> None:
    image = make_active(olga)
    run_jobs(include_later=True)
    key = program_for(new_key("master", actor=mo))
    refused(key.delete(f"{API}/{image.file_id}?force=true"), 403, "FORBIDDEN")
    admin = client_for(mo)
    assert admin.delete(f"{API}/{image.file_id}?force=true").json == {"success": True}
    run_jobs(include_later=True)
    assert objects() == []
    found = fresh(image)
    assert (found.file_id, found.status, found.persist_status) == (None, ImageStatus.BROKEN, PersistStatus.FAILED)
    assert "original is missing" in str(found.persist_error)
    for client in (client_for(olga), admin, client_for(None)):
        assert client.get(f"/i/{image.id}").status_code == 404
        assert client.get(f"/i/{image.id}?size=small").status_code == 404
    assert client_for(None).get("/").status_code == 200
    assert client_for(olga).get(f"/images/{image.id}").status_code == 200
    trash.purge(olga, image.id)
    assert Activity.select().where(Activity.verb == "file.force_delete").count() == 1


def test_a_deletion_goes_with_its_transaction(program: Program, client_for: ClientFor, olga: Actor) -> None:
    storage_id = store(client_for(olga), DATA)
    with pytest.raises(RuntimeError), db.writing():
        records.delete(olga, storage_id)
        assert records.get(storage_id) is None
        raise RuntimeError("The handler fails.")
    assert client_for(olga).get(f"{API}/{storage_id}/content").data == DATA
    assert Job.select().count() == 0
    with db.writing():
        records.delete(olga, storage_id)
    assert client_for(olga).get(f"{API}/{storage_id}").status_code == 404


def test_many_are_deleted_all_or_none(program: Program, run_jobs: RunJobs) -> None:
    ids = [store(program, bytes([n])) for n in range(5)]

    def delete(wanted: list[Any]) -> Any:
        return program.post(f"{API}/delete", json={"storageIds": wanted})

    refused(delete([*ids, UNKNOWN]), 404, "FILE_NOT_FOUND")
    refused(delete([*ids, "x"]), 400, "INVALID_STORAGE_ID")
    assert set(refused(delete([*ids, 5]), 400, "VALIDATION_ERROR")) == {"storageIds.5"}
    assert set(refused(delete([UNKNOWN] * 501), 400, "VALIDATION_ERROR")) == {"storageIds"}
    refused(program.post(f"{API}/delete", json={}), 400, "VALIDATION_ERROR")
    assert StoredFile.select().count() == 5
    assert delete([]).json == {"success": True}
    assert delete([*ids, ids[0].upper()]).json == {"success": True}
    run_jobs()
    assert counted() == (0, 0, [])


# Walls


def test_a_project_key_does_not_see_the_files_of_another(
    program_for: ProgramFor, program: Program, client_for: ClientFor, olga: Actor
) -> None:
    other = program_for(new_key("project", project="Heat"))
    theirs, persons = store(other, DATA), store(client_for(olga), b"olga's")
    before = counted()
    for storage_id in (theirs, persons):
        _sees_nothing(program, storage_id)
    assert program.get(API).json["page"] == []
    assert program.get(f"{API}/stats").json["count"] == 0
    assert counted() == before
    assert [d["_id"] for d in other.get(API).json["page"]] == [theirs]


def _sees_nothing(asker: Any, storage_id: str) -> None:
    refused(asker.get(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    assert asker.get(f"{API}/{storage_id}/url").json == {"url": None}
    refused(asker.get(f"{API}/{storage_id}/content"), 404, "FILE_NOT_FOUND")
    refused(asker.delete(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    refused(asker.post(f"{API}/{storage_id}/rotate-url"), 404, "FILE_NOT_FOUND")
    refused(asker.post(f"{API}/delete", json={"storageIds": [storage_id]}), 404, "FILE_NOT_FOUND")


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
        _sees_nothing(stranger, storage_id)
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


def test_the_files_of_a_project_are_read_in_the_order_of_their_index(
    world: World, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each file on a page the picture is found by its own index, however many pictures there are."""
    actor = api_keys.actor_of(str(world.k.key))
    assert actor is not None
    world.images(1)
    managing.upload(world.l)
    for number in range(1500):
        _copy_file_and_image(number)
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


def _copy_file_and_image(number: int) -> None:
    """One more for each project, with bytes of which there are enough."""
    for image in Image.select().order_by(Image.seq).limit(2).dicts():
        file = StoredFile.select().where(StoredFile.id == image["file"]).dicts().get()
        file = {**file, "id": db.new_id(), "file_key": db.new_token(), "created_at": number}
        StoredFile.insert(**file).execute()
        copied = {key: value for key, value in image.items() if key not in ("seq", "is_listed")}
        Image.insert(**{**copied, "id": db.new_id(), "file": file["id"]}).execute()


def test_a_person_sees_own_files_and_an_administrator_all(
    client_for: ClientFor, olga: Actor, sam: Actor, mo: Actor, program: Program
) -> None:
    mine, hers = store(client_for(sam), DATA), store(client_for(olga), DATA)
    api_keys = store(program, DATA)
    _sees_nothing(client_for(sam), hers)
    _sees_nothing(client_for(sam), api_keys)
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
    _sees_nothing(master, private)


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


# Reports and reading again


def test_what_has_changed_behind_our_back_is_reported_and_refused(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "LOOK_AGAIN_S", 0)
    storage_id = store(program, DATA)
    good_id = store(program, b"good")
    address = program.get(f"{API}/{storage_id}/url").json["url"]
    key = Blob.get(Blob.sha256 == hex_of(DATA)).object_key
    overwrite(key, b"rotten")
    assert program.get(address).status_code == 200  # nobody has looked yet
    Blob.update(checked_at=0).execute()
    file_jobs.check(Job())
    run_due_jobs()
    event = Activity.get(Activity.verb == "file.differs")
    assert event.detail["key"] == key and event.detail["found"] == hex_of(b"rotten")
    refused(program.get(f"{API}/{storage_id}/content"), 503, "FILE_DAMAGED")
    for answer in (program.get(f"{API}/{storage_id}/content"), program.get(address)):
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "3600"
        assert not {"ETag", "Digest", "Repr-Digest"} & set(answer.headers.keys())
    assert program.get(f"{API}/{good_id}/content").data == b"good"
    assert program.get(f"{API}/{storage_id}").status_code == 200  # its record is there
    assert store(program, DATA) != storage_id
    assert program.get(f"{API}/{storage_id}/content").data == program.get(address).data == DATA


def test_the_check_is_asked_for_once_a_day(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [integrity.ask_nightly(), integrity.ask_nightly()] == [1, 0]
    run_due_jobs()
    assert integrity.ask_nightly() == 0
    assert [job.status for job in jobs_of(queue.CHECK_FILES.kind)] == ["completed"]
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + integrity.EVERY_MS + 1)
    assert integrity.ask_nightly() == 1


def test_a_result_that_is_never_recorded_is_swept_and_a_claimed_one_stays(
    olga: Actor, monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    owner = intake.owner_of(olga)
    lost, kept = (intake.store(owner, data, to_be_claimed=True) for data in (b"lost", b"kept"))
    with db.writing():
        assert records.claim(kept)
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + 25 * db.HOUR_MS)
    cleanup.sweep_unclaimed()
    run_jobs(include_later=True)
    assert records.get(lost) is None and records.get(kept) is not None
    assert len(objects()) == 1 and not records.claim(lost)


def test_a_file_is_claimed_by_one_image_at_most(olga: Actor) -> None:
    from peewee import IntegrityError

    first, second = make_draft(olga), make_draft(olga)
    with pytest.raises(IntegrityError), db.writing():
        Image.update(file=first.file_id).where(Image.seq == second.seq).execute()
