"""Move a library to another database, and to another store if that changes too: the source is only read.

Rows take the way of a backup, through a temporary folder; bytes go from store to store.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from pindeck import db, storage
from pindeck.config import Settings
from pindeck.errors import Invalid
from pindeck.services.backup import load, take
from pindeck.services.backup.archive import Archive
from pindeck.services.backup.objects import Copier, Fault
from pindeck.services.backup.report import Progress, Report, silently
from pindeck.storage import ObjectStore


def move(
    settings: Settings,
    target: Settings,
    *,
    verify: bool = False,
    overwrite: bool = False,
    progress: Progress = silently,
) -> Report:
    """Copy everything from the installation in use to the one that `target` names; again after an interruption.

    What changes meanwhile may stay behind, so the application should be stopped. Raises Conflict when there
    is a library at the target already, Invalid when the target is the source.
    """
    if _database_of(settings) == _database_of(target):
        raise Invalid("This database is the one in use. Name another one to move to.")
    take.check_schema()
    moves_bytes = _store_of(settings) != _store_of(target)
    source_store = storage.current()
    store = storage.from_settings(target) if moves_bytes else source_store
    copier = Copier(source_store, store, verify=verify, overwrite=overwrite)
    database = db.make(target)
    with _bound(database, store):
        load.begin(target, take.known_schema())
    settings.make_data_dir()
    with tempfile.TemporaryDirectory(prefix=".moving-", dir=settings.data_dir) as folder:
        archive = Archive(Path(folder) / "rows")
        faults: list[Fault] = []
        if moves_bytes:
            take.copy_present(copier, progress)
        manifest = take.write_rows(archive, progress)
        if moves_bytes:
            faults = take.copy_rest(copier, archive, manifest, progress)
        with _bound(database, store):
            load.load(archive, manifest, faults, progress)
            load.finish(target, progress, republish=moves_bytes)
    return Report(
        tables={name: count for name, (count, _) in manifest.tables.items()},
        objects=manifest.objects - len(faults) if moves_bytes else 0,
        copied=copier.copied,
        copied_bytes=copier.copied_bytes,
        faults=tuple(faults),
    )


def _database_of(settings: Settings) -> str:
    return settings.database_url or str(settings.sqlite_path.resolve())


def _store_of(settings: Settings) -> str:
    s3 = f"{settings.minio_endpoint}/{settings.minio_bucket}"
    return s3 if settings.is_s3 else str(settings.files_dir.resolve())


@contextmanager
def _bound(database: peewee.Database, store: ObjectStore) -> Iterator[None]:
    """Services speak to the target for a while."""
    before, store_before = db.database.obj, storage.current()
    db.close()
    db.bind(database)
    storage.bind(store)
    try:
        db.connect()
        yield
    finally:
        db.close()
        db.bind(before)
        storage.bind(store_before)
        db.connect()
