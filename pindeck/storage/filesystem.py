"""Objects as files on this machine's disk: the default."""

import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from pindeck.errors import NotFound
from pindeck.storage.base import (
    CHUNK,
    Measured,
    ObjectInfo,
    Stream,
    Written,
    check_by_writing,
    check_range,
)
from pindeck.storage.folder import Folder, disk_errors
from pindeck.storage.keys import STAGING_PREFIX, check_key
from pindeck.storage.quota import Quota


class FileReader:
    """A file, or a range of it, as a stream that closes with its `with` block."""

    def __init__(self, path: Path, start: int, length: int | None) -> None:
        with disk_errors():
            self._file: BinaryIO = path.open("rb")
            if start:
                self._file.seek(start)
        self._left = length

    def read(self, size: int = -1, /) -> bytes:
        if self._left is not None:
            size = self._left if size < 0 else min(size, self._left)
        with disk_errors():
            data = self._file.read(size)
        if self._left is not None:
            self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "FileReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FilesystemStore:
    """Files below `root`, published copies below `public_root`. Content types are not kept.

    The quota refuses what comes in, which is what is staged; what is made of it counts and is never refused.
    """

    def __init__(self, root: Path, public_root: Path, *, quota_bytes: int = 0) -> None:
        self._private = Folder(root, shared=False)
        self._public = Folder(public_root, shared=True)
        self._quota = Quota(quota_bytes, (self._private.root, self._public.root))

    def put(
        self,
        key: str,
        stream: Stream,
        *,
        content_type: str,
        cache_control: str | None = None,
        limit: int | None = None,
        expect_sha256: str | None = None,
    ) -> Written:
        return self._write(self._private, key, Measured(stream, limit), expect_sha256)

    def open(self, key: str, start: int = 0, length: int | None = None) -> FileReader:
        check_range(start, length)
        return _reader(self._private.path(key), start, length)

    def stat(self, key: str) -> ObjectInfo | None:
        return self._private.stat(key)

    def copy(self, source: str, target: str) -> None:
        self._copy(source, self._private, target)

    def delete(self, key: str) -> None:
        self._quota.give_back(self._private.delete(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._private.list(prefix)

    def publish(self, key: str, public_key: str, *, content_type: str) -> None:
        self._copy(key, self._public, public_key)

    def unpublish(self, public_key: str) -> None:
        self._quota.give_back(self._public.delete(public_key))

    def open_public(self, public_key: str) -> FileReader:
        return _reader(self._public.path(public_key), 0, None)

    def public_path(self, public_key: str) -> Path | None:
        return _existing(self._public.path(public_key))

    def list_public(self) -> Iterator[ObjectInfo]:
        return self._public.list("")

    def local_path(self, key: str) -> Path | None:
        return _existing(self._private.path(key))

    def presigned_get(self, key: str, *, seconds: int, content_type: str, filename: str | None = None) -> str | None:
        check_key(key)
        return None

    def left(self) -> int | None:
        return self._quota.left()

    def prepare(self) -> None:
        self._private.prepare()
        self._public.prepare()

    def answer(self) -> None:
        for folder in (self._private, self._public):
            folder.answer()

    def check(self) -> None:
        check_by_writing(self)

    def _write(self, folder: Folder, key: str, measured: Measured, expect_sha256: str | None) -> Written:
        target = folder.path(key)
        with folder.draft() as draft, self._quota.grant(refuses=key.startswith(STAGING_PREFIX)) as grant:
            for chunk in measured:
                grant.take(len(chunk))
                draft.write(chunk)
            written = measured.written(expect_sha256)
            draft.seal(written.size, folder.file_mode)
            freed = _size_if_single(target)
            folder.place(draft.path, key)
        self._quota.give_back(freed)
        return written

    def _copy(self, source: str, folder: Folder, target: str) -> None:
        folder.path(target)
        path = self._private.path(source)
        if _existing(path) is None:
            raise NotFound("There is no such object in the store.")
        if folder.link(path, target):
            return
        with _reader(path, 0, None) as reader:
            self._write(folder, target, Measured(iter(lambda: reader.read(CHUNK), b""), None), None)


def _reader(path: Path, start: int, length: int | None) -> FileReader:
    if _existing(path) is None:
        raise NotFound("There is no such object in the store.")
    return FileReader(path, start, length)


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def _size_if_single(path: Path) -> int:
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 else 0
