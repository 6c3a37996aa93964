"""The schema's versions: applied once, whichever process comes first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from playhouse.migrations import Runner

from pindeck import data_folder, db
from pindeck.config import Settings

LOCK = 0x50494E44  # any number; the same in every process


def runner() -> Runner:
    return Runner(db.database.obj, str(db.migrations_dir()))


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Only one process migrates at a time: an advisory lock on PostgreSQL, a file lock beside SQLite."""
    if settings.is_postgres:
        db.sql("SELECT pg_advisory_lock(:lock)", lock=LOCK)
        try:
            yield
        finally:
            db.sql("SELECT pg_advisory_unlock(:lock)", lock=LOCK)
        return
    settings.make_data_dir()
    data_folder.touch(lock := settings.data_dir / "migrate.lock")
    with open(lock, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def migrate(settings: Settings) -> list[str]:
    """Bring the database up to this version; the names of what was applied."""
    db.connect()
    with alone(settings):
        return list(runner().up())


def pending() -> list[str]:
    """Migrations this version has and the database has not."""
    return [m.name for m in runner().status() if m.path is not None and not m.applied]


def unknown() -> list[str]:
    """Migrations the database has and this version has not: it was written by a newer one."""
    return [m.name for m in runner().status() if m.path is None]
