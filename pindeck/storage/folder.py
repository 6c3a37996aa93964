"""A folder of objects: atomic writes, hard links and ordered listing, each durable on return."""

import errno
import os
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pindeck import locks
from pindeck.errors import NoSpace, NotFound, Upstream
from pindeck.storage.base import ObjectInfo
from pindeck.storage.keys import check_key, check_prefix, is_segment

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Answers of file systems that cannot link these two places, or cannot link at all.
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}
_DRAFT_AGE_S = 60.0


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the disk says into our words."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("There is no such object in the store.") from error
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpace("The disk is full: nothing was kept. Make room and try again.") from error
        raise Upstream(f"The file store cannot be used: {error.strerror}.") from error


class Draft:
    """A file that is being written and has no key yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        # The lock goes with the process, so what `sweep` can lock belongs to nobody any more.
        locks.lock(self._file)

    def write(self, data: bytes) -> None:
        """Append all of `data`. Raises NoSpace, Upstream."""
        rest = memoryview(data)
        with disk_errors():
            while rest:
                rest = rest[os.write(self._file, rest) :]

    def seal(self, size: int, mode: int) -> None:
        """Make the bytes durable. Raises Upstream if the disk does not hold `size` of them."""
        with disk_errors():
            os.fchmod(self._file, mode)
            os.fsync(self._file)
            if os.fstat(self._file).st_size != size:
                raise Upstream("The disk did not keep all bytes that were written. Try again.")

    def close(self) -> None:
        os.close(self._file)


class Folder:
    """Objects below `root`. `shared` makes them readable by other users, such as a front server's."""

    def __init__(self, root: Path, *, shared: bool) -> None:
        # Flask resolves relative paths against the package, so none may leave this module.
        self.root = root.absolute()
        self._drafts = self.root / ".tmp"
        self._shared = shared
        self.file_mode = 0o644 if shared else 0o600
        self._folder_mode = 0o755 if shared else 0o700

    def path(self, key: str) -> Path:
        """Where the object lies. Raises Invalid for a key that is none."""
        return self.root / check_key(key)

    def prepare(self) -> None:
        """Make the folder and remove what writers that died have left."""
        with disk_errors():
            self._make(self._drafts)
            for path in self._drafts.iterdir():
                self._sweep(path)

    def answer(self) -> None:
        """Raises Upstream where objects can be neither found nor put."""
        if not self.root.is_dir() or not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise Upstream("The file store cannot be used: its folder is missing or closed to this program.")

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """A new draft; it is gone afterwards unless `place` gave it a key."""
        with disk_errors():
            self._make(self._drafts)
            draft = Draft(self._drafts / uuid.uuid4().hex)
        try:
            yield draft
        finally:
            draft.close()
            draft.path.unlink(missing_ok=True)

    def place(self, draft: Path, key: str) -> None:
        """Give a sealed draft of this folder its key, over whatever lies there."""
        target = self.path(key)
        with disk_errors():
            self._make(target.parent)
            draft.replace(target)
            _sync(target.parent)

    def link(self, source: Path, key: str) -> bool:
        """Put a hard link to `source` under `key`. False where the file system cannot do that."""
        draft = self._drafts / uuid.uuid4().hex
        with disk_errors():
            self._make(self._drafts)
            try:
                os.link(source, draft)
            except OSError as error:
                if error.errno in _NO_LINK:
                    return False
                raise
        try:
            if self._shared:
                # Links share one mode; the folders of the other place are closed, so that stays private.
                with disk_errors():
                    draft.chmod(self.file_mode)
            self.place(draft, key)
        finally:
            # Renaming one link over another of the same file does nothing and leaves both.
            draft.unlink(missing_ok=True)
        return True

    def delete(self, key: str) -> int:
        """Remove an object and return the bytes that became free."""
        path = self.path(key)
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return 0
            path.unlink()
            _sync(path.parent)
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise Upstream(f"The object cannot be removed: {error.strerror}.") from error
        return found.st_size if found.st_nlink == 1 else 0

    def stat(self, key: str) -> ObjectInfo | None:
        path = self.path(key)
        try:
            with disk_errors():
                found = path.stat()
        except NotFound:
            return None
        return _info(key, found) if stat.S_ISREG(found.st_mode) else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Objects whose keys begin with `prefix`, ordered by key as S3 orders them."""
        folder = check_prefix(prefix).rpartition("/")[0]
        yield from self._walk(self.root / folder, f"{folder}/" if folder else "", prefix)

    def _walk(self, folder: Path, parent: str, prefix: str) -> Iterator[ObjectInfo]:
        try:
            with disk_errors(), os.scandir(folder) as entries:
                # A folder sorts as its name with a slash, because that is how its keys go on.
                names = sorted(
                    entry.name + ("/" if entry.is_dir() else "") for entry in entries if is_segment(entry.name)
                )
        except NotFound:
            return
        for name in names:
            key = parent + name
            if name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._walk(folder / name, key, prefix)
            # An object may be deleted while the list is being read.
            elif key.startswith(prefix) and (found := self.stat(key)):
                yield found

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder == self.root:
            folder.parent.mkdir(parents=True, exist_ok=True)
        else:
            self._make(folder.parent)
        mode = 0o700 if folder == self._drafts else self._folder_mode
        try:
            folder.mkdir(mode)
        except FileExistsError:
            return
        # The umask has had its say in mkdir, and a front server must get in whatever it is.
        folder.chmod(mode)
        _sync(folder.parent)

    def _sweep(self, path: Path) -> None:
        try:
            # The change time, as the other times of a link are those of its source.
            if time.time() - path.stat().st_ctime < _DRAFT_AGE_S:
                return
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            if locks.lock(file, waits=False):
                path.unlink(missing_ok=True)
        finally:
            os.close(file)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _info(key: str, found: os.stat_result) -> ObjectInfo:
    # A link keeps the modification time of its source; the change time is that of the linking.
    return ObjectInfo(key, found.st_size, found.st_ctime_ns // 1_000_000)
