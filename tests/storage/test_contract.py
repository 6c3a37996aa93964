"""What every store promises, tested on each of them."""

import hashlib
import io
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pindeck.errors import Invalid, NotFound, TooLarge
from pindeck.storage import ObjectStore, Written
from tests.storage.test_keys import BAD_KEYS

KEY = "media-uploads/2026/03_07/original/still-0123456789abcdef.png"
PUBLIC = "9f/9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f-w320.webp"


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def put(store: ObjectStore, key: str, data: bytes, **more: object) -> Written:
    return store.put(key, io.BytesIO(data), content_type="image/png", **more)  # type: ignore[arg-type]


def read(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    with store.open(key, start, length) as stream:
        return stream.read()


def names(store: ObjectStore, prefix: str = "") -> list[str]:
    return [found.key for found in store.list(prefix)]


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 300_000, 9 * 2**20 + 1])
def test_what_was_put_is_read_back_and_hashed(store: ObjectStore, size: int) -> None:
    data = noise(size)
    written = put(store, KEY, data)
    assert written == Written(size, hashlib.sha256(data).hexdigest())
    assert read(store, KEY) == data
    found = store.stat(KEY)
    assert found is not None
    assert (found.key, found.size) == (KEY, size)


def test_a_stream_may_be_any_iterable_of_chunks(store: ObjectStore) -> None:
    assert store.put(KEY, (part for part in [b"ab", b"", b"cd"]), content_type="text/plain").size == 4
    assert read(store, KEY) == b"abcd"


def test_an_object_is_read_in_pieces(store: ObjectStore) -> None:
    data = noise(1_000_000)
    put(store, KEY, data)
    with store.open(KEY) as stream:
        pieces = iter(lambda: stream.read(70_000), b"")
        assert b"".join(pieces) == data
        assert stream.read(10) == b""


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 4, b"3456"),
        (0, 1, b"0"),
        (8, 100, b"89"),
        (4, 0, b""),
        (10, None, b""),
        (50, 3, b""),
    ],
)
def test_a_range_is_read(store: ObjectStore, start: int, length: int | None, expected: bytes) -> None:
    put(store, KEY, b"0123456789")
    assert read(store, KEY, start, length) == expected


def test_a_range_that_counts_backwards_is_refused(store: ObjectStore) -> None:
    put(store, KEY, b"0123456789")
    for start, length in ((-1, None), (0, -1)):
        with pytest.raises(ValueError, match="range"):
            store.open(KEY, start, length)


@pytest.mark.parametrize("length", [None, 0, 5])
def test_a_missing_object_is_not_found_when_it_is_opened(store: ObjectStore, length: int | None) -> None:
    with pytest.raises(NotFound):
        store.open(KEY, 0, length)
    assert store.stat(KEY) is None
    assert store.local_path(KEY) is None
    # A folder on the way to an object is no object.
    put(store, KEY, b"x")
    with pytest.raises(NotFound):
        store.open("media-uploads/2026")
    assert store.stat("media-uploads/2026") is None


def test_put_replaces_what_was_there(store: ObjectStore) -> None:
    put(store, KEY, b"old and longer")
    put(store, KEY, b"new")
    assert read(store, KEY) == b"new"
    assert names(store) == [KEY]


def test_too_large_keeps_nothing(store: ObjectStore) -> None:
    assert put(store, KEY, noise(1000), limit=1000).size == 1000
    for size in (1001, 9 * 2**20):
        with pytest.raises(TooLarge):
            put(store, "staging/large", noise(size), limit=1000)
    with pytest.raises(TooLarge):
        put(store, KEY, noise(1001, seed=1), limit=1000)
    assert names(store) == [KEY]
    assert read(store, KEY) == noise(1000)


def test_a_digest_that_does_not_match_keeps_nothing(store: ObjectStore) -> None:
    data = noise(5000)
    digest = hashlib.sha256(data).hexdigest()
    assert put(store, KEY, data, expect_sha256=digest).sha256 == digest
    for key in (KEY, "staging/new"):
        with pytest.raises(Invalid) as refused:
            put(store, key, noise(5000, seed=1), expect_sha256=digest)
        assert refused.value.code == "SHA256_MISMATCH"
    assert names(store) == [KEY]
    assert read(store, KEY) == data


def test_a_stream_that_breaks_keeps_what_was_there(store: ObjectStore) -> None:
    def broken() -> Iterator[bytes]:
        yield noise(600_000)
        raise ConnectionResetError("the browser went away")

    put(store, KEY, b"before")
    for key in (KEY, "staging/new"):
        with pytest.raises(ConnectionResetError):
            store.put(key, broken(), content_type="image/png")
    assert names(store) == [KEY]
    assert read(store, KEY) == b"before"


def test_puts_of_one_key_at_the_same_time_leave_one_whole_object(store: ObjectStore) -> None:
    versions = [noise(400_000, seed) for seed in range(6)]

    def write(data: bytes) -> None:
        store.put(KEY, iter([data[i : i + 10_000] for i in range(0, len(data), 10_000)]), content_type="image/png")

    put(store, KEY, versions[0])
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, data) for data in versions * 2]
        seen = [pool.submit(read, store, KEY) for _ in range(12)]
        for write_done in writes:
            write_done.result()
    assert read(store, KEY) in versions
    assert all(result.result() in versions for result in seen)
    assert names(store) == [KEY]


