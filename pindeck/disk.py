"""Room on a local disk: how much is free, and a file that is given back when nothing is."""

import contextlib
import os
import shutil
from pathlib import Path

BALLAST_BYTES = 16 * 2**20
LOW_BYTES = 4 * 2**20  # less than this and a change of the database may fail


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write below `folder`. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def total_bytes(folder: Path) -> int:
    """The size of the disk. Raises OSError."""
    return shutil.disk_usage(folder).total


class Ballast:
    """A file of no use but its size. On a disk that others have filled to the last byte even deleting fails,
    because SQLite writes what it is about to do; giving the file back makes room for that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def give_back_if_low(self) -> bool:
        """Remove it when next to nothing is free; whether it was there and is gone. Never raises."""
        with contextlib.suppress(OSError):
            if free_bytes(self._path.parent) < LOW_BYTES:
                self._path.unlink()
                return True
        return False

    def make(self) -> None:
        """Lay it down again, unless it is there or the disk does not take it."""
        with contextlib.suppress(OSError):
            if self._path.stat().st_size == BALLAST_BYTES:
                return
            self._path.unlink()  # whoever made it was killed
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError:  # another worker makes it
            return
        try:
            _fill(file)
        except OSError:
            self._path.unlink(missing_ok=True)
        finally:
            os.close(file)


def _fill(file: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, BALLAST_BYTES)
        return
    for _ in range(BALLAST_BYTES // 2**20):
        os.write(file, bytes(2**20))
