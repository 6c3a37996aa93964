"""What is deleted is gone everywhere, and nothing that is still used goes with it."""

import os
import threading
from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import Activity, Blob, Image, StoredFile
from pindeck.services.images import trash
from pindeck.states import ImageStatus, PersistStatus
from tests import invariants
from tests.api import managing
from tests.api.storing import API, UNKNOWN, counted, sees_nothing, send, store, upload, url_of
from tests.conftest import ClientFor, RunJobs, run_due_jobs
from tests.factories import fresh, make_active, make_draft, objects, together
from tests.programs import Program, ProgramFor, new_key, refused

DATA = os.urandom(5000)


@pytest.fixture
def environ() -> dict[str, str]:
    return {"WEB_THREADS": "24"}


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
    sees_nothing(program, str(draft.file_id))
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
