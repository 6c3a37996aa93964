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

    Who waits stands in a line: who writes one transaction after the other gives way to the first in it between two of them.
    The lock ends with the process that holds it, however it ends, and its files are closed with this object. Not to be asked for twice by one thread.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._opening = threading.Lock()
        self._reset()
        self._pid = 0

    def _reset(self) -> None:
        self._line, self._mine = threading.Lock(), threading.Lock()
        self._holder: int | None = None

    def take(self, *, waits: bool = True) -> bool:
        """Wait for the turn. False when another thread had it for too long; SQLite then says so itself.

        Without waiting it is False when anybody has it, or waits for it.
        """
        with self._opening:
            if self._pid != os.getpid():  # a lock that is inherited through a fork would let both in
                self._reset()
                self._pid = os.getpid()
                self._file, self._ahead = locks.open_file(self._path), locks.open_file(self._path.with_suffix(".line"))
                for file in (self._file, self._ahead):
                    weakref.finalize(self, os.close, file).atexit = False
        timeout_s = self._timeout_s if waits else 0
        if not self._line.acquire(timeout=timeout_s):
            return False
        try:
            return self._mine.acquire(timeout=timeout_s) and self._first_of_all(waits)
        finally:
            self._line.release()

    def _first_of_all(self, waits: bool) -> bool:
        """The turn among all processes; this one's is let go without it, also when a limit of time ends the wait."""
        took = False
        try:
            took = self._after_others(waits)
        finally:
            if not took:
                self._mine.release()
        return took

    def _after_others(self, waits: bool) -> bool:
        """The first in the line of all processes has the next turn; the others wait for the line."""
        if not locks.lock(self._ahead, waits=waits):
            return False
        try:
            if not locks.lock(self._file, waits=waits):
                return False
        finally:
            locks.unlock(self._ahead)
        self._holder = threading.get_ident()
        return True

    def give_back(self) -> None:
        """Let the next one write. A thread that has not got the turn changes nothing."""
        if self._holder == threading.get_ident():
            self._holder = None
            locks.unlock(self._file)
            self._mine.release()
