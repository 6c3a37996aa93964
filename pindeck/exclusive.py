"""What only one process may do at a time, on every machine that shares the database.

PostgreSQL holds such a lock itself. SQLite is a file of one machine, so there it is a lock on a file beside it. Both
end with whoever holds them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pindeck import db, file_locks
from pindeck.errors import Busy

# PostgreSQL knows a lock by one number, or by a kind and a number. All of ours are here, so that no two are the same.
MIGRATIONS = 0x50494E44  # alone; every version uses this one, because two versions may start at once
PICTURES = 0x70696E  # a kind
TURNS = 0x70696F  # a kind

LOOK_S = 0.02


@contextmanager
def migrating(file: Path) -> Iterator[None]:
    """Wait until nobody else changes the schema. `file` is what is locked beside SQLite."""
    if db.is_postgres():
        db.sql("SELECT pg_advisory_lock(:lock)", lock=MIGRATIONS)
        try:
            yield
        finally:
            db.sql("SELECT pg_advisory_unlock(:lock)", lock=MIGRATIONS)
        return
    with file_locks.opened(file) as opened:
        file_locks.lock(opened)
        yield


@contextmanager
def making_picture(stripe: int, wait_s: float) -> Iterator[None]:
    """Wait until nobody else is inside with this number. Not inside a transaction, and never twice in one thread.

    Raises Busy when that takes longer than `wait_s`.
    """
    if db.is_postgres():
        lock = {"kind": PICTURES, "stripe": stripe}
        _wait(lambda: db.sql("SELECT pg_try_advisory_lock(:kind, :stripe)", **lock).fetchone()[0], wait_s)
        try:
            yield
        finally:
            db.sql("SELECT pg_advisory_unlock(:kind, :stripe)", **lock)
        return
    folder = Path(db.database.database).parent / "making"
    folder.mkdir(0o700, exist_ok=True)
    with file_locks.opened(folder / f"{stripe:02}") as file:
        _wait(lambda: file_locks.lock(file, waits=False), wait_s)
        yield


def take_turn(name: str) -> None:
    """Inside a transaction: whoever asks for the same name waits until it ends. On SQLite one writer waits anyway."""
    if db.is_postgres():
        db.sql("SELECT pg_advisory_xact_lock(:kind, hashtext(:name))", kind=TURNS, name=name)


def _wait(is_mine: Callable[[], bool], wait_s: float) -> None:
    """Look again and again, because a wait inside the lock itself would have no end."""
    until = time.monotonic() + wait_s
    while not is_mine():
        if time.monotonic() > until:
            raise Busy("Somebody else has been making this for a long time.")
        time.sleep(LOOK_S)
