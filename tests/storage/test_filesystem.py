"""What only files on disk can get wrong: modes, links, full disks, quotas and what killed writers leave."""

import io
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import config, storage
from pindeck.errors import NoSpace, Upstream
from pindeck.storage import ObjectStore, quota
from pindeck.storage.filesystem import FilesystemStore
from tests.storage.conftest import prepared

KEY = "media-uploads/2026/03_07/low/still-w320.webp"
PUBLIC = "9f/9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f-w320.webp"
MIB = 2**20


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def disk(data: Path) -> ObjectStore:
    return prepared({"DATA_DIR": str(data)})


def put(store: ObjectStore, key: str, size: int) -> None:
    store.put(key, io.BytesIO(b"x" * size), content_type="image/webp")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_private_files_are_closed_and_public_ones_open_whatever_the_umask(umask: None, data: Path) -> None:
    store = prepared({"DATA_DIR": str(data)})
    put(store, KEY, 10)
    put(store, "staging/one", 10)
    store.publish(KEY, PUBLIC, content_type="image/webp")
    assert mode(data / "files" / "staging" / "one") == 0o600
    for folder in (data / "files", data / "files" / "staging", (data / "files" / KEY).parent):
        assert mode(folder) == 0o700
    assert mode(data / "public" / PUBLIC) == 0o644
    for folder in (data / "public", (data / "public" / PUBLIC).parent):
        assert mode(folder) == 0o755
    assert mode(data / "public" / ".tmp") == 0o700


def test_files_have_absolute_paths_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = prepared({"DATA_DIR": "relative"})
    put(store, KEY, 10)
    store.publish(KEY, PUBLIC, content_type="image/webp")
    assert store.local_path(KEY) == tmp_path / "relative" / "files" / KEY
    assert store.public_path(PUBLIC) == tmp_path / "relative" / "public" / PUBLIC
    assert store.presigned_get(KEY, seconds=60, content_type="image/webp") is None


def test_publishing_costs_no_space(disk: ObjectStore, data: Path) -> None:
    put(disk, KEY, 10)
    disk.publish(KEY, PUBLIC, content_type="image/webp")
    original, published = disk.local_path(KEY), disk.public_path(PUBLIC)
    assert original is not None
    assert published is not None
    assert original.samefile(published)
    disk.publish(KEY, PUBLIC, content_type="image/webp")
    assert len(files(data)) == 2
    put(disk, KEY, 20)
    assert published.stat().st_size == 10


