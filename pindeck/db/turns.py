"""Whose turn it is to write to SQLite, in the order of asking.

SQLite lets a waiting writer sleep and look again, a tenth of a second at a time once it has waited for a while; with
eight clients that is where the slowest twentieth of all changes spend their time. A lock of the operating system wakes
the next one at once. It is a courtesy only: a writer that does not ask is kept out by SQLite itself.
"""

import os
import threading
import weakref
from pathlib import Path

from pindeck import locks


class WriteLock:
    """One writer at a time among the threads of this process and all processes of this machine.

    The lock ends with the process that holds it, however it ends, and its file is closed with this object. Not to be asked for twice by one thread.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._opening = threading.Lock()
        self._mine = threading.Lock()
        self._holder: int | None = None
        self._file: int | None = None
        self._pid = 0

    def take(self, *, waits: bool = True) -> bool:
        """Wait for the turn. False when another thread had it for too long; SQLite then says so itself.

        Without waiting it is False when anybody has it.
        """
        with self._opening:
            if self._pid != os.getpid():  # a lock that is inherited through a fork would let both in
                self._mine, self._holder, self._pid = threading.Lock(), None, os.getpid()
                self._file = locks.open_file(self._path)
                weakref.finalize(self, os.close, self._file).atexit = False
        if not self._mine.acquire(timeout=self._timeout_s if waits else 0):
            return False
        self._holder = threading.get_ident()
        if not locks.lock(self._file, waits=waits):  # type: ignore[arg-type]
            self._holder = None
            self._mine.release()
            return False
        return True

    def give_back(self) -> None:
        """Let the next one write. A thread that has not got the turn changes nothing."""
        if self._holder == threading.get_ident():
            self._holder = None
            locks.unlock(self._file)  # type: ignore[arg-type]
            self._mine.release()
