"""The schema's versions: applied once, whichever process comes first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pindeck import db, locks
from pindeck.config import Settings

if TYPE_CHECKING:
    from playhouse.migrations import Runner


def runner() -> "Runner":
    from playhouse.migrations import Runner  # loads psycopg, and a web process asks for no migration

    return Runner(db.database.obj, str(db.migrations_dir()))


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Only one process migrates at a time: an advisory lock on PostgreSQL, a file lock beside SQLite."""
    lock = settings.data_dir / "migrate.lock"
    if settings.is_postgres:
        db.connect()  # whose connection ends, gives its lock back
    else:
        settings.make_data_dir()
    with db.alone(locks.MIGRATIONS, lock):
        db.connect()  # a new file of SQLite is opened by one after the other: becoming a WAL file waits for nobody
        yield


def migrate(settings: Settings) -> list[str]:
    """Bring the database up to this version; the names of what was applied."""
    with alone(settings):
        return list(runner().up())


def pending() -> list[str]:
    """Migrations this version has and the database has not."""
    return [m.name for m in runner().status() if m.path is not None and not m.applied]


def unknown() -> list[str]:
    """Migrations the database has and this version has not: it was written by a newer one."""
    return [m.name for m in runner().status() if m.path is None]