def test_a_public_place_on_another_disk_gets_a_copy(data: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        assert Path(other).stat().st_dev != data.parent.stat().st_dev
        store = FilesystemStore(data, Path(other) / "public")
        store.prepare()
        put(store, KEY, MIB)
        for _ in range(2):
            store.publish(KEY, PUBLIC, content_type="image/webp")
        published = store.public_path(PUBLIC)
        assert published is not None
        assert mode(published) == 0o644
        with store.open_public(PUBLIC) as stream:
            assert stream.read() == b"x" * MIB
        assert files(Path(other)) == [published]


def test_a_link_is_as_young_as_its_linking(disk: ObjectStore) -> None:
    put(disk, KEY, 10)
    path = disk.local_path(KEY)
    assert path is not None
    os.utime(path, (0, 0))
    before = int(time.time() * 1000) - 1000
    disk.publish(KEY, PUBLIC, content_type="image/webp")
    assert next(disk.list_public()).modified_ms >= before


def test_beyond_the_quota_nothing_is_kept(data: Path) -> None:
    store = prepared({"DATA_DIR": str(data), "STORE_QUOTA_MB": "1"})
    put(store, "staging/one", 700_000)
    with pytest.raises(NoSpace, match="STORE_QUOTA_MB"):
        put(store, "staging/two", 700_000)
    assert [found.key for found in store.list("")] == ["staging/one"]
    assert len(files(data)) == 1
    put(store, "staging/small", 300_000)
    store.delete("staging/small")
    store.delete("staging/one")
    put(store, "staging/two", 1_000_000)
    put(store, "staging/two", 20_000)
    put(store, "staging/three", 1_000_000)


def test_published_links_count_once_towards_the_quota(data: Path) -> None:
    environ = {"DATA_DIR": str(data), "STORE_QUOTA_MB": "1"}
    store = prepared(environ)
    put(store, KEY, 600_000)
    store.publish(KEY, PUBLIC, content_type="image/webp")
    put(prepared(environ), "staging/one", 400_000)
    store.delete(KEY)
    with pytest.raises(NoSpace):
        put(prepared(environ), "staging/two", 400_000)


def test_what_other_processes_write_counts_after_a_scan(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"DATA_DIR": str(data), "STORE_QUOTA_MB": "1"}
    one, other = prepared(environ), prepared(environ)
    put(one, "staging/one", 10)
    put(other, "staging/other", 900_000)
    monkeypatch.setattr(quota, "_SCAN_EVERY_S", 0.0)
    with pytest.raises(NoSpace):
        put(one, "staging/two", 300_000)


def test_what_is_made_of_what_came_in_counts_and_is_never_refused(data: Path) -> None:
    store = prepared({"DATA_DIR": str(data), "STORE_QUOTA_MB": "1"})
    assert store.left() == MIB
    put(store, "staging/one", 1_000_000)
    put(store, KEY, 100_000)
    assert store.left() == 0
    with pytest.raises(NoSpace):
        put(store, "staging/two", 10)
    store.delete(KEY)
    put(store, "staging/two", 10)
    assert prepared({"DATA_DIR": str(data)}).left() is None


FULL_DISK = """
import resource, subprocess, sys
from pathlib import Path
from pindeck import config, storage
from pindeck.errors import NoSpace, Upstream

folder, kind = Path(sys.argv[1]), sys.argv[2]
if kind == "tmpfs":
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**21, 2**21))
store = storage.from_settings(config.load({"DATA_DIR": str(folder / "data")}))
store.prepare()
store.put("staging/kept", [b"k" * 1000], content_type="image/png")
for key in ("staging/kept", "staging/new"):
    try:
        store.put(key, (b"x" * 65536 for _ in range(64)), content_type="image/png")
    except NoSpace as error:
        print(error.message)
left = sorted(str(path.relative_to(folder / "data")) for path in folder.rglob("*") if path.is_file())
assert left == ["files/staging/kept"], left
with store.open("staging/kept") as stream:
    assert stream.read() == b"k" * 1000
store.put("staging/small", [b"s" * 1_000_000], content_type="image/png")
store.check()
"""


def own_mounts() -> list[str]:
    """The command that runs another with mounts of its own, or nothing where that is forbidden."""
    for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        probe = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        try:
            if subprocess.run(probe, capture_output=True).returncode == 0:
                return command
        except FileNotFoundError:
            break
    return []


def test_on_a_full_disk_nothing_is_kept(tmp_path: Path) -> None:
    # Where no small disk can be mounted, a limit on the size of files makes the same write fail.
    unshare = own_mounts()
    kind = "tmpfs" if unshare else "limit"
    done = subprocess.run(
        [*unshare, sys.executable, "-c", FULL_DISK, str(tmp_path), kind], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["The disk is full: nothing was kept. Make room and try again."] * 2


def test_preparing_removes_what_dead_writers_left_and_nothing_else(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = prepared({"DATA_DIR": str(data)})
    drafts = data / "files" / ".tmp"
    (drafts / "left").write_bytes(b"half a picture")

    def slow() -> Iterator[bytes]:
        yield b"first half, "
        store.prepare()
        yield b"second half"

    store.prepare()
    assert (drafts / "left").exists()
    monkeypatch.setattr("pindeck.storage.folder._DRAFT_AGE_S", -1.0)
    store.put("staging/one", slow(), content_type="image/png")
    assert not (drafts / "left").exists()
    with store.open("staging/one") as stream:
        assert stream.read() == b"first half, second half"


def test_what_is_no_object_is_not_listed(disk: ObjectStore, data: Path) -> None:
    put(disk, "staging/one", 1)
    (data / "files" / "lost+found").mkdir()
    (data / "files" / ".DS_Store").write_bytes(b"x")
    (data / "files" / "staging" / "a b").write_bytes(b"x")
    assert [found.key for found in disk.list("")] == ["staging/one"]


def test_importing_and_choosing_a_store_touches_nothing(data: Path) -> None:
    storage.from_settings(config.load({"DATA_DIR": str(data)}))
    assert not data.exists()


def test_a_folder_that_is_gone_does_not_answer(data: Path) -> None:
    store = storage.from_settings(config.load({"DATA_DIR": str(data)}))
    with pytest.raises(Upstream):
        store.answer()
    store.prepare()
    store.answer()
