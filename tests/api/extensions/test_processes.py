"""Programs against three web processes as they are deployed, in either pair of database and store: repeats and deletions at once."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from pindeck import storage
from pindeck.access import Actor
from pindeck.models import Blob, Flow, Idempotency, Image, Project, StoredFile
from pindeck.states import Role
from tests.api.extending import IMAGES
from tests.conftest import add_person
from tests.factories import make_row, new_photo
from tests.programs import new_key
from tests.stack import Stack, on_either_pair

CALLS = 12


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(request, tmp_path_factory, "extensions", WEB_THREADS="4") as made:
        yield made


def install(stack: Stack, name: str) -> tuple[Actor, str]:
    with stack.bound():
        person = add_person(stack.settings, Role.CURATOR, name)
        return person, new_key("extension", identifier=name, install_scope="user", actor=person)


def at_once(stack: Stack, key: str, calls: list[tuple[str, str, dict[str, Any]]]) -> list[Any]:
    ready = threading.Barrier(len(calls))
    pool = urllib3.PoolManager(num_pools=1, maxsize=len(calls), block=True)

    def one(call: tuple[str, str, dict[str, Any]]) -> Any:
        method, path, options = call
        headers = {"X-API-Key": key, **options.pop("headers", {})}
        ready.wait(60)
        return pool.request(method, stack.base + path, headers=headers, timeout=60, retries=False, **options)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def test_repeats_of_an_extension_at_once_make_one_image(stack: Stack) -> None:
    person, key = install(stack, "repeats")
    data, headers = new_photo(), {"Content-Type": "image/jpeg", "Idempotency-Key": "one"}
    answers = at_once(stack, key, [("POST", IMAGES, {"body": data, "headers": headers}) for _ in range(CALLS)])
    assert {answer.status for answer in answers} == {201}, stack.log()
    assert len({answer.data for answer in answers}) == 1
    with stack.bound():
        (image,) = Image.select().where(Image.user == person.user_id)
        assert json.loads(answers[0].data)["id"] == image.id
        assert Idempotency.select().count() == 1
        kept = {blob.object_key for blob in Blob.select()}
        assert {found.key for found in storage.current().list("staging/")} == kept, "bytes that nobody names"


def test_repeats_of_other_calls_at_once_make_one_thing_each(stack: Stack) -> None:
    """Those whose work is one transaction with the answer, one whose name may be given once only, and one of bytes."""
    with stack.bound():
        person = add_person(stack.settings, Role.ADMIN, "calls")
        key = new_key("master", actor=person)
    for path, options in (
        ("projects", {"json": {"name": "At once"}}),
        ("flows", {}),
        ("storage", {"body": b"one file", "headers": {"Content-Type": "text/plain"}}),
    ):
        headers = {**options.get("headers", {}), "Idempotency-Key": path}  # type: ignore[dict-item]
        calls = [("POST", f"/api/v1/{path}", {**options, "headers": dict(headers)}) for _ in range(CALLS)]
        answers = at_once(stack, key, calls)
        assert {answer.status for answer in answers} == {201}, stack.log()
        assert len({answer.data for answer in answers}) == 1
    with stack.bound():
        assert (Project.select().where(Project.name == "At once").count(), Flow.select().count()) == (1, 1)
        assert StoredFile.select().where(StoredFile.user == person.user_id).count() == 1


def test_different_bodies_at_once_under_one_key_make_one_image(stack: Stack) -> None:
    person, key = install(stack, "different")
    headers = {"Content-Type": "image/jpeg", "Idempotency-Key": "one"}
    calls = [("POST", IMAGES, {"body": new_photo(), "headers": dict(headers)}) for _ in range(CALLS)]
    statuses = sorted(answer.status for answer in at_once(stack, key, calls))
    assert statuses == [201] + [409] * (CALLS - 1), stack.log()
    with stack.bound():
        assert Image.select().where(Image.user == person.user_id).count() == 1


def test_deletions_at_once_are_one_each(stack: Stack) -> None:
    person, key = install(stack, "deletes")
    sent = at_once(stack, key, [("POST", IMAGES, {"body": new_photo()})])
    mine = json.loads(sent[0].data)["id"]
    with stack.bound():
        users = make_row(person).id
    for image_id in (mine, users):
        answers = at_once(stack, key, [("DELETE", f"{IMAGES}/{image_id}", {}) for _ in range(CALLS)])
        bodies = [json.loads(answer.data) for answer in answers]
        assert sorted(answer.status for answer in answers) == [200] + [404] * (CALLS - 1), stack.log()
        assert [body["deleted"] for body in bodies].count(True) == 1
    with stack.bound():
        assert [image.id for image in Image.select().where(Image.user == person.user_id)] == [users]
        assert StoredFile.select().where(StoredFile.user == person.user_id).count() == 1
