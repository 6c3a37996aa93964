"""Equal files that come and go at once through several processes, in either pair of database and store."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pindeck import storage
from tests.stack import Stack, on_either_pair, wait_for
from tests.story.test_large_files import PIECE, Caller, download, new_key


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with on_either_pair(request, tmp_path_factory, "equal_files") as made:
        yield made


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    return new_key(stack)


def test_equal_bytes_through_several_processes_are_one_object(stack: Stack, key: str) -> None:
    data = PIECE[:100_000]
    paths = [Caller(stack, key).ticket() for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda path: Caller(stack, key).ask("POST", path, data), paths))
    assert [status for status, _ in found] == [200] * 20
    assert len({answer["storageId"] for _, answer in found}) == 20
    for _, answer in found:
        caller = Caller(stack, key)
        assert download(caller, f"/api/v1/storage/{answer['storageId']}/content", {"X-API-Key": key})[1] == (
            hashlib.sha256(data).hexdigest()
        )
    with stack.bound():
        assert len(list(storage.current().list(f"files/{hashlib.sha256(data).hexdigest()[:2]}/"))) == 1


def test_one_ticket_in_several_processes_stores_one_file(stack: Stack, key: str) -> None:
    path = Caller(stack, key).ticket()
    with ThreadPoolExecutor(9) as pool:
        found = list(pool.map(lambda n: Caller(stack, key).ask("POST", path, b"number %d" % (n % 3)), range(9)))
    ids = {answer["storageId"] for status, answer in found if status == 200}
    assert len(ids) == 1 and sum(status == 200 for status, _ in found) in (1, 2, 3)
    assert {status for status, _ in found} == {200, 409}


def test_processes_delete_and_upload_the_same_bytes_at_once(stack: Stack, key: str) -> None:
    """As in the test of one process, with a real worker that removes objects meanwhile."""
    data = PIECE[:5000]
    worker = stack.start_worker()

    def one(number: int) -> list[str]:
        caller, kept = Caller(stack, key), []
        for turn in range(25):
            status, answer = caller.ask("POST", caller.ticket(), data)
            assert status == 200, answer
            if turn % 5 == number:
                kept.append(str(answer["storageId"]))
            else:
                assert caller.ask("DELETE", f"/api/v1/storage/{answer['storageId']}")[0] == 200
        return kept

    with ThreadPoolExecutor(4) as pool:
        kept = [storage_id for ids in pool.map(one, range(4)) for storage_id in ids]
    digest = hashlib.sha256(data).hexdigest()

    def settled() -> bool:
        with stack.bound():
            return len(list(storage.current().list(f"files/{digest[:2]}/"))) == 1

    wait_for(settled, 60, "the other objects to go", stack.log)
    assert worker.poll() is None and len(kept) == 20
    for storage_id in kept:
        path = f"/api/v1/storage/{storage_id}/content"
        assert download(Caller(stack, key), path, {"X-API-Key": key}) == (5000, digest)
