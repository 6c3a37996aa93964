"""How much the files on disk may take, known without looking at all of them at each write."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pindeck.errors import NoSpace

_SCAN_EVERY_S = 30.0


class Grant:
    """Bytes that one writer has taken from the quota so far."""

    def __init__(self, quota: "Quota", refuses: bool) -> None:
        self._quota = quota
        self._refuses = refuses
        self.taken = 0

    def take(self, size: int) -> None:
        """Take `size` bytes more. Raises NoSpace, unless what is written is never refused."""
        self._quota.take(size, refuses=self._refuses)
        self.taken += size


class Quota:
    """A running figure of this process, refreshed by a scan so that other processes' writes count too."""

    def __init__(self, limit: int, roots: tuple[Path, ...]) -> None:
        self._limit = limit
        self._roots = roots
        self._used = 0
        self._scanned_at: float | None = None
        self._lock = threading.Lock()

    @contextmanager
    def grant(self, *, refuses: bool) -> Iterator[Grant]:
        """Room for one object. What was taken is given back when writing it fails."""
        grant = Grant(self, refuses)
        try:
            yield grant
        except BaseException:
            self.give_back(grant.taken)
            raise

    def take(self, size: int, *, refuses: bool = True) -> None:
        """Count `size` bytes as used. Raises NoSpace when there is no room for them and it `refuses`."""
        if not self._limit:
            return
        with self._lock:
            if refuses:
                self._scan_if_old()
            if refuses and self._used + size > self._limit:
                raise NoSpace(
                    f"The store is full: its quota is {self._limit // 2**20} MiB. Nothing was kept. "
                    "Delete pictures for good or raise STORE_QUOTA_MB."
                )
            self._used += size

    def left(self) -> int | None:
        """Bytes that may still be taken; None without a limit."""
        if not self._limit:
            return None
        with self._lock:
            self._scan_if_old()
            return max(0, self._limit - self._used)

    def _scan_if_old(self) -> None:
        now = time.monotonic()
        if self._scanned_at is None or now - self._scanned_at > _SCAN_EVERY_S:
            self._used = space_used(self._roots)
            self._scanned_at = time.monotonic()

    def give_back(self, size: int) -> None:
        """Count `size` bytes as free again."""
        with self._lock:
            self._used = max(0, self._used - size)


def space_used(roots: tuple[Path, ...]) -> int:
    """Bytes of all files below the folders; a file with several links counts once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                try:
                    found = (Path(folder) / name).stat()
                except OSError:
                    continue
                if found.st_nlink > 1:
                    if (found.st_dev, found.st_ino) in seen:
                        continue
                    seen.add((found.st_dev, found.st_ino))
                total += found.st_size
    return total