def test_a_copy_has_a_life_of_its_own(store: ObjectStore) -> None:
    put(store, "staging/one", b"picture")
    put(store, KEY, b"something else")
    store.copy("staging/one", KEY)
    store.copy("staging/one", KEY)
    assert read(store, KEY) == b"picture"
    put(store, "staging/one", b"changed")
    assert read(store, KEY) == b"picture"
    store.delete("staging/one")
    assert read(store, KEY) == b"picture"
    assert names(store) == [KEY]


def test_copying_an_object_onto_itself_changes_nothing(store: ObjectStore) -> None:
    put(store, KEY, b"picture")
    store.copy(KEY, KEY)
    assert read(store, KEY) == b"picture"


def test_copying_what_is_not_there_is_not_found(store: ObjectStore) -> None:
    attempts: list[Callable[[], None]] = [
        lambda: store.copy("staging/none", KEY),
        lambda: store.copy(KEY, KEY),
        lambda: store.publish("staging/none", PUBLIC, content_type="image/webp"),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert names(store) == []
    assert list(store.list_public()) == []


def test_deleting_twice_is_no_error(store: ObjectStore) -> None:
    put(store, KEY, b"x")
    store.delete("media-uploads/2026")
    assert names(store) == [KEY]
    store.delete(KEY)
    store.delete(KEY)
    assert store.stat(KEY) is None
    with pytest.raises(NotFound):
        store.open(KEY)


def test_a_list_has_the_keys_with_a_prefix_in_their_order(store: ObjectStore) -> None:
    keys = ["a-b/x", "a/x", "a/x-y/z", "a/x.png", "a0", "staging/1", "staging/2"]
    for number, key in enumerate(reversed(keys)):
        put(store, key, b"x" * number)
    assert names(store) == keys
    assert names(store, "a/") == ["a/x", "a/x-y/z", "a/x.png"]
    assert names(store, "a") == ["a-b/x", "a/x", "a/x-y/z", "a/x.png", "a0"]
    assert names(store, "a/x-") == ["a/x-y/z"]
    assert names(store, "staging/2") == ["staging/2"]
    assert names(store, "nothing/") == []
    assert [found.size for found in store.list("staging/")] == [1, 0]


def test_an_object_deleted_while_the_list_is_read_does_not_break_it(store: ObjectStore) -> None:
    for key in ("staging/1", "staging/2", "staging/3"):
        put(store, key, b"x")
    listed = store.list("staging/")
    assert next(listed).key == "staging/1"
    store.delete("staging/2")
    assert list(listed)[-1].key == "staging/3"


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_is_none_is_refused_everywhere(store: ObjectStore, key: str) -> None:
    put(store, KEY, b"x")
    attempts: list[Callable[[], object]] = [
        lambda: put(store, key, b"evil"),
        lambda: store.open(key),
        lambda: store.stat(key),
        lambda: store.copy(KEY, key),
        lambda: store.copy(key, KEY),
        lambda: store.delete(key),
        lambda: store.publish(KEY, key, content_type="image/webp"),
        lambda: store.publish(key, PUBLIC, content_type="image/webp"),
        lambda: store.unpublish(key),
        lambda: store.open_public(key),
        lambda: store.public_path(key),
        lambda: store.local_path(key),
        lambda: store.presigned_get(key, seconds=60, content_type="image/png"),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid):
            attempt()
    assert names(store) == [KEY]


@pytest.mark.parametrize("prefix", ["../", "/", "a/../", "a\\", ".", "a//"])
def test_a_prefix_cannot_leave_the_store(store: ObjectStore, prefix: str) -> None:
    with pytest.raises(Invalid):
        names(store, prefix)


def test_what_is_published_is_a_copy_in_the_public_place(store: ObjectStore) -> None:
    put(store, KEY, b"rendition")
    store.publish(KEY, PUBLIC, content_type="image/webp")
    store.publish(KEY, PUBLIC, content_type="image/webp")
    with store.open_public(PUBLIC) as stream:
        assert stream.read() == b"rendition"
    assert [(found.key, found.size) for found in store.list_public()] == [(PUBLIC, 9)]
    assert names(store) == [KEY]
    store.delete(KEY)
    with store.open_public(PUBLIC) as stream:
        assert stream.read() == b"rendition"


def test_unpublishing_takes_the_copy_away_and_leaves_the_object(store: ObjectStore) -> None:
    put(store, KEY, b"rendition")
    store.publish(KEY, PUBLIC, content_type="image/webp")
    store.unpublish(PUBLIC)
    store.unpublish(PUBLIC)
    with pytest.raises(NotFound):
        store.open_public(PUBLIC)
    assert store.public_path(PUBLIC) is None
    assert list(store.list_public()) == []
    assert read(store, KEY) == b"rendition"


def test_preparing_again_changes_nothing_and_the_check_leaves_nothing(store: ObjectStore) -> None:
    put(store, KEY, b"x")
    store.prepare()
    store.check()
    store.answer()
    assert names(store) == [KEY]
