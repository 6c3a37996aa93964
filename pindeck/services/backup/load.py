"""Load a backup into an empty installation: bytes first, then all rows in one transaction, then what follows.

Until that transaction commits there is nothing but objects which no row names, so an interrupted restore is
run again and finds what is there. A mark in `setup` stays until the last step; rows that bear it are loaded anew.
"""

import json
from dataclasses import asdict
from pathlib import Path

from peewee import fn

from pindeck import db, queue, storage
from pindeck.config import Settings
from pindeck.db import dialect, migrate, migrate_down
from pindeck.db.dialect import quoted
from pindeck.errors import Conflict, Invalid
from pindeck.imaging.presets import EAGER
from pindeck.models import Blob, Crop, Derivative, Image, Job, Session, Setup, StoredFile
from pindeck.services.backup import rows
from pindeck.services.backup.archive import Archive, Manifest, object_key
from pindeck.services.backup.objects import Copier, Fault, Stored
from pindeck.services.backup.report import Progress, Report, silently
from pindeck.services.backup.take import known_schema
from pindeck.services.images import word_store
from pindeck.states import ImageStatus, JobStatus, PersistStatus

MARK = "restoring"
BATCH = 500
NOT_IN_BACKUP = "Its bytes were damaged or missing when the backup was taken or restored."


def restore(
    settings: Settings,
    folder: Path,
    *,
    verify: bool = False,
    overwrite: bool = False,
    progress: Progress = silently,
) -> Report:
    """Load a backup into this empty installation, or go on with a restore that was interrupted.

    Every object is hashed on its way; `verify` also reads each back. With `overwrite` the backup's bytes
    replace others under the same key. Raises Conflict when something is here already or the backup is of a
    newer version, Invalid when it is damaged in its rows. Pictures whose bytes are damaged come as broken.
    """
    archive = Archive(folder)
    manifest = archive.manifest()
    check(archive, manifest)
    copier = Copier(
        archive.files,
        storage.current(),
        source_key=lambda stored: object_key(stored.sha256),
        verify=verify,
        overwrite=overwrite,
    )
    begin(settings, manifest.schema)
    # One that an earlier version took along stays in the backup.
    if {table.name for table in rows.tables()} != set(manifest.tables) - rows.LEFT_BEHIND.keys():
        raise Invalid("The backup is damaged: it does not have the tables of its schema.")
    absent = {(fault.stored.table, fault.stored.id) for fault in manifest.faults}
    present = (stored for stored in archive.stored(manifest) if (stored.table, stored.id) not in absent)
    faults = copier.run(present, lambda done: progress("Pictures", done, manifest.objects - len(absent)))
    load(archive, manifest, [*manifest.faults, *faults], progress)
    finish(settings, progress)
    return Report(
        tables={name: count for name, (count, _) in manifest.tables.items()},
        objects=manifest.objects - len(manifest.faults) - len(faults),
        copied=copier.copied,
        copied_bytes=copier.copied_bytes,
        faults=(*manifest.faults, *faults),
    )


def check(archive: Archive, manifest: Manifest) -> None:
    """Before anything is written: the rows are those of the backup, and their keys are keys."""
    newer = sorted(set(manifest.schema) - set(known_schema()))
    if newer:
        raise Conflict(
            f"The backup was made by a newer Pindeck ({manifest.pindeck}; its schema has {', '.join(newer)}). "
            "Install that version first."
        )
    for table in manifest.tables:
        archive.check_rows(manifest, table)
    for _ in archive.stored(manifest):
        pass


def begin(settings: Settings, names: tuple[str, ...]) -> None:
    """An empty database with the schema of these migrations, and a store. Raises Conflict if it is not empty."""
    migrate.migrate(settings)
    if migrate.unknown():
        raise Conflict("The database was written by a newer Pindeck. Use that version.")
    if _mark() is not None:
        _clear()
    check_empty()
    # Rows come as that schema wants them; the migrations after it then treat them as they treat anybody's.
    later = [name for name in known_schema() if name not in names]
    if later:
        migrate_down.migrate_down(settings, later[0])
    storage.current().prepare()


def _clear() -> None:
    """Take back rows whose restore did not come to its end. Raises Conflict if somebody uses them already."""
    with db.writing():
        if Session.select().exists():
            raise Conflict("A restore was interrupted here and people have signed in since. Use an empty database.")
        for table in reversed(rows.tables()):
            db.sql(f"DELETE FROM {quoted(table.name)}")


def check_empty() -> None:
    """Raises Conflict unless there is nothing but what a migration makes."""
    for table in rows.tables():
        # The code for the first account may have been printed, and the default project is always there.
        if table.name != "setup":
            condition = " WHERE NOT is_default" if table.name == "project" else ""
            found = db.sql(f"SELECT 1 FROM {quoted(table.name)}{condition} LIMIT 1")
            if found.fetchone():
                raise Conflict("There is a library here already: a restore needs an empty database.")


