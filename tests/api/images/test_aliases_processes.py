"""Aliases against three web processes, as they are deployed, in either pair of database and store."""

import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3

from pindeck.models import Blob
from tests.factories import new_photo
from tests.stack import Stack, on_either_pair

WRITERS = 20


class Api:
    """Real HTTP with a key, and a connection for each thread."""

    def __init__(self, stack: Stack) -> None:
        self.base = stack.base
        self.key = stack.run("key", "create", "--kind", "master").split()[-1]
        self.pool = urllib3.PoolManager(num_pools=1, maxsize=WRITERS + 4, block=True)

    def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"X-API-Key": self.key, **options.pop("headers", {})}
        answer = self.pool.request(method, self.base + path, headers=headers, timeout=60, retries=False, **options)
        return answer.status, json.loads(answer.data)

    def upload(self, **fields: str) -> tuple[int, Any]:
        body = {**fields, "file": ("a.jpg", new_photo(), "image/jpeg")}
        return self.call("POST", "/api/v1/images/upload", fields=body)

    def images(self, count: int) -> list[str]:
        made = [self.upload() for _ in range(count)]
        assert {status for status, _ in made} == {201}, made
        return [body["data"]["id"] for _, body in made]

    def name(self, image_id: str, **body: Any) -> tuple[int, Any]:
        return self.call("PUT", f"/api/v1/images/{image_id}/alias", json=body)

    def holders(self, alias: str) -> list[str]:
        _, body = self.call("GET", "/api/v1/images?limit=100")
        return [each["id"] for each in body["data"] if each["alias"] == alias]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(
        request, tmp_path_factory, "aliases", RATE_READ="0", RATE_WRITE="0", RATE_UPLOAD="0"
    ) as made:
        yield made


@pytest.fixture
def api(stack: Stack) -> Api:
    return Api(stack)


def at_once(count: int, work: Any) -> list[Any]:
    ready = threading.Barrier(count)

    def one(number: int) -> Any:
        ready.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_twenty_writers_in_three_processes_leave_one_holder(api: Api) -> None:
    ids = api.images(WRITERS)
    results = at_once(WRITERS, lambda n: api.name(ids[n], alias="@hero"))
    assert [status for status, _ in results] == [200] * WRITERS, results
    found = api.holders("@hero")
    assert len(found) == 1
    assert api.call("GET", "/api/v1/images/@hero")[1]["data"]["id"] == found[0]
    shown = api.pool.request("GET", f"{api.base}/i/@hero", retries=False)
    assert (shown.status, shown.headers["X-Image-Id"]) == (200, found[0])
    # A chain of holders: each but the last lost the name to another one.
    lost = [body["data"]["previousHolderId"] for _, body in results if body["data"]["previousHolderId"]]
    assert len(lost) == len(set(lost)) == WRITERS - 1 and found[0] not in lost


def test_of_twenty_that_ask_not_to_override_one_wins(api: Api) -> None:
    ids = api.images(WRITERS)
    results = at_once(WRITERS, lambda n: api.name(ids[n], alias="@free", override=False))
    won = [ids[n] for n, (status, _) in enumerate(results) if status == 200]
    assert len(won) == 1 and api.holders("@free") == won
    assert {body["error"]["code"] for status, body in results if status != 200} == {"ALIAS_CONFLICT"}


def test_readers_in_other_processes_never_see_a_name_without_an_image(api: Api) -> None:
    one, two = api.images(2)
    api.name(one, alias="@banner")
    done = threading.Event()

    def work(number: int) -> set[tuple[int, str | None]]:
        seen: set[tuple[int, str | None]] = set()
        if number == 0:
            for turn in range(100):
                assert api.name((two, one)[turn % 2], alias="@banner")[0] == 200
            done.set()
        while not done.is_set():
            status, body = api.call("GET", "/api/v1/images/@banner")
            seen.add((status, body.get("data", {}).get("id")))
        return seen

    results = at_once(5, work)
    assert set().union(*results) == {(200, one), (200, two)}


def test_uploads_swaps_and_deletions_at_once_end_well(api: Api) -> None:
    """Whoever is first: nobody hears of a deadlock, and no name is left without an image."""
    ids = api.images(8)

    def work(number: int) -> list[int]:
        seen = []
        for turn in range(4):
            if number % 4 == 0:
                seen.append(api.upload(alias="@busy")[0])
            elif number % 4 == 1:
                seen.append(api.call("DELETE", "/api/v1/images/@busy?mode=trash")[0])
            elif number % 4 == 2:
                seen.append(api.call("DELETE", f"/api/v1/images/{ids[(number + turn) % 8]}")[0])
            else:
                seen.append(api.name(ids[(number + turn) % 8], alias="@busy")[0])
        return seen

    for number, seen in enumerate(at_once(8, work)):
        wanted = {201} if number % 4 == 0 else {200, 404}
        assert set(seen) <= wanted | ({409} if number % 4 == 1 else set()), (number, seen)
    status, body = api.call("GET", "/api/v1/images/@busy")
    assert status in (200, 404)
    assert api.holders("@busy") == ([body["data"]["id"]] if status == 200 else [])


def test_a_picture_that_gets_a_name_while_it_is_deleted_leaves_no_name(api: Api) -> None:
    ids = api.images(12)

    def work(number: int) -> int:
        image_id = ids[number // 2]
        if number % 2:
            return api.name(image_id, alias=f"@gone{number // 2}")[0]
        return api.call("DELETE", f"/api/v1/images/{image_id}")[0]

    found = at_once(2 * len(ids), work)
    assert set(found[::2]) == {200} and set(found[1::2]) <= {200, 404}, found
    for number in range(len(ids)):
        assert api.call("GET", f"/api/v1/images/@gone{number}")[0] == 404


def test_equal_pictures_uploaded_at_once_are_kept_once(api: Api, stack: Stack) -> None:
    photo = new_photo()
    body = {"file": ("a.jpg", photo, "image/jpeg")}
    found = at_once(WRITERS, lambda n: api.call("POST", "/api/v1/images/upload", fields=body))
    assert [status for status, _ in found] == [201] * WRITERS, found
    ids = {answer["data"]["id"] for _, answer in found}
    assert len(ids) == WRITERS
    for image_id in ids:
        assert api.pool.request("GET", f"{api.base}/i/{image_id}", retries=False).data == photo
    with stack.bound():
        assert Blob.select().where(Blob.sha256 == hashlib.sha256(photo).hexdigest()).count() == 1
    deleted = at_once(WRITERS, lambda n: api.call("DELETE", f"/api/v1/images/{sorted(ids)[n]}"))
    assert {status for status, _ in deleted} == {200}
    with stack.bound():
        left = Blob.select().where(Blob.sha256 == hashlib.sha256(photo).hexdigest(), Blob.state == "live")
        assert left.count() == 0
