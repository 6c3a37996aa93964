"""Locks on files, and the numbers of locks in the database. Standard library only.

The kernel gives a lock on a file back when the process that holds it ends, however it ends. A lock belongs to the open
file, so a child that is forked shares it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# PostgreSQL knows a lock by a number. All of ours stand here, so that no two are the same.
MIGRATIONS = 0x50494E44  # of every version, because two of them may start at once
DEMO = 0x50494E45
PICTURES = 0x70696E << 32  # and the numbers after it, one for each of some pictures
NAMES = 0x70696F  # goes with the hash of a name


def open_file(path: Path) -> int:
    """A file to lock, made if there is none, for this user alone. Raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file to lock inside the block; its end gives the lock back. Raises OSError."""
    file = open_file(path)
    try:
        yield file
    finally:
        os.close(file)


def lock(file: int, *, waits: bool = True) -> bool:
    """Lock an open file, until it is closed or unlocked. Without waiting it is False when somebody else has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(file: int) -> None:
    """Give the lock back; the file stays open."""
    fcntl.flock(file, fcntl.LOCK_UN)