def load(archive: Archive, manifest: Manifest, faults: list[Fault], progress: Progress) -> None:
    """All rows, or none. Raises Conflict when the database is not empty any more, Invalid for damaged rows."""
    done, total = 0, sum(count for count, _ in manifest.tables.values())
    with db.writing():
        dialect.begin_load(("setup", "user", "project", "blob", "image"))
        check_empty()
        tables = rows.tables()
        db.sql("DELETE FROM setup")
        db.sql("DELETE FROM project")
        for table in tables:
            count = rows.load(table, archive.read_rows(manifest, table.name))
            if count != manifest.tables[table.name][0]:
                raise Invalid(f"The backup is damaged: {table.name} does not have as many rows as were written.")
            done += count
            progress("Rows", done, total)
        Setup.delete().where(Setup.name == MARK).execute()
        Setup.insert(name=MARK, value=json.dumps([asdict(fault) for fault in faults])).execute()


def _mark() -> str | None:
    """The faults of rows that were loaded and are not finished; None when there are no such rows."""
    row = Setup.get_or_none(Setup.name == MARK)
    return row.value if row else None


def finish(settings: Settings, progress: Progress, *, republish: bool = True) -> None:
    """What follows from the rows: this version's schema, words to search, public copies, and what is broken."""
    migrate.migrate(settings)
    with db.writing():
        mark = _mark()
        if mark is None:
            return
        faults = [Fault(Stored(**fault.pop("stored")), **fault) for fault in json.loads(mark)]
        Blob.update(bucket=settings.minio_bucket).where(Blob.bucket != settings.minio_bucket).execute()
        for fault in faults:
            if fault.stored.is_original and fault.is_gone:
                _leave_out(fault.stored)
            elif fault.stored.is_original:
                _call_broken(fault.stored)
            elif fault.stored.table == "derivative":
                _make_again(fault.stored)
            else:  # made again when somebody asks for it
                Crop.delete().where(Crop.id == fault.stored.id).execute()
        if republish:
            _forget_damage()
            _publish_again()
        _index(progress)
        Setup.delete().where(Setup.name == MARK).execute()
    dialect.end_load()


def _images_of(stored: Stored) -> list[Image]:
    files = StoredFile.select(StoredFile.id).where(StoredFile.blob_id == stored.blob_id)
    return list(Image.select().where(Image.file.in_(files)))


def _leave_out(stored: Stored) -> None:
    """Deleted for good while the backup was taken: what a purge removes does not come back."""
    for image in _images_of(stored):
        Image.update(parent_id=None).where(Image.parent_id == image.id).execute()
        Image.delete().where(Image.seq == image.seq).execute()
    StoredFile.delete().where(StoredFile.blob_id == stored.blob_id).execute()
    Blob.delete().where(Blob.id == stored.blob_id).execute()


def _call_broken(stored: Stored) -> None:
    for image in _images_of(stored):
        mine = Image.seq == image.seq
        Image.update(persist_status=PersistStatus.FAILED, persist_error=NOT_IN_BACKUP, public_token=None).where(
            mine
        ).execute()
        Image.update(status=ImageStatus.BROKEN).where(mine & (Image.status == ImageStatus.ACTIVE)).execute()


def _make_again(stored: Stored) -> None:
    """A rendition is made again from the original by a worker, and the picture published after that; one that is made
    when somebody asks for it waits for that."""
    preset = Derivative.select(Derivative.preset).where(Derivative.id == stored.id).scalar()
    Derivative.delete().where(Derivative.id == stored.id).execute()
    if preset not in {eager.name for eager in EAGER}:
        return
    for image in _images_of(stored):
        again = Image.update(persist_status=PersistStatus.PENDING, public_token=None).where(
            (Image.seq == image.seq) & (Image.persist_status == PersistStatus.SUCCEEDED)
        )
        if again.execute():
            _enqueue(queue.PERSIST, [(image.id, {})])


def _forget_damage() -> None:
    """Every object was written with its right bytes, whatever it was when the backup was taken."""
    Blob.update(damaged_at=None, damage=None, damage_note=None).where(Blob.damaged_at.is_null(False)).execute()
    Derivative.update(damaged_at=None).where(Derivative.damaged_at.is_null(False)).execute()


def _publish_again() -> None:
    """Ask for public copies under the addresses they had: copies are in no backup, and links should last."""
    while published := list(
        Image.select(Image.seq, Image.id, Image.public_token).where(Image.public_token.is_null(False)).limit(BATCH)
    ):
        _enqueue(queue.PUBLISH, [(image.id, {"token": image.public_token}) for image in published])
        Image.update(public_token=None).where(Image.seq.in_([image.seq for image in published])).execute()


def _enqueue(spec: queue.JobSpec, work: list[tuple[str, dict[str, object]]]) -> None:
    """Rows that a worker's pump finds; no queue is needed for a restore."""
    now = db.now_ms()
    Job.insert_many(
        [
            dict(
                id=db.new_id(), kind=spec.kind, queue=spec.queue, image_id=image_id, payload=payload,
                dedupe_key=f"{spec.kind}:{image_id}", status=JobStatus.QUEUED, due_at=now, created_at=now,
            )
            for image_id, payload in work
        ]
    ).on_conflict_ignore().execute()  # fmt: skip


def _index(progress: Progress) -> None:
    """Write the search row of every image."""
    total = Image.select(fn.COUNT(Image.seq)).scalar()
    done, last = 0, 0
    while found := list(Image.select().where(Image.seq > last).order_by(Image.seq).limit(BATCH)):
        word_store.index(found)  # a migration may have written rows already
        done, last = done + len(found), found[-1].seq
        progress("Words", done, total)
