"""Which workers of this machine live: each holds a lock on a file of its own, which the kernel opens when it dies.

The lock is shared with the children that a worker forks, so it opens when the last of them is gone as well. A folder
that was copied has files whose locks were left behind, and says nothing about those who hold them. Standard library only.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pindeck import locks

ENDING = ".lock"


def take(folder: Path) -> str:
    """A name for this process, held until it and all its children have ended. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        name = uuid.uuid4().hex
        path = folder / f"{name}{ENDING}"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)  # closed by nobody but the kernel
        locks.lock(lock)
        if path.exists():
            os.write(lock, _identity(lock))
            return name
        os.close(lock)  # a worker that tidied up took it for one of the dead


def dead(folder: Path, *, is_shared: bool) -> Iterator[str]:
    """The names of those that have ended; each is forgotten once the loop comes back for the next.

    A copy of a file belongs to a worker that may live beside the original. Where the jobs lie in a database that both
    folders share (`is_shared`) it is forgotten and not named; where the database was copied as well, nobody works on it.
    """
    try:
        paths = sorted(folder.glob(f"*{ENDING}"))
    except OSError:
        return
    for path in paths:
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                if not locks.lock(lock, waits=False):
                    continue
                if not (is_shared and _is_copy(lock)):
                    yield path.name.removesuffix(ENDING)
                path.unlink()
            finally:
                os.close(lock)


def _identity(lock: int) -> bytes:
    found = os.fstat(lock)
    return f"{found.st_dev}:{found.st_ino}\n".encode()


def _is_copy(lock: int) -> bool:
    """Those of earlier versions are empty and count as what they seem."""
    written = os.pread(lock, 100, 0)
    return written not in (b"", _identity(lock))
