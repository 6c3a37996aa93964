"""Take a backup while the application works.

Bytes first, then all rows in one snapshot, then the bytes that came in between. What the snapshot names and
somebody has deleted for good since is written down, so that a restore leaves it out.
"""

from dataclasses import replace
from pathlib import Path

from pindeck import __version__, db, storage
from pindeck.config import Settings
from pindeck.db import dialect, migrate
from pindeck.db.dialect import quoted
from pindeck.errors import Conflict, Invalid
from pindeck.services.backup import rows
from pindeck.services.backup.archive import Archive, Manifest, object_key
from pindeck.services.backup.objects import MADE_OF_BLOBS, Copier, Fault, Stored, gone, listed
from pindeck.services.backup.report import Progress, Report, silently
from pindeck.services.backup.rows import Row


def backup(
    settings: Settings,
    folder: Path,
    *,
    verify: bool = False,
    prune: bool = False,
    progress: Progress = silently,
) -> Report:
    """Write a backup to a folder, or bring the one that is there up to date; again after an interruption.

    Objects that lie there are not read again unless `verify` asks for it. With `prune` those that nothing
    names any more are removed. Raises Invalid, Conflict, NoSpace or Upstream; what is damaged is reported.
    """
    _check_place(settings, folder)
    check_schema()
    archive = Archive(folder)
    with archive.held():
        copier = Copier(
            storage.current(),
            archive.files,
            target_key=lambda stored: object_key(stored.sha256),
            by_hash=True,
            verify=verify,
        )
        copy_present(copier, progress)
        manifest = write_rows(archive, progress)
        faults = copy_rest(copier, archive, manifest, progress)
        manifest = replace(manifest, faults=tuple(faults))
        archive.seal(manifest)
        if prune:
            archive.prune(archive.stored(manifest))
    return report_of(manifest, copier)


def _check_place(settings: Settings, folder: Path) -> None:
    place = folder.resolve()
    for own in (settings.files_dir, settings.public_dir):
        if place == own.resolve() or own.resolve() in place.parents:
            raise Invalid(f"{folder} is where Pindeck keeps its own files. Name a folder elsewhere, on another disk.")


def check_schema() -> None:
    """Raises Conflict unless the database has exactly this version's schema."""
    db.connect()
    if migrate.unknown():
        raise Conflict("The database was written by a newer Pindeck. Use that version.")
    if migrate.pending():
        raise Conflict("The database is older than this version. Run: pindeck migrate")


def known_schema() -> tuple[str, ...]:
    """The migrations of this version."""
    return tuple(sorted(path.stem for path in db.migrations_dir().glob("[0-9]*.py")))


def copy_present(copier: Copier, progress: Progress) -> None:
    """The long part, without a snapshot; whatever goes wrong here is tried again by `copy_rest`."""
    read, tables = rows.reader(), ("blob", *MADE_OF_BLOBS)
    total = sum(_count(table) for table in tables)
    copier.run(listed(read, tables), lambda done: progress("Pictures", done, max(total, done)))


def write_rows(archive: Archive, progress: Progress) -> Manifest:
    """Every row of one moment."""
    manifest_id, taken_at = db.new_id(), db.now_ms()
    written: dict[str, tuple[int, str]] = {}
    with db.reading():
        applied = db.sql("SELECT name FROM schema_migration ORDER BY name").fetchall()
        travelling = rows.tables()
        counts = {table.name: _count(table.name) for table in travelling}
        done, total = 0, sum(counts.values())
        for table in travelling:
            said = archive.write_rows(manifest_id, table.name, rows.read(table))
            written[table.name] = (counts[table.name], said.sha256)
            done += counts[table.name]
            progress("Rows", done, total)
    manifest = Manifest(
        id=manifest_id,
        pindeck=__version__,
        schema=tuple(name for (name,) in applied),
        engine=dialect.name(),
        taken_at=taken_at,
        tables=written,
        objects=0,
    )
    return replace(manifest, objects=sum(1 for _ in archive.stored(manifest)))


def copy_rest(copier: Copier, archive: Archive, manifest: Manifest, progress: Progress) -> list[Fault]:
    """What the snapshot names and is not copied yet; what is missing or damaged after a second look."""
    faults = copier.run(archive.stored(manifest), lambda done: progress("Newer pictures", done, manifest.objects))
    left = [_second_look(copier, fault) for fault in faults]
    return [fault for fault in left if fault is not None]


def _second_look(copier: Copier, fault: Fault) -> Fault | None:
    """A job may have filed the bytes under another key, or somebody deleted them for good."""
    row = _present(fault.stored)
    if row is None or row["sha256"] != fault.stored.sha256:
        return gone(fault)
    again = copier.again(fault.stored, str(row["object_key"]))
    return again if again is None or _present(fault.stored) == row else gone(again)


def _present(stored: Stored) -> Row | None:
    """The row of an object as it is now; None when it is gone or about to go."""
    sql = (
        f"SELECT o.object_key, o.sha256 FROM {quoted(stored.table)} o"
        f" JOIN blob b ON b.id = {'o.id' if stored.is_original else 'o.blob_id'}"
        " WHERE o.id = :id AND b.state = 'live'"
    )
    found = db.sql(sql, id=stored.id).fetchone()
    return None if found is None else {"object_key": found[0], "sha256": found[1]}


def _count(table: str) -> int:
    found: int = db.sql(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]
    return found


def report_of(manifest: Manifest, copier: Copier) -> Report:
    return Report(
        tables={name: count for name, (count, _) in manifest.tables.items()},
        objects=manifest.objects - len(manifest.faults),
        copied=copier.copied,
        copied_bytes=copier.copied_bytes,
        faults=manifest.faults,
    )
